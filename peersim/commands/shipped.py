"""Are the models of the configuration what LiteLLM knows? Found without asking anybody."""

import os
from typing import Any

import yaml
from rich.console import Console
from rich.markup import escape

from peersim.config.models import conf_dir
from peersim.errors import PeersimError
from peersim.models.asked import Sampling
from peersim.models.base import Endpoint, ModelRef


def key_names() -> dict[str, list[str]]:
    """Return the variables that hold the keys of the shipped models, with those they serve."""
    found: dict[str, list[str]] = {}
    for name, settings in _files().items():
        if key := settings.get("key_env"):
            found.setdefault(key, []).append(name)
    return found


def any_key() -> bool:
    """Return whether any key of the shipped models is set."""
    return any(os.environ.get(name) for name in key_names())


def check_models(console: Console) -> list[str]:
    """Print of each shipped model who serves it, and whether its price is known.

    Returns:
        What would keep one from being used.
    """
    problems = []
    for name, settings in _files().items():
        try:
            said, found = _checked(settings)
        except PeersimError as error:
            said, found = "cannot be used", [str(error)]
        console.print(f"  {escape(name)}: {escape(said)}", soft_wrap=True)
        problems += [escape(f"conf/model/{name}.yaml: {problem}") for problem in found]
    return problems


def _files() -> dict[str, dict[str, Any]]:
    """Return the settings of each model's file, without those that every model has."""
    paths = sorted((conf_dir() / "model").glob("*.yaml"))
    found = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}
    return {name: settings for name, settings in found.items() if name != "base"}


def _checked(settings: dict[str, Any]) -> tuple[str, list[str]]:
    """Return what a model's settings come to, and the problems with them."""
    from peersim.models.litellm import price_of
    from peersim.models.reserved import check_extra
    from peersim.models.taken import provider_of, takes_tools, untaken

    sampling = {name: settings.get(name) for name in ("temperature", "top_p", "max_tokens")}
    ref = ModelRef(
        ref=settings["ref"],
        sampling=Sampling(**sampling),
        send_seed=settings.get("send_seed", False),
        extra=settings.get("extra") or {},
    )
    own = {name: settings.get(name) for name in ("base_url", "key_env", "price")}
    endpoint = Endpoint.model_validate(own)
    check_extra(ref)
    _, provider = provider_of(ref, endpoint)
    problems = [f"{ref.ref} takes no {name}" for name in untaken(ref, endpoint)]
    if not takes_tools(ref, endpoint):
        problems.append(f"{ref.ref} takes no tools")
    if not (endpoint.key_env or endpoint.base_url):
        problems.append(f"{ref.ref} names no variable for its key (key_env)")
    price = "price known" if price_of(ref, endpoint) else "price unknown, see model.price"
    return f"{ref.ref}, served by {endpoint.base_url or provider}, {price}", problems
