"""How replies end: what providers call it, and what of it is no reply but a breakdown.

LiteLLM passes off every end that it does not know as "stop", and keeps the provider's own word
aside.
"""

from peersim.models.base import FailureKind, Finish

# Ends that tell of a breakdown at the provider: what came before it is no reply of the model's.
BROKEN_ENDS: dict[str, FailureKind] = {
    "error": "malformed_reply",  # OpenRouter, Mistral
    "ERROR": "malformed_reply",  # Cohere
    "network_error": "malformed_reply",  # Z.ai
    "abort": "malformed_reply",  # vLLM and SGLang, where a request was given up
    "cancelled": "malformed_reply",
    "timeout": "timeout",
    "TIMEOUT": "timeout",  # Cohere
    "insufficient_system_resource": "overloaded",  # DeepSeek
    "model_context_window_exceeded": "context_window",  # Z.ai
    "model_length": "context_window",  # Mistral
    "MISSING_THOUGHT_SIGNATURE": "bad_request",  # Gemini, of what was sent back to it
}
# Ends among those that LiteLLM calls "stop" that are what they seem.
PLAIN_ENDS = frozenset(
    {"stop", "STOP", "end_turn", "stop_sequence", "STOP_SEQUENCE", "COMPLETE", "eos", "eos_token"}
)
FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
}


def finish_of(reason: str | None, native: str = "", calling: bool = False) -> Finish:
    """Return how a reply ended.

    Calls do not hide that a reply was filtered or cut off: what it holds may be half of it.

    Args:
        reason: The end as LiteLLM words it.
        native: The provider's own word, where LiteLLM changed it.
        calling: Whether the reply calls tools.
    """
    finish = FINISHES.get(reason or "", "unknown")
    if calling:
        return finish if finish in ("content_filter", "length") else "tool_calls"
    if native == "OTHER" or (reason == "stop" and native and native not in PLAIN_ENDS):
        return "unknown"
    return finish
