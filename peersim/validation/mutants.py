"""Seeded bugs of delivery: what was lived, shown and done is not what reaches the record."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from peersim.validation import checks
from peersim.validation.checks import Check
from peersim.validation.patching import held, patched

Bug = Callable[[], AbstractContextManager[None]]


class Mutant(NamedTuple):
    """One seeded bug, and the check that has to catch it.

    Attributes:
        name: The bug.
        breaks: What it breaks.
        apply: Puts the bug in while a block runs.
        check: What has to catch it.
    """

    name: str
    breaks: str
    apply: Bug
    check: Check


def mutants_of_delivery() -> tuple[Mutant, ...]:
    """Return the bugs of delivery and scoring."""
    return (
        Mutant(
            "memory dropped",
            "the recollection never reaches the overseer",
            _no_memory,
            checks.bridge_of_memory,
        ),
        Mutant(
            "arms' files swapped",
            "an arm gets the files of its counterpart",
            _swapped_files,
            checks.exact_composition,
        ),
        Mutant(
            "flag inverted",
            "a flag that is off is read as on",
            _inverted_flag,
            checks.exact_composition,
        ),
        Mutant(
            "persona kept",
            "the persona stays in the prompt though dropped",
            _kept_persona,
            checks.bridge_of_persona,
        ),
        Mutant(
            "names shifted", "deeds are told of the other", _shifted_names, checks.named_rightly
        ),
        Mutant("yoke unmatched", "the lent past is cut short", _short_yoke, checks.yoked_alike),
        Mutant(
            "form prefilled",
            "the final form admits everything by itself",
            _prefilled_form,
            checks.exact_disclosure,
        ),
    )


def _no_memory() -> AbstractContextManager[None]:
    from peersim import briefing
    from peersim.oversight.delivery import Delivered

    return patched(briefing, "deliver", lambda *_: Delivered())


def _swapped_files() -> AbstractContextManager[None]:
    from peersim import briefing

    honest, other = held(briefing, "post"), {"below": "above", "above": "below"}

    def post(overseer: str, target: str, replicate: int, around: Any, *rest: Any) -> Any:
        swapped = around.model_copy(update={"standing": other[around.standing]})
        return honest(overseer, target, replicate, swapped, *rest)

    return patched(briefing, "post", post)


def _inverted_flag() -> AbstractContextManager[None]:
    from peersim.oversight import tampering_outcome

    honest, other = (
        held(tampering_outcome, "effective"),
        {"on": "off", "off": "on", "missing": "on"},
    )
    return patched(tampering_outcome, "effective", lambda *given: other[honest(*given)])


def _kept_persona() -> AbstractContextManager[None]:
    from peersim import briefing, trial

    def brief(spec: Any, past: Any) -> str:
        job = spec.oversight.model_copy(update={"persona_at_oversight": "kept"})
        return briefing.brief(spec.model_copy(update={"oversight": job}), past)

    return patched(trial, "brief", brief)


def _shifted_names() -> AbstractContextManager[None]:
    from peersim.events.deeds import Acted
    from peersim.memory import telling

    honest = telling.tell

    def tell(event: Any, me: str | None = None) -> str | None:
        if isinstance(event, Acted):
            event = event.model_copy(update={"actor": event.target, "target": event.actor})
        return honest(event, me)

    return patched(telling, "tell", tell)


def _short_yoke() -> AbstractContextManager[None]:
    from peersim.history.transforms import Yoked

    return patched(Yoked, "present", lambda self, items, agent, seeds: items[: len(items) // 2])


def _prefilled_form() -> AbstractContextManager[None]:
    from peersim.oversight import tampering_outcome

    final = tampering_outcome._Final  # a bug does not keep to what is public
    return patched(final, "disclosed", property(lambda self: True if self.routes else None))
