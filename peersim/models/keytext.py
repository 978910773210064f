"""What a key may be made of (what a header can carry), and which texts are keys."""

import os
import re
from collections.abc import Iterable

from peersim.errors import ConfigError
from peersim.models.base import Endpoint, ModelRef

# Providers whose clients look for a key under a second name.
SECOND_NAMES = {"gemini": "GOOGLE_API_KEY"}

SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
SHORTEST_SECRET = 8
SHORTEST_KEY = 12


def names_of_key(ref: ModelRef, endpoint: Endpoint) -> tuple[str, ...]:
    """Return the variables in which a real model's key may stand."""
    if endpoint.key_env:
        return (endpoint.key_env,)
    provider = ref.ref.partition("/")[0]
    second = SECOND_NAMES.get(provider)
    return (f"{provider.upper()}_API_KEY", *([second] if second else []))


def check_key_text(names: Iterable[str]) -> None:
    """Check that keys can be sent, and take off what stands around them.

    Secrets that come as files, as Docker and Kubernetes deliver them, often end with a line
    break. Clients read the environment themselves, so it is there that it is taken off.

    Raises:
        ConfigError: If one holds a character that no header can carry; the client would fail at
            it as at a lost connection.
    """
    for name in names:
        held = os.environ.get(name)
        if not held:
            continue
        key = held.strip()
        if key != held:
            os.environ[name] = key
        if not (key.isascii() and key.isprintable()):
            raise ConfigError(
                f"the key in {name} holds a line break, a control character or a letter that is"
                " not ASCII, which cannot be sent",
                "set it anew, copied from the provider's page",
            )


def secrets_of(endpoint: Endpoint) -> list[str]:
    """Return the endpoint's key and what else in the environment is a secret by its name."""
    own = os.environ.get(endpoint.key_env or "", "")
    return [*([own] if own else []), *(value for _, value in named_secrets())]


def named_secrets() -> list[tuple[str, str]]:
    """Return the variables of the environment that hold a secret by their names, with it."""
    return [
        (name, value)
        for name, value in os.environ.items()
        if SECRET_NAMES.search(name) and len(value) >= SHORTEST_SECRET
    ]


def long_keys(names: Iterable[str]) -> list[str]:
    """Return the keys in some variables that no model would write by itself."""
    held = (os.environ.get(name, "") for name in names)
    return [key for key in held if len(key) >= SHORTEST_KEY and re.search(r"\d", key)]
