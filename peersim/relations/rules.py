"""Rules that turn the tally of a directed tie into a weight. Pure; another rule, another graph."""

from collections.abc import Callable, Mapping

from peersim.events.acts import Tally, Tie
from peersim.events.deeds import Act
from peersim.frozen import Frozen

KIND = frozenset({Act.HELPED, Act.SHARED, Act.CREDITED, Act.KEPT_PROMISE})
UNKIND = frozenset({Act.WITHHELD, Act.BLAMED, Act.BROKE_PROMISE, Act.LIED})


class Weight(Frozen):
    """The weight of a directed edge, and what it rests on.

    Attributes:
        value: From 0 (nothing but harm) to 1 (nothing but help) for ``beta``; in the task's
            unit for ``ledger``.
        events: The ids of the events it rests on, in order.
    """

    value: float
    events: tuple[str, ...]


Rule = Callable[[Mapping[Tie, Tally]], Weight]


def ledger(ties: Mapping[Tie, Tally]) -> Weight:
    """Balance of amounts: kind acts count for, unkind ones against."""
    value = sum(_sign(tie.act) * tally.amount for tie, tally in ties.items())
    return Weight(value=value, events=_events(ties))


def beta(ties: Mapping[Tie, Tally]) -> Weight:
    """Mean of a Beta reputation with a uniform prior (Jøsang and Ismail, 2002).

    Every opportunity counts one: the share done is evidence for, the share left against; the
    other way round for unkind acts.
    """
    good = bad = 0.0
    for tie, tally in ties.items():
        done = (tally.share or 0.0) * tally.opportunities
        left = tally.opportunities - done
        if tie.act in UNKIND:
            done, left = left, done
        good, bad = good + done, bad + left
    return Weight(value=(1 + good) / (2 + good + bad), events=_events(ties))


RULES: dict[str, Rule] = {"beta": beta, "ledger": ledger}


def _sign(act: Act) -> int:
    return -1 if act in UNKIND else 1


def _events(ties: Mapping[Tie, Tally]) -> tuple[str, ...]:
    names = {name for tally in ties.values() for name in tally.events}
    return tuple(sorted(names, key=lambda name: int(name[1:])))
