"""Which key a real model needs before it can be used."""

import os
from urllib.parse import urlsplit

from peersim.models.base import Endpoint, ModelRef
from peersim.models.keys import load_keys
from peersim.models.keytext import check_key_text, names_of_key

BASE_URL_NAMES = {"openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE")}
# Local servers need no key, clouds take theirs from profiles and metadata servers, and some
# providers go by several names: only the first call can tell whether these have one.
KEYS_ELSEWHERE = frozenset(
    {"ollama", "ollama_chat", "bedrock", "sagemaker", "vertex_ai", "azure"}
    | {"huggingface", "together_ai"}
)

# Whose servers need no key, though the client wants some and LiteLLM does not say which.
NO_KEY_NEEDED = frozenset({"custom_openai", "xinference", "litellm_proxy"})


def missing_key(ref: ModelRef, endpoint: Endpoint) -> str | None:
    """Return the variable to set before a real model can be used, or None.

    It may stand in the environment or in the file that ``PEERSIM_KEYS_FILE`` names. A server
    with an address of its own needs no key unless the endpoint names one.

    Raises:
        ConfigError: If the file is wanted and cannot be used, or the key cannot be sent.
    """
    names = names_of_key(ref, endpoint)
    check_key_text(names)
    absent = _absent_key(ref, endpoint)
    if absent and load_keys():
        check_key_text(names)
        absent = _absent_key(ref, endpoint)
    return absent


def _absent_key(ref: ModelRef, endpoint: Endpoint) -> str | None:
    if endpoint.key_env:
        return None if os.environ.get(endpoint.key_env) else endpoint.key_env
    return None if has_address(ref, endpoint) else usual_key(ref)


def usual_key(ref: ModelRef) -> str | None:
    """Return the first variable that the provider needs and that is not set, or None."""
    provider = ref.ref.partition("/")[0]
    if provider in KEYS_ELSEWHERE:
        return None
    usual = f"{provider.upper()}_API_KEY"
    if os.environ.get(usual) == "":
        return usual  # LiteLLM takes an empty variable for one that is set.
    from peersim.models.litellm import load_litellm

    missing = load_litellm().validate_environment(ref.ref)["missing_keys"]
    return next((str(name) for name in missing if not os.environ.get(name)), None)


def takes_any_key(ref: ModelRef, endpoint: Endpoint) -> bool:
    """Return whether a server of one's own is asked without a key, where its client wants some."""
    if not has_address(ref, endpoint):
        return False
    if ref.ref.partition("/")[0] in NO_KEY_NEEDED:
        return not any(os.environ.get(name) for name in names_of_key(ref, endpoint))
    return (usual_key(ref) or "").endswith("_KEY")


def has_address(ref: ModelRef, endpoint: Endpoint) -> bool:
    """Return whether a server of one's own is asked: by the endpoint, or by the environment."""
    names = BASE_URL_NAMES.get(ref.ref.partition("/")[0], ())
    return bool(endpoint.base_url or any(os.environ.get(name) for name in names))


def address_of(ref: ModelRef, endpoint: Endpoint) -> str:
    """Return the address at which a real model is asked; empty for the provider's own."""
    provider = ref.ref.partition("/")[0].upper().removesuffix("_CHAT")
    names = (f"{provider}_BASE_URL", f"{provider}_API_BASE")
    said = endpoint.base_url or next(filter(None, map(os.environ.get, names)), "")
    return shown(said)


def shown(address: str) -> str:
    """Return an address without what may hold a secret: a password, and all after the path."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}".rstrip("/") if host else ""
