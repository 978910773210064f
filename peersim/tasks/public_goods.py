"""The public goods game: each keeps or contributes, the pot serves all, and all can react.

Contributions as in Isaac and Walker (1988); costly deductions from named members after Fehr and
Gächter (2002), costly rewards after Sefton, Shupp and Walker (2007). Repeated, with free talk.
"""

from collections.abc import Generator, Mapping
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from peersim.answers import Answer, Chosen
from peersim.events.deeds import Paid
from peersim.events.log import AnyEvent
from peersim.events.marks import RoundBegan
from peersim.frozen import Frozen
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.answers import moved, whole
from peersim.tasks.base import Ask, Play, Step
from peersim.tasks.pot import (
    CONTRIBUTE,
    DECIMALS,
    DEDUCT,
    LEAVE,
    POINTS,
    REWARD,
    Contributions,
    Points,
    Reaction,
    after_reactions,
    contributed,
    contributing,
    pot_share,
    reacted,
    reacting,
)

Reactions = Literal["none", "reward", "deduct", "both"]
# The moves of the second stage, from the kindest to the least kind.
_MOVES: Mapping[Reactions, tuple[str, ...]] = {
    "none": (),
    "reward": (REWARD, LEAVE),
    "deduct": (LEAVE, DEDUCT),
    "both": (REWARD, LEAVE, DEDUCT),
}
Happened = tuple[AnyEvent, ...]
News = Mapping[str, str | None]


class PublicGoods(Frozen):
    """The repeated public goods game.

    A point contributed brings each member ``factor`` points divided by the number of members. The
    bounds of the factor see to it that this is less than the point in the smallest group, even
    when shares are rounded, and that all contributing everything pays more than none doing so.

    Attributes:
        rounds: How many rounds.
        endowment: Points that each has in a round, to keep or contribute.
        factor: What the pot is multiplied by.
        reactions: What members can do to one another once they see the contributions.
        strength: Points that each point spent on a reaction adds to or takes from its target's.
        most_points: The most points that one can spend on a reaction.
    """

    group: ClassVar[tuple[int, int]] = (2, 8)

    kind: Literal["public_goods"] = "public_goods"
    rounds: int = Field(default=4, ge=1)
    endowment: int = Field(default=10, ge=1)
    factor: float = Field(default=1.6, ge=1.1, le=1.8)
    reactions: Reactions = "both"
    strength: int = Field(default=3, ge=1)
    most_points: int = Field(default=5, ge=1)

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player."""
        return render(
            "public_goods_rules.md.j2",
            game=self,
            others=_others(player, players),
            decimals=DECIMALS,
        )

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Play all rounds. The game itself draws nothing."""
        news: News = dict.fromkeys(players)
        for number in range(1, self.rounds + 1):
            asks = tuple(self._contribute_ask(number, who, players, news[who]) for who in players)
            answers = yield Step(events=(RoundBegan(round=number),), asks=asks)
            given = _contributions(players, answers)
            events: Happened = (
                *(moved(number, who, a) for who, a in zip(players, answers, strict=True)),
                *contributed(number, players, given, self.endowment, self.factor),
            )
            before = self.before_reactions(players, given)
            reactions, events = yield from self._react(number, players, given, before, events)
            points = after_reactions(before, reactions, self.strength)
            paid = (Paid(round=number, agent=who, points=float(p)) for who, p in points.items())
            yield Step(events=(*events, *paid))
            news = {who: self._result(number, who, given, reactions, points) for who in players}
        yield Step()

    def before_reactions(self, players: tuple[str, ...], given: Contributions) -> Points:
        """Return everyone's points before reactions; who made no contribution move has none."""
        share = pot_share(given.values(), self.factor, len(players))
        return {
            who: self.endowment - given[who] + share if who in given else Fraction(0)
            for who in players
        }

    def _react(
        self,
        number: int,
        players: tuple[str, ...],
        given: Contributions,
        before: Points,
        events: Happened,
    ) -> Generator[Step, tuple[Answer, ...], tuple[tuple[Reaction, ...], Happened]]:
        """Let those react, all at once, who have a point to spend and another to spend it on.

        Both must have made a contribution move: who made none has no points in the round.

        Returns:
            The reactions, and the events that are still to be told.
        """
        able = tuple(who for who in given if self._limit(before[who]) > 0)
        if self.reactions == "none" or len(given) < 2 or not able:
            return (), events
        asks = tuple(self._react_ask(number, who, players, given, before) for who in able)
        answers = yield Step(events=events, asks=asks)
        found = dict(zip(able, answers, strict=True))
        reactions = tuple(r for who, a in found.items() if (r := Reaction.of(who, a)))
        actors = tuple(who for who, answer in found.items() if isinstance(answer, Chosen))
        names = _MOVES[self.reactions]
        acts = reacted(
            number, actors, tuple(given), reactions, self.most_points, self.strength, names
        )
        return reactions, (*(moved(number, who, a) for who, a in found.items()), *acts)

    def _limit(self, points: Fraction) -> int:
        """Return the most that one can spend who has so many points."""
        return min(self.most_points, int(points))

    def _contribute_ask(
        self, number: int, player: str, players: tuple[str, ...], news: str | None
    ) -> Ask:
        others = _others(player, players)
        shown = render(
            "public_goods_contribute.md.j2",
            game=self,
            round=number,
            others=others,
            news=news,
            move=CONTRIBUTE,
        )
        move = contributing(self.endowment)
        return Ask(agent=player, round=number, text=shown, moves=(move,), partners=others)

    def _react_ask(
        self,
        number: int,
        player: str,
        players: tuple[str, ...],
        given: Contributions,
        before: Points,
    ) -> Ask:
        names, limit = _MOVES[self.reactions], self._limit(before[player])
        shown = render(
            "public_goods_react.md.j2",
            game=self,
            round=number,
            me=player,
            rows=[(who, given.get(who), float(before[who])) for who in players],
            limit=limit,
            reward=REWARD if REWARD in names else "",
            deduct=DEDUCT if DEDUCT in names else "",
            leave=LEAVE,
        )
        contributors = {who: points for who, points in given.items() if who != player}
        return Ask(
            agent=player,
            round=number,
            text=shown,
            moves=reacting(contributors, limit, names),
            partners=_others(player, players),
            scripted=names,
            place=number - 1,
        )

    def _result(
        self,
        number: int,
        player: str,
        given: Contributions,
        reactions: tuple[Reaction, ...],
        points: Points,
    ) -> str:
        return render(
            "public_goods_result.md.j2",
            game=self,
            round=number,
            me=player,
            rows=[(who, given.get(who), float(found)) for who, found in points.items()],
            reactions=reactions,
        )


def _contributions(players: tuple[str, ...], answers: tuple[Answer, ...]) -> Contributions:
    """Return what each contributed that made a move, 0 included."""
    found = ((who, whole(a, POINTS)) for who, a in zip(players, answers, strict=True))
    return {who: points for who, points in found if points is not None}


def _others(player: str, players: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in players if name != player)
