"""Models that LiteLLM would ask a server about, made known to it beforehand."""

from types import ModuleType

from peersim.models.base import ModelRef

ASKED_ABOUT = ("ollama/", "ollama_chat/")


def introduce(litellm: ModuleType, ref: ModelRef) -> None:
    """Let LiteLLM know a model whose server it would ask about it.

    To price a reply of an Ollama model that is not on its list it asks the server, on our event
    loop and with everything else waiting. Nothing is said of the price, which stays unknown.
    """
    if ref.ref.startswith(ASKED_ABOUT) and ref.ref not in litellm.model_cost:
        provider = ref.ref.partition("/")[0]
        # Its own way to register a model asks the server too.
        litellm.model_cost[ref.ref] = {"litellm_provider": provider, "mode": "chat"}
