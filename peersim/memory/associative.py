"""Associative memory: what a cue calls to mind, by its words, its age and how it stands out."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log as ln
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from peersim.events.deeds import Acted, Lapsed
from peersim.events.log import AnyEvent, EventLog
from peersim.events.talk import Said
from peersim.frozen import Frozen, later
from peersim.memory.base import Recollection
from peersim.memory.telling import View, told
from peersim.models.line import Line

_WORD = re.compile(r"\w+")
# The usual constants of BM25: how soon a repeated word stops counting, and how much length counts.
_K, _B = 1.2, 0.75
# Scores equal to so many places are ties: the last bits of a logarithm differ between machines.
_PLACES = 9

Weighting = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Weights(Frozen):
    """How much each reason to remember something counts; each reason goes from 0 to 1."""

    relevance: Weighting = 1.0
    recency: Weighting = 0.5
    salience: Weighting = 0.5


class Associative(Frozen):
    """The events that a cue calls to mind are remembered, word for word.

    Attributes:
        cue: What calls them to mind. ``{agent}`` stands for who remembers and ``{peers}`` for
            the others.
        top: Events remembered at most.
        view: Told by names, or by the agent itself as what I did.
        weights: What their order is made of.
    """

    by_model: ClassVar[bool] = False

    kind: Literal["associative"] = "associative"
    view: View = later("third")
    cue: str = Field(
        default="You are to review {peers}. What did {peers} do to {agent}?", min_length=1
    )
    top: int = Field(default=10, ge=1)
    weights: Weights = Weights()

    async def recollect(self, log: EventLog, agent: str, line: Line) -> Recollection:
        """Return the events with the highest scores in the order of time, each citing itself.

        Among equals, the later event is remembered.
        """
        witnessed = told(log, agent, self.view)
        cue = self.cue.replace("{agent}", agent).replace("{peers}", _peers(log, agent))
        events = dict(log.items())
        relevant = relevance(cue, [item.text for item in witnessed])
        scores = [
            self._score(relevant[i], (i + 1) / len(witnessed), events[item.cites[0]])
            for i, item in enumerate(witnessed)
        ]
        best = sorted(range(len(scores)), key=lambda i: (scores[i], i), reverse=True)[: self.top]
        return Recollection(items=tuple(witnessed[i] for i in sorted(best)))

    def _score(self, relevant: float, recent: float, event: AnyEvent) -> float:
        weights = self.weights
        score = weights.relevance * relevant + weights.recency * recent
        return round(score + weights.salience * salience(event), _PLACES)


def relevance(cue: str, texts: Sequence[str]) -> tuple[float, ...]:
    """Return how well each text fits a cue, from 0 (no common word) to 1 (the best fit).

    The score is BM25 (Robertson and Zaragoza, 2009) over lower-case words, with the rarity of a
    word taken from the texts themselves, divided by the highest score.
    """
    bags = [Counter(_words(text)) for text in texts]
    sizes = [sum(bag.values()) for bag in bags]
    mean = sum(sizes) / len(sizes) if any(sizes) else 1.0
    rarity = {word: _rarity(word, bags) for word in dict.fromkeys(_words(cue))}
    found = [
        sum(
            rare * bag[word] * (_K + 1) / (bag[word] + _K * (1 - _B + _B * size / mean))
            for word, rare in rarity.items()
        )
        for bag, size in zip(bags, sizes, strict=True)
    ]
    highest = max(found, default=0.0)
    return tuple(score / highest if highest else 0.0 for score in found)


def salience(event: AnyEvent) -> float:
    """Return how much an event stands out, from 0 to 1, whether for good or bad.

    An act stands out by how far the share done is from half; all and nothing stand out most. A
    move never made stands out fully. Words and payoffs do not stand out by themselves.
    """
    if isinstance(event, Acted):
        return abs(2 * event.share - 1)
    return 1.0 if isinstance(event, Lapsed) else 0.0


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _rarity(word: str, bags: Sequence[Counter[str]]) -> float:
    """Return the weight of a word, always above zero: the fewer texts have it, the higher."""
    holding = sum(word in bag for bag in bags)
    return ln(1 + (len(bags) - holding + 0.5) / (holding + 0.5))


def _peers(log: EventLog, agent: str) -> str:
    """Return the names of the others who acted or spoke, in order of first appearance."""
    names = [event.actor for event in log.of(Acted)] + [event.speaker for event in log.of(Said)]
    return " and ".join(name for name in dict.fromkeys(names) if name != agent)
