"""Is the installation sound?"""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markup import escape

from peersim import __version__
from peersim.commands.shipped import any_key, check_models, key_names
from peersim.errors import PeersimError
from peersim.store.schema import FILE, SCHEMA_VERSION, open_writable

# Versions known to break: the two uploads that stole credentials, and the line whose every
# call with tools fails.
MALICIOUS_LITELLM = ("1.82.7", "1.82.8")
BROKEN_LITELLM = ("1.92.", "1.106.")
PACKAGES = ("autogen-agentchat", "litellm", "hydra-core", "pydantic", "networkx", "wandb")


def examine(console: Console, call: Sequence[str] = (), settings: Sequence[str] = ()) -> int:
    """Print what was found.

    Args:
        console: Where to print.
        call: Models to make one cheap call of, as ``model=`` takes them.
        settings: Further overrides for these calls.

    Returns:
        0 if all is well, else 1.
    """
    problems = [*_python(), *_packages(console), *_configuration(console), *_store(console)]
    problems += _keys(console)
    if not problems:  # LiteLLM can be imported
        problems += check_models(console)
    for name in call:
        from peersim.commands.calls import call_model

        problems += call_model(name, settings, console)
    for problem in problems:
        console.print(f"[red]problem:[/] {escape(problem)}", soft_wrap=True)
    many = f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}"
    console.print(many if problems else _well(), soft_wrap=True)
    return 1 if problems else 0


def _well() -> str:
    if any_key():
        return "all is well"
    return (
        "the installation is sound, but none of these models' keys is set: only stand-ins and"
        " servers of your own can be used"
    )


def _python() -> list[str]:
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return []
    return [f"Python {sys.version.split()[0]}: use 3.11, 3.12 or 3.13"]


def _packages(console: Console) -> list[str]:
    problems = []
    console.print(f"peersim {__version__}, store schema {SCHEMA_VERSION}")
    for name in PACKAGES:
        try:
            found = version(name)
        except PackageNotFoundError:
            problems.append(f"{name} is not installed: install from requirements.lock")
            continue
        console.print(f"  {name} {found}")
        if name == "litellm" and found in MALICIOUS_LITELLM:
            problems.append(f"litellm {found} steals credentials: remove it, rotate all keys")
        if name == "litellm" and found.startswith(BROKEN_LITELLM):
            problems.append(f"litellm {found} fails on tool calls: install from requirements.lock")
    return problems


def _configuration(console: Console) -> list[str]:
    from peersim.config.models import conf_dir

    found = conf_dir()
    console.print(f"  configuration: {found}", soft_wrap=True)
    missing = not (found / "config.yaml").is_file()
    return [f"no config.yaml in {found}: install peersim again"] if missing else []


def _keys(console: Console) -> list[str]:
    """Print which keys are set; never what they are."""
    from peersim.models.keys import VARIABLE, load_keys, readable_by_others
    from peersim.models.keytext import check_key_text

    try:
        path = load_keys()
    except PeersimError as error:
        return [str(error)]
    if path and readable_by_others(path):
        console.print(f"  {VARIABLE}: others may read {path}; chmod 600 it", soft_wrap=True)
    wanted = {"WANDB_API_KEY": ["W&B online"], **key_names()}
    problems = []
    for key, users in wanted.items():
        try:
            check_key_text([key])
        except PeersimError as error:
            problems.append(str(error))
        state = "set" if os.environ.get(key) else "not set"
        console.print(f"  {key}: {state} ({', '.join(users)})", soft_wrap=True)
    return problems


def _store(console: Console) -> list[str]:
    try:
        with TemporaryDirectory(dir=Path.cwd()) as directory:
            open_writable(Path(directory) / FILE).close()
    except (OSError, PeersimError) as error:
        return [f"no store can be written here ({error}): change to another directory"]
    console.print("  a store can be written here")
    return []
