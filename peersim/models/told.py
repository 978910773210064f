"""An error that a server tells of in a reply whose status says that all is well.

Brokers and proxies do so once they have begun to answer. LiteLLM calls it a bad request, whatever
it is about, and leaves most of its words out.
"""

import json
from collections.abc import Iterable

from pydantic import JsonValue

from peersim.models.base import Completion, Failure, FailureKind
from peersim.models.failures import RETRYABLE, kind_of_status
from peersim.models.refusals import meaning, refusal_of
from peersim.models.scrubbing import scrubbed

# By this status a refusal is read where the error names none: most words are spoken under it.
USUAL = 400
ERRORS = range(USUAL, 600)


def told(error: JsonValue, secrets: Iterable[str] = ()) -> Completion | Failure:
    """Return what an error in a reply means: an outcome where the provider blocked the call.

    One that names no status and says nothing known makes the reply an unreadable one. The
    request itself was taken, so it is no bad one.

    Args:
        error: What stands under ``error`` in the reply.
        secrets: Texts that must not show in the detail.
    """
    status = _status_in(error)
    refusal = refusal_of(status or USUAL, [{"error": error}], "")
    means = meaning(refusal)
    if means == "blocked":
        return Completion(finish="content_filter")
    kind: FailureKind = means or (kind_of_status(status) if status else "malformed_reply")
    said = error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)
    detail = f"the reply tells of an error: {said}"
    return Failure(kind=kind, detail=scrubbed(detail, secrets), retryable=kind in RETRYABLE)


def _status_in(error: JsonValue) -> int:
    """Return the HTTP status that an error names as its code; 0 if it names none."""
    code = error.get("code") if isinstance(error, dict) else None
    number = int(code) if isinstance(code, str) and code.isdecimal() else code
    return number if isinstance(number, int) and number in ERRORS else 0
