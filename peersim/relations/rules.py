"""Rules that turn what one agent did to another into a weight. Pure; another rule, another graph.

No rule reads anything but acts, and none is written by a model.
"""

from collections.abc import Callable, Iterable

from peersim.errors import ConfigError
from peersim.events.deeds import UNKIND, Act, Acted
from peersim.frozen import Frozen
from peersim.relations.dealings import Dealings, Deed

HALF_LIFE = 4.0
PROMISES = frozenset({Act.KEPT_PROMISE, Act.BROKE_PROMISE})
PAYOFF = frozenset({Act.HELPED, Act.SHARED, Act.WITHHELD})


class Weight(Frozen):
    """The weight of a directed edge, and what it rests on.

    Attributes:
        value: On the scale of its rule; None where nothing it rests on could have happened,
            which is not a weight of zero.
        events: The ids of the events it rests on, in order.
    """

    value: float | None
    events: tuple[str, ...]


class Scale(Frozen):
    """What the weights of a rule run over.

    Attributes:
        neutral: Neither kind nor unkind.
        low: The least weight; None if there is none.
        high: The greatest; None if there is none.
        meaning: One line for a reader.
    """

    neutral: float
    low: float | None
    high: float | None
    meaning: str


Rule = Callable[[Dealings], Weight]


def beta(past: Dealings) -> Weight:
    """Mean of a Beta reputation with a uniform prior (Jøsang and Ismail, 2002).

    Every chance to act counts one: the share done is evidence for, the share left against; the
    other way round for unkind acts. Strictly between 0 and 1, whatever the order of the acts.
    """
    return Weight(value=_reputation((deed, 1.0) for deed in past.deeds), events=past.events)


def decay(past: Dealings) -> Weight:
    """The Beta reputation with older chances counting for less; strictly between 0 and 1.

    A chance counts half as much for every four (``HALF_LIFE``) that came after it on the same
    directed tie. Chances are counted and not rounds, so that a round in which one could not
    meet the other makes nobody forget. The half-life was fixed beforehand and is not fitted.
    """
    last = len(past.deeds) - 1
    aged = ((deed, 0.5 ** ((last - i) / HALF_LIFE)) for i, deed in enumerate(past.deeds))
    return Weight(value=_reputation(aged), events=past.events)


def ledger(past: Dealings) -> Weight:
    """Balance of all amounts, in the task's unit: kind acts for, unkind ones against."""
    return Weight(value=_balance(past), events=past.events)


def transfer(past: Dealings) -> Weight:
    """Payoff passed on: the points that the other got by each act, less those it lost.

    Helps and shares that say nothing of points count by their amount. Whatever else says nothing
    of them carries no payoff and does not count. None if there never was a payoff to pass on.
    """
    own = Dealings(deeds=tuple(deed for deed in past.deeds if _pays(deed.act)))
    passed = (_signed(a) if a.points is None else a.points for _, a in own.deeds)
    return Weight(value=float(sum(passed)) if own.deeds else None, events=own.events)


def promises(past: Dealings) -> Weight:
    """Share of promises kept, from 0 to 1; None if there was none to keep.

    A promise counts one, by the kindness of its act: an act of keeping it by the share done, an
    act of breaking it by the share left undone.
    """
    own = past.of(PROMISES)
    kept = sum(deed.act.kindness for deed in own.deeds)
    return Weight(value=kept / len(own.deeds) if own.deeds else None, events=own.events)


RULES: dict[str, Rule] = {
    "beta": beta,
    "ledger": ledger,
    "decay": decay,
    "promises": promises,
    "transfer": transfer,
}

SCALES: dict[str, Scale] = {
    "beta": Scale(
        neutral=0.5,
        low=0,
        high=1,
        meaning="Beta reputation with a uniform prior: 0 nothing but harm, 1 nothing but help.",
    ),
    "ledger": Scale(
        neutral=0, low=None, high=None, meaning="Kind amounts less unkind ones, in the task's unit."
    ),
    "decay": Scale(
        neutral=0.5,
        low=0,
        high=1,
        meaning="Beta reputation in which four further chances halve what an act counts:"
        " 0 nothing but harm, 1 nothing but help.",
    ),
    "promises": Scale(
        neutral=0.5, low=0, high=1, meaning="Share of promises kept; none without a promise."
    ),
    "transfer": Scale(
        neutral=0, low=None, high=None, meaning="Points passed on less points taken."
    ),
    "stated": Scale(
        neutral=0.5, low=0, high=1, meaning="Trust as stated: 0 none at all, 1 complete."
    ),
    "judged": Scale(
        neutral=0.5, low=0, high=1, meaning="Treatment as judged: 0 all against, 1 all for."
    ),
}


def named(rule: str) -> Rule:
    """Return the rule of a name.

    Raises:
        ConfigError: If there is no such rule.
    """
    if rule not in RULES:
        raise ConfigError(f"no rule named {rule!r}", f"choose one of {', '.join(RULES)}")
    return RULES[rule]


def _reputation(counted: Iterable[tuple[Deed, float]]) -> float:
    good = bad = 0.0
    for deed, count in counted:
        good += count * deed.act.kindness
        bad += count * (1 - deed.act.kindness)
    return (1 + good) / (2 + good + bad)


def _balance(past: Dealings) -> float:
    """Return the sum of amounts, signed by the kind of act; of centred acts, from their middle."""
    return float(sum(_signed(deed.act) for deed in past.deeds))


def _pays(act: Acted) -> bool:
    return act.points is not None or act.act in PAYOFF


def _signed(act: Acted) -> float:
    done = act.amount - act.maximum / 2 if act.centred else act.amount
    return -done if act.act in UNKIND else done
