"""Secrets on the command line or in a configuration file, refused before they are kept.

Hydra writes what it composed into the run directory before our code sees it, so the command line
is looked at first, and what came from a file is taken off the disk again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from hydra.conf import HydraConf
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from peersim.errors import ConfigError
from peersim.models.keytext import named_secrets
from peersim.models.secretive import has_key_shape, has_query, has_user_info, is_secretive
from peersim.store.runs import SWEEP_FILE

ENV_SET = "hydra.job.env_set"
_EXTRA = re.compile(r"\bextra\b(.*)", re.DOTALL)
_NAME = re.compile(r"([\w-]+)['\"]?\s*:")


def check_arguments(arguments: Sequence[str]) -> None:
    """Check a command line before Hydra keeps it.

    Raises:
        ConfigError: If it holds a secret.
    """
    for argument in arguments:
        if "base_url" in argument:
            _check_address(argument)
        key, _, rest = argument.partition("=")
        _check_value(key.lstrip("+~"), argument)
        if (within := key.lstrip("+~").partition(ENV_SET)) and within[1]:
            _check_environment([within[2].lstrip("."), *_NAME.findall(rest)])
        found = _EXTRA.search(argument)
        path, _, value = found[1].partition("=") if found else ("", "", "")
        _check_names([*path.split("."), *_NAME.findall(f"{path}={value}")])


def check_composed(config: DictConfig, found: HydraConf) -> None:
    """Check a composed configuration, and take it off the disk if it holds a secret.

    Raises:
        ConfigError: If it holds one.
    """
    try:
        _check_environment(found.job.env_set or {})
        written = list(_leaves(OmegaConf.to_container(config, resolve=False)))
        # ``${oc.env:NAME}`` brings in what a variable holds.
        meant = any(isinstance(value, str) and "${" in value for _, value in written)
        secrets = named_secrets()
        for path, value in (*written, *(_leaves(_resolved(config)) if meant else ())):
            _check_leaf(path, value, secrets)
    except ConfigError:
        _forget(found)
        raise


def _resolved(config: DictConfig) -> object:
    try:
        return OmegaConf.to_container(config, resolve=True)
    except OmegaConfBaseException:
        return {}  # Whoever reads the configuration says what is wrong with it.


def _check_leaf(path: tuple[str, ...], value: object, secrets: Sequence[tuple[str, str]]) -> None:
    if "extra" in path:
        _check_names(path[path.index("extra") + 1 :])
    if not isinstance(value, str):
        return
    if "base_url" in path:
        _check_address(value)
    _check_value(".".join(path), value)
    if held := next((name for name, secret in secrets if secret in value), None):
        raise ConfigError(
            f"{'.'.join(path)} holds what stands in {held}, and it is kept with the run",
            "name the variable of a key with model.key_env",
        )


def _check_environment(names: Iterable[str]) -> None:
    if secretive := [name for name in names if is_secretive(name)]:
        raise ConfigError(
            f"hydra.job.env_set sets {', '.join(secretive)}, and it is kept with the run",
            "set it in the environment, or in the file that PEERSIM_KEYS_FILE names",
        )


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield each value with the names that lead to it; a factor's name is a path of its own."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, *str(name).split(".")))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path, value


def _check_names(names: Sequence[str]) -> None:
    if secretive := [name for name in names if is_secretive(name)]:
        raise ConfigError(
            f"model.extra sets {', '.join(secretive)}, and it is kept with every record",
            "put a key into an environment variable, and name it with model.key_env",
        )


def _check_value(key: str, text: str) -> None:
    if has_key_shape(text):
        # Where there is no key, what was given is the secret itself.
        where = "it" if has_key_shape(key) else key
        raise ConfigError(
            f"{where} holds what looks like a provider's key, and it is kept with the run",
            "put a key into an environment variable, and name it with model.key_env",
        )


def _check_address(text: str) -> None:
    found = [
        what
        for what, has in (("a user name or password", has_user_info), ("a query", has_query))
        if has(text)
    ]
    if found:
        raise ConfigError(
            f"model.base_url holds {' and '.join(found)}, and it is kept with the run",
            "put a key into an environment variable, and name it with model.key_env",
        )


def _forget(found: HydraConf) -> None:
    """Delete what Hydra has just written of a configuration."""
    kept = Path(found.runtime.output_dir) / (found.output_subdir or ".hydra")
    for path in kept.glob("*.yaml"):
        path.unlink()
    if found.mode == RunMode.MULTIRUN:
        (Path(found.sweep.dir) / SWEEP_FILE).unlink(missing_ok=True)
