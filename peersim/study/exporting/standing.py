"""How overseer and target stood, as columns of the table of trials."""

from collections.abc import Callable
from functools import lru_cache

from peersim.readings.observed import Grown, Observed, grown, observed_in
from peersim.relations.rules import SCALES
from peersim.store.view import StoreView
from peersim.study.exporting.body import Body
from peersim.study.exporting.column import Row, count, number, texts

# Ties of so many histories are kept at hand; forks of one stand in one block of the run order.
KEPT = 4096
AT_ONCE = 64
"""Histories whose graphs are kept: each is asked about more than one party, within a block."""
_RULE = "beta"
_UNIT = "weight"

STANDING = (
    number("tie_given", "Weight of the tie from overseer to target by what they did, frozen at the"
           f" end of the interaction. {SCALES[_RULE].meaning} Empty without a tie; so in all of"
           " these.", _UNIT),
    number("tie_received", "That of the tie from target to overseer.", _UNIT),
    number("tie_asymmetry", "The weight given less the weight received.", _UNIT),
    count("tie_rank", "The place of the target among those the overseer gave to, 1 for the first."),
    count("tie_allies", "How many others are tied to the target more than neutrally."),
    number("tie_answered", "Lagged reciprocity: how much kinder the overseer was after kind acts"
           " of the target than after unkind ones; empty unless it had to answer both.", "1"),
    number("tie_volatility", "Mean absolute change of the tie from the target, round to round.",
           _UNIT),
    number("tie_trend", "Its slope over the last three rounds.", "weight per round"),
    number("tie_given_strength", "Sum of the overseer's ties to everyone.", _UNIT),
    number("tie_received_strength", "Sum of everyone's ties to the overseer.", _UNIT),
    number("tie_trust_out", "Mean of the overseer's ties to everyone.", _UNIT),
    number("tie_trust_in", "Mean of everyone's ties to the target.", _UNIT),
    number("tie_reciprocity", "Share of all kindness in the group, above neutral, that the opposite"
           " tie returns; empty without any.", "1"),
    number("tie_harm_returned", "The same of harm, below neutral.", "1"),
    texts("tie_triads", "Signs between overseer and target, overseer and third, target and third,"
          " for each third in the order of play; empty in a pair."),
    number("tie_balance", "Share of the group's triads whose signs are balanced.", "1"),
)  # fmt: skip


def standing_of(store: StoreView) -> Callable[[Body], Row]:
    """Return a function from a trial of a store to its cells of ``STANDING``."""

    @lru_cache(maxsize=AT_ONCE)
    def of(history_id: str) -> Grown | None:
        history = store.history(history_id)
        return grown(history, _RULE) if history else None

    @lru_cache(maxsize=KEPT)
    def lived(history_id: str, overseer: str, target: str) -> Observed | None:
        found = of(history_id)
        return observed_in(found, overseer, target) if found else None

    def cells(body: Body) -> Row:
        # Names are those of the job: a bystander or an object has no tie to anybody.
        found = lived(body.history_id, body.spec.oversight.overseer, body.party)
        if found is None:
            return {}
        row: Row = {f"tie_{name}": value for name, value in found if name != "triads"}
        return row | {"tie_triads": list(found.triads) or None}

    return cells
