"""How a study's models are reached: what may change while a run goes on, and is noted."""

import json
from collections.abc import Iterable, Iterator

from pydantic import TypeAdapter

from peersim.frozen import Frozen
from peersim.models.base import Endpoint, ModelRef
from peersim.models.needed import address_of, shown
from peersim.store.study import StudyStore
from peersim.store.torn import reading
from peersim.store.view import StoreView
from peersim.study.design import Study

REACHING_KEY = "reaching"


class Change(Frozen):
    """One change of how models are reached, which changes nothing of what they are asked.

    Attributes:
        finished: Trials that were finished when it changed.
        changed: What differs, by key: the old and the new value as JSON.
    """

    finished: int
    changed: dict[str, tuple[str, str]]


_CHANGES = TypeAdapter(tuple[Change, ...])


def addresses(study: Study, refs: Iterable[ModelRef]) -> dict[str, str]:
    """Return where each real model is asked, by its reference."""
    real = (ref for ref in refs if not ref.simulated)
    return {ref.ref: address_of(ref, study.endpoints.get(ref.ref, Endpoint())) for ref in real}


def changes(store: StoreView | StudyStore) -> tuple[Change, ...]:
    """Return how a run's models came to be reached otherwise, in order.

    Raises:
        StoreError: If what was noted is torn.
    """
    text = store.meta(REACHING_KEY)
    with reading("the changes of how models are reached"):
        return _CHANGES.validate_json(text) if text else ()


def gone_on(held: Study, given: Study, store: StudyStore) -> tuple[Study, dict[str, str]]:
    """Return the study that a run holds, with its models reached as they now are.

    A change is to be noted, so that a price, an address or patience never changes without a trace.

    Returns:
        The study, and what is to be stored together with it, by key.
    """
    after = held.model_copy(
        update={"endpoints": {**held.endpoints, **given.endpoints}, "retry": given.retry}
    )
    old, new = dict(_flat(held)), dict(_flat(after))
    names = sorted(old.keys() | new.keys())
    changed = {
        name: (old.get(name, "null"), new.get(name, "null"))
        for name in names
        if old.get(name, "null") != new.get(name, "null")
    }
    if not changed:
        return after, {}
    noted = (*changes(store), Change(finished=len(store.done()), changed=changed))
    return after, {REACHING_KEY: _CHANGES.dump_json(noted).decode()}


def _flat(study: Study) -> Iterator[tuple[str, str]]:
    """Yield all that says how models are reached, as JSON by key."""
    for ref, endpoint in study.endpoints.items():
        for key, value in endpoint.model_dump(mode="json").items():
            said = shown(value) if key == "base_url" and value else value
            yield f"{ref} {key}", json.dumps(said)
    for key, value in study.retry.model_dump(mode="json").items():
        yield f"retry.{key}", json.dumps(value)
