"""What providers mean by a refusal: rules over its status, its codes and its words.

A status alone says too little: an empty account answers like a limit, a blocked prompt like a
wrong parameter. Codes are matched before words, and words only where the provider itself
speaks, never where it repeats what it was sent.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

from peersim.frozen import Frozen
from peersim.models.base import FailureKind

Meaning = FailureKind | Literal["blocked"]

# The fields of an error's body that name its kind, and those in which the provider speaks.
CODE_FIELDS = frozenset({"code", "type", "status", "reason"})
WORD_FIELDS = frozenset({"message", "msg", "detail", "error", "raw"})
# The fields that repeat what was sent.
ECHOES = frozenset({"input", "flagged_input"})
# Brokers pass the error of another server on as text; more levels than this are nobody's.
DEEPEST = 8


class Refusal(Frozen):
    """What a provider said when it refused.

    Attributes:
        status: The HTTP status; 0 if there was none.
        codes: Its codes and types, in lower case.
        fields: The names of all its fields.
        words: Its sentences, in lower case.
    """

    status: int
    codes: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    words: str = ""


class Rule(Frozen):
    """What a refusal means if any of a rule's codes, fields or phrases is in it.

    Attributes:
        phrases: A regular expression over its words.
    """

    means: Meaning
    statuses: frozenset[int]
    codes: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    phrases: str = ""

    def fits(self, refusal: Refusal) -> bool:
        """Return whether the rule speaks of a refusal."""
        if refusal.status not in self.statuses:
            return False
        named = self.codes & refusal.codes or self.fields & refusal.fields
        return bool(named or (self.phrases and re.search(self.phrases, refusal.words)))


# The first that fits decides.
RULES: tuple[Rule, ...] = (
    # Azure and Moonshot, OpenAI, Alibaba, Z.ai; OpenRouter names what it flagged.
    Rule(
        means="blocked",
        statuses=frozenset({400, 403, 422}),
        codes=frozenset(
            {"content_filter", "content_policy_violation", "responsibleaipolicyviolation"}
            | {"data_inspection_failed", "1301"}
        ),
        fields=frozenset({"flagged_input", "reasons"}),
    ),
    Rule(
        means="bad_request",
        statuses=frozenset({400, 422}),
        codes=frozenset({"unknown_parameter", "unsupported_parameter"}),
        phrases=r"unknown parameter|unrecognized request argument|extra inputs are not permitted",
    ),
    # OpenAI, Moonshot, Z.ai, Anthropic: no waiting fills an empty account or opens a closed one.
    Rule(
        means="auth",
        statuses=frozenset({400, 403, 429}),
        codes=frozenset(
            {"insufficient_quota", "exceeded_current_quota_error", "1113"}
            | {"billing_hard_limit_reached", "billing_not_active", "account_deactivated"}
        ),
        phrases=r"credit balance is too low|reached your specified api usage limits"
        r"|\b(?:account|organi[sz]ation)\b[^.]{0,60}\b"
        r"(?:flagged|suspended|disabled|deactivated|terminated|locked|banned)\b"
        r"|\baccess\b[^.]{0,20}\bterminated\b",
    ),
    Rule(means="auth", statuses=frozenset({403}), phrases=r"\b(?:account|organi[sz]ation)\b"),
    # A request that is "blocked" may have met a firewall, so that word is not among these.
    Rule(
        means="blocked",
        statuses=frozenset({400, 403, 422}),
        phrases=r"\b(?:inputs?|prompts?|outputs?|response)\s+(?:was|were|is|has been|have been)"
        r"\s+(?:flagged|blocked|filtered)\b"
        r"|content management policy|blocked by (?:our |the )?content filter"
        r"|rejected (?:as a result of|by) (?:our|the) safety system"
        r"|content exists risk|considered high risk|inappropriate content"
        r"|unsafe or sensitive content",
    ),
    # OpenAI, Anthropic, Z.ai; Moonshot, Novita, OpenRouter, vLLM.
    Rule(
        means="context_window",
        statuses=frozenset({400, 422}),
        codes=frozenset({"context_length_exceeded", "request_too_large", "1261"}),
        phrases=r"exceeded model token limit|sum of (?:the )?prompt tokens and max_tokens"
        r"|maximum context length|longer than the maximum model length|prompt is too long"
        r"|prompt exceeds max length",
    ),
)


def meaning(refusal: Refusal) -> Meaning | None:
    """Return what a refusal means beyond its status, or None if nothing."""
    return next((rule.means for rule in RULES if rule.fits(refusal)), None)


def refusal_of(status: int, bodies: list[Any], text: str) -> Refusal:
    """Return what a provider said when it refused.

    Args:
        status: The HTTP status; 0 if there was none.
        bodies: The bodies of the answer that could be read, as JSON values.
        text: What is read as its words if there is no such body.
    """
    parts = [part for body in bodies for part in _parts(body)]
    if not parts:
        return Refusal(status=status, words=text.lower())
    told = [(name, str(value).lower()) for name, value in parts if _plain(value)]
    return Refusal(
        status=status,
        codes=frozenset(value for name, value in told if name in CODE_FIELDS),
        fields=frozenset(name for name, value in parts if value),
        words="\n".join(value for name, value in told if name in WORD_FIELDS),
    )


def _plain(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _parts(body: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a body, however deep they stand, and of bodies passed on as text."""
    if depth > DEEPEST:
        return
    if isinstance(body, list):
        for one in body:
            yield from _parts(one, depth + 1)
    if not isinstance(body, dict):
        return
    for name, value in body.items():
        yield str(name), value
        if name in ECHOES:
            continue
        inner = parsed(value) if name in WORD_FIELDS and isinstance(value, str) else value
        yield from _parts(inner, depth + 1)


def parsed(text: str | bytes) -> Any:
    """Return a text's JSON object or list, or None if it is none."""
    if text.lstrip()[:1] not in ("{", "[", b"{", b"["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
