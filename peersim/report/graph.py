"""The relationship graph over the rounds of many histories, ready to be drawn."""

from collections.abc import Sequence
from math import cos, pi, sin

from peersim.events.log import AnyEvent
from peersim.frozen import Frozen
from peersim.relations.graph import at, steps


class Frame(Frozen):
    """The graph as it stood after some rounds.

    Attributes:
        rounds: How many rounds had been played.
        weights: The mean weight of each directed tie over the histories that have it.
    """

    rounds: int
    weights: dict[tuple[str, str], float]


class Film(Frozen):
    """The graph of an arm over its rounds.

    Attributes:
        agents: All agents, in the order of play.
        histories: How many histories were averaged.
    """

    agents: tuple[str, ...]
    frames: tuple[Frame, ...]
    histories: int


def film(histories: Sequence[Sequence[AnyEvent]], rule: str = "beta") -> Film:
    """Return the mean graph of several histories, round by round."""
    graphs = [[at(events, step, rule) for step in steps(events)] for events in histories]
    agents = dict.fromkeys(str(agent) for of in graphs for agent in of[-1].nodes)
    longest = max((len(of) for of in graphs), default=0)
    frames = []
    for number in range(longest):
        found: dict[tuple[str, str], list[float]] = {}
        for of in graphs:
            shown = of[min(number, len(of) - 1)]
            for source, target, edge in shown.edges(data=True):
                if "weight" in edge:  # a rule may have none for a tie
                    found.setdefault((source, target), []).append(edge["weight"])
        mean = {tie: sum(weights) / len(weights) for tie, weights in sorted(found.items())}
        frames.append(Frame(rounds=number, weights=mean))
    return Film(agents=tuple(agents), frames=tuple(frames), histories=len(graphs))


def places(agents: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return where agents are drawn: evenly on a circle, the first on the left."""
    turn = 2 * pi / max(len(agents), 1)
    return {name: (-cos(turn * i), sin(turn * i)) for i, name in enumerate(agents)}
