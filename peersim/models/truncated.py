"""A prompt that its server cut without a word: the model answered something else than was asked."""

from peersim.models.base import Completion, Failure, ModelRef, Request

# Ollama cuts what does not fit into its window; other servers refuse it.
CUTTING = ("ollama/", "ollama_chat/")
# No text of ours comes near so many bytes a token: English has about four.
MOST_BYTES_PER_TOKEN = 8
# Every window holds this much.
SMALLEST_WINDOW_BYTES = 4096


def cut_prompt(ref: ModelRef, request: Request, reply: Completion) -> Failure | None:
    """Return the failure of a call whose server read much less than it was sent, or None.

    What a template may leave out (tools, earlier thinking) is not counted as sent.
    """
    read = reply.usage.input_tokens
    if read is None or not ref.ref.startswith(CUTTING):
        return None
    sent = sum(len(text.encode()) for text in _texts(request))
    if sent <= max(SMALLEST_WINDOW_BYTES, read * MOST_BYTES_PER_TOKEN):
        return None
    return Failure(
        kind="context_window",
        detail=f"the server read {read:,} tokens of {sent:,} bytes, so it cut the prompt;"
        " raise model.extra.num_ctx",
        retryable=False,
        begun=True,
    )


def _texts(request: Request) -> list[str]:
    contents = [message.content for message in request.messages]
    return contents + [call.arguments for m in request.messages for call in m.tool_calls]
