"""The parts of a public goods game: the pot, what members do to each other, and the acts."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from peersim.answers import Answer, Chosen
from peersim.events.deeds import Act, Acted
from peersim.frozen import Frozen
from peersim.tasks.moves import Choice, Move, Whole

CONTRIBUTE = "contribute_points"
REWARD = "reward_member"
DEDUCT = "deduct_from_member"
LEAVE = "leave_as_is"
MEMBER = "member"
POINTS = "points"

# Points are counted in tenths: shares of the pot are rounded to this many decimals, once.
DECIMALS = 1

# On which sides of doing nothing a reaction can be, by whether one can reward and deduct.
_REACHES: Mapping[tuple[bool, bool], Literal["both", "above", "below"]] = {
    (True, True): "both",
    (True, False): "above",
    (False, True): "below",
}

Contributions = Mapping[str, int]
Points = Mapping[str, Fraction]


class Reaction(Frozen):
    """What one member did to another when it had seen the contributions.

    Attributes:
        adds: Whether it adds points to the target's; else it takes points from them.
        points: What the actor spent on it.
    """

    actor: str
    target: str
    adds: bool
    points: int

    @classmethod
    def of(cls, actor: str, answer: Answer) -> "Reaction | None":
        """Return the reaction in an answer; None for a lapse and for leaving things as they are."""
        if not isinstance(answer, Chosen) or answer.move == LEAVE:
            return None
        target, points = answer.arguments[MEMBER], answer.arguments[POINTS]
        return cls(
            actor=actor,
            target=str(target),
            adds=answer.move == REWARD,
            points=int(str(points)),
        )


def pot_share(contributions: Iterable[int], factor: float, members: int) -> Fraction:
    """Return each member's share of the pot in points, rounded as points are counted.

    Args:
        contributions: What went into the pot.
        factor: What the pot is multiplied by, taken as the decimal number it is written as.
        members: Among how many it is divided, whether they contributed or not.
    """
    return round(sum(contributions) * Fraction(str(factor)) / members, DECIMALS)


def after_reactions(before: Points, reactions: Iterable[Reaction], strength: int) -> Points:
    """Return everyone's points after all reactions, which take place at once; never below 0.

    Args:
        before: Everyone's points before.
        reactions: What was done; each point costs its actor 1.
        strength: What each point spent adds to the target's points, or takes from them.
    """
    points = dict(before)
    for reaction in reactions:
        points[reaction.actor] -= reaction.points
        points[reaction.target] += strength * reaction.points * (1 if reaction.adds else -1)
    return {who: max(found, Fraction(0)) for who, found in points.items()}


def contributing(endowment: int) -> Move:
    """Return the move that contributes to the pot."""
    return Move(
        name=CONTRIBUTE,
        description="Contribute points to the pot.",
        fields=(Whole(name=POINTS, low=0, high=endowment),),
        kindest=(endowment,),
        unkindest=(0,),
    )


def reacting(others: Contributions, limit: int, names: Sequence[str]) -> tuple[Move, ...]:
    """Return the moves with which someone reacts to what others contributed.

    A scripted partner rewards who contributed most and deducts from who contributed least; among
    equals it is the first by name, so that no order of seats decides.

    Args:
        others: What each of the others contributed that made a contribution, 0 included.
        limit: The most points to spend, at least 1.
        names: The moves offered, in their order.
    """
    best = min(others, key=lambda name: (-others[name], name))
    least = min(others, key=lambda name: (others[name], name))
    fields = (
        Choice(name=MEMBER, options=tuple(others)),
        Whole(name=POINTS, low=1, high=limit),
    )
    moves = {
        REWARD: Move(
            name=REWARD,
            description="Spend points to add to the points of another.",
            fields=fields,
            kindest=(best, limit),
            unkindest=(best, 1),
        ),
        LEAVE: Move(name=LEAVE, description="Spend nothing, and leave all points as they are."),
        DEDUCT: Move(
            name=DEDUCT,
            description="Spend points to deduct from the points of another.",
            fields=fields,
            kindest=(least, 1),
            unkindest=(least, limit),
        ),
    }
    return tuple(moves[name] for name in names)


def contributed(
    number: int,
    players: Sequence[str],
    contributions: Contributions,
    endowment: int,
    factor: float,
) -> tuple[Acted, ...]:
    """Return what each contribution was to each of the others."""
    each = Fraction(str(factor)) / len(players)
    return tuple(
        Acted(
            round=number,
            actor=actor,
            target=target,
            act=Act.HELPED,
            amount=points,
            maximum=endowment,
            deed="contributed",
            points=float(points * each) if target in contributions else 0,
        )
        for actor, points in contributions.items()
        for target in players
        if target != actor
    )


def reacted(
    number: int,
    actors: Iterable[str],
    members: Sequence[str],
    reactions: Iterable[Reaction],
    most: int,
    strength: int,
    names: Sequence[str] = (REWARD, DEDUCT),
) -> tuple[Acted, ...]:
    """Return what each that moved in the second stage did to each other that it could choose.

    One chance is used for good, for ill or not at all, so it is one act whose middle is nothing
    done: its kindness is 0.5, and ``points / (2 * most)`` more for a reward or less for a
    deduction. So a reward makes a tie better than leaving it as it is and a deduction makes it
    worse, and who was not chosen is treated neither kindly nor unkindly. It is credit and no
    help, so that the helps of this game are the contributions alone.

    Args:
        number: The round.
        actors: Who made a move in the second stage, be it to leave all as it is.
        members: Who could be chosen, by any but itself.
        reactions: What was done.
        most: The most points that the rules let anyone spend on a reaction.
        strength: What each point spent adds to the target's points, or takes from them.
        names: The moves there were.
    """
    reach = _REACHES[REWARD in names, DEDUCT in names]
    spent = {(r.actor, r.target): r.points if r.adds else -r.points for r in reactions}
    return tuple(
        Acted(
            round=number,
            actor=actor,
            target=target,
            act=Act.CREDITED,
            amount=most + spent.get((actor, target), 0),
            maximum=2 * most,
            deed="reacted",
            centred=True,
            reach=reach,
            points=strength * spent.get((actor, target), 0),
        )
        for actor in actors
        for target in members
        if target != actor
    )
