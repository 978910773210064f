"""What a provider itself replied, before LiteLLM words it anew: who answered, counts, errors."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import JsonValue

from peersim.models.base import Completion, Failure
from peersim.models.scrubbing import without

# Whose counts LiteLLM makes with a tokenizer of its own where a reply has none, and their names.
COUNTED_FOR = ("ollama/", "ollama_chat/")
OWN_COUNTS = {"input_tokens": "prompt_eval_count", "output_tokens": "eval_count"}


class Heard:
    """Listens to one call as LiteLLM's ``logger_fn``, and keeps the reply as it came."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._raw: str | None = None

    def __call__(self, details: dict[str, Any]) -> None:
        """Take what LiteLLM knows of the call at this point."""
        raw = details.get("original_response")
        if isinstance(raw, str) and raw:
            self._raw = raw

    def named(self, found: Completion | Failure, ref: str) -> Completion | Failure:
        """Return a completion with the model that the provider says it served, if it says so.

        For some providers LiteLLM puts its own name of them before the model's (Z.ai, Moonshot,
        Novita), and makes up the whole where a reply names none, or always (Ollama).

        Args:
            found: The reply as LiteLLM words it.
            ref: The model that was asked for.
        """
        if isinstance(found, Failure):
            return found
        if not found.served_model.startswith(f"{ref.partition('/')[0]}/"):
            return found
        made_up = "" if found.served_model == ref else found.served_model
        named = self._model
        return found.model_copy(update={"served_model": made_up if named is None else named})

    def counted(self, found: Completion | Failure, ref: str) -> Completion | Failure:
        """Return a completion without the counts that LiteLLM made itself, as it does for Ollama.

        Args:
            found: The reply as LiteLLM words it.
            ref: The model that was asked for.
        """
        if isinstance(found, Failure) or not ref.startswith(COUNTED_FOR):
            return found
        body = self._body
        if body is None:
            return found
        unsaid = {name: None for name, own in OWN_COUNTS.items() if body.get(own) is None}
        return found.model_copy(update={"usage": found.usage.model_copy(update=unsaid)})

    def unechoed(self, found: Completion | Failure, keys: Sequence[str]) -> Completion | Failure:
        """Return a completion without the keys, should the server have said one of them back.

        What a server says is kept as it is, but for this: it would be kept for ever.

        Args:
            found: The reply as LiteLLM words it.
            keys: The keys that the call was made with.
        """
        raw = self._raw or ""
        forms = [form for key in keys for form in (key, json.dumps(key)[1:-1])]
        if isinstance(found, Failure) or not any(form in raw for form in forms):
            return found
        return Completion.model_validate(_cleared(found.model_dump(), keys))

    @property
    def error(self) -> JsonValue:
        """The error that the reply tells of; None if it tells of none, or was not heard."""
        return (self._body or {}).get("error") or None

    @property
    def _model(self) -> str | None:
        """The model that the reply names, empty if it names none; None if it was not heard."""
        return None if self._body is None else str(self._body.get("model") or "")

    @property
    def _body(self) -> dict[str, Any] | None:
        """The reply as it came; None if it was not heard, or is no object."""
        try:
            body = json.loads(self._raw or "")
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None


def _cleared(value: Any, keys: Sequence[str]) -> Any:
    """Return a value with a mark in the place of each key, however deep it stands."""
    match value:
        case str():
            return without(value, keys)
        case list() | tuple():
            return [_cleared(inner, keys) for inner in value]
        case dict():
            return {_cleared(name, keys): _cleared(inner, keys) for name, inner in value.items()}
        case _:
            return value
