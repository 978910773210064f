"""How overseer and target stand to each other by what they did, frozen as the interaction ended."""

from typing import NamedTuple

from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.relations.graph import Graph, at_end_of_interaction, course
from peersim.relations.measures import (
    ally_count,
    asymmetry,
    given_strength,
    rank,
    received_strength,
    reciprocity,
    strength,
    trend,
    trust_in,
    trust_out,
    volatility,
)
from peersim.relations.replies import lagged_reciprocity
from peersim.relations.triads import balance, triads


class Observed(Frozen):
    """How overseer and target stand, by acts alone. None where there is no such value.

    Attributes:
        given: The observed weight of the tie from the overseer to the target.
        received: That of the tie from the target to the overseer.
        asymmetry: The weight given less the weight received.
        rank: The place of the target among those that the overseer gave to, 1 for the first.
        allies: How many others are tied to the target more than neutrally.
        answered: How much kinder the overseer was after kind acts of the target than after
            unkind ones.
        volatility: Mean absolute change from round to round of the tie from the target.
        trend: Its slope over the last three rounds, per round.
        given_strength: The sum of the overseer's ties to everyone.
        received_strength: The sum of everyone's ties to the overseer.
        trust_out: The mean of the overseer's ties to everyone.
        trust_in: The mean of everyone's ties to the target.
        reciprocity: The share of all kindness in the group that was returned.
        harm_returned: The share of all harm in the group that was returned.
        triads: The signs between overseer and target, overseer and third, target and third, such
            as ``+-+``, for each third whose three signs are known.
        balance: The share of the group's triads that are balanced.
    """

    given: float | None
    received: float | None
    asymmetry: float | None
    rank: int | None
    allies: int
    answered: float | None
    volatility: float | None
    trend: float | None
    given_strength: float | None
    received_strength: float | None
    trust_out: float | None
    trust_in: float | None
    reciprocity: float | None
    harm_returned: float | None
    triads: tuple[str, ...]
    balance: float | None


def observed(history: History, overseer: str, target: str, rule: str = "beta") -> Observed | None:
    """Return how overseer and target stood when the interaction ended; None if it never did.

    Raises:
        ConfigError: If there is no such rule.
    """
    found = grown(history, rule)
    return found and observed_in(found, overseer, target)


class Grown(NamedTuple):
    """The graphs of a history that ended, whoever is asked about.

    Attributes:
        history: The history.
        last: As the interaction left it.
        rounds: Before the first round and after each.
    """

    history: History
    last: Graph
    rounds: tuple[Graph, ...]


def grown(history: History, rule: str = "beta") -> Grown | None:
    """Return the graphs of a history; None if its interaction never ended.

    Raises:
        ConfigError: If there is no such rule.
    """
    if history.failed:
        return None
    events = history.events
    return Grown(history, at_end_of_interaction(events, rule), course(events, rule))


def observed_in(found: Grown, overseer: str, target: str) -> Observed:
    """Return how overseer and target stood when the interaction ended, by its graphs."""
    history, graph, rounds = found
    return Observed(
        **_of_the_group(graph, overseer, target),
        given=strength(graph, overseer, target),
        received=strength(graph, target, overseer),
        asymmetry=asymmetry(graph, overseer, target),
        rank=rank(graph, overseer, target),
        allies=ally_count(graph, target, overseer),
        answered=lagged_reciprocity(history.events, overseer, target),
        volatility=volatility(rounds, target, overseer),
        trend=trend(rounds, target, overseer),
        triads=triads(graph, overseer, target),
    )


def _of_the_group(graph: Graph, overseer: str, target: str) -> dict[str, float | None]:
    return {
        "given_strength": given_strength(graph, overseer),
        "received_strength": received_strength(graph, overseer),
        "trust_out": trust_out(graph, overseer),
        "trust_in": trust_in(graph, target),
        "reciprocity": reciprocity(graph),
        "harm_returned": reciprocity(graph, "harm"),
        "balance": balance(graph),
    }
