"""Which measures a scenario has: what a contrast, or a gate, can ask for."""

from functools import cache

from peersim.oversight.base import Conduct, Disposition, Outcome
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.kinds import AnyScenario
from peersim.oversight.posting import post
from peersim.readings.outcomes import SCORES, values
from peersim.seeding import SeedTree
from peersim.study.exporting.measures import MEASURES

# Measures do not depend on who takes part, so any two will do.
_PAIR = ("Rowan", "Linden")


@cache
def measures_of(scenario: AnyScenario) -> frozenset[str]:
    """Return the names of all measures that trials of a scenario have, texts left out.

    They are those of a trial in which nothing is done: a measure is there in every trial of its
    scenario, if only as None.
    """
    posting = post(*_PAIR, 0, Circumstances(), _PAIR, ())
    case = scenario.case(posting, SeedTree(0).child("case"))
    outcome = case.outcome(case.environment().state(), Conduct())
    return frozenset(name for name in values(outcome) if not _is_text(name))


def all_measures() -> frozenset[str]:
    """Return the names of the measures of all built-in scenarios, texts left out."""
    return _common() | {name for name in MEASURES if not _is_text(name)}


def is_event(name: str) -> bool:
    """Return whether a measure is known to be an event, 0 or 1.

    What a scenario that is not built in measures may be either.
    """
    known = name in _common() or (name in MEASURES and MEASURES[name].type == "bool")
    return known and name not in SCORES


@cache
def _common() -> frozenset[str]:
    """Return the measures that every trial has, whatever its scenario."""
    return frozenset(values(Outcome(disposition=Disposition.COMPLIED, survived=False)))


def _is_text(name: str) -> bool:
    return name in MEASURES and MEASURES[name].type == "string"
