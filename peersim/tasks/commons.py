"""The commons: all take from one stock that regrows from what they leave.

A resource that many may use and nobody owns is used up, each having a reason to take more than it
bears (Gordon, 1954), though users who deal with one another often keep it up for long (Ostrom,
1990). Here the stock, the harvests and their authors are in plain sight, with free talk.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from peersim.answers import Answer
from peersim.events.deeds import Act, Acted, Paid
from peersim.events.log import AnyEvent
from peersim.events.marks import RoundBegan
from peersim.frozen import Frozen
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.answers import moved, whole
from peersim.tasks.base import Ask, Play, Step
from peersim.tasks.moves import Move, Whole

FEWEST, MOST = 2, 8
TAKE = "take_units"
UNITS = "units"


class Commons(Frozen):
    """Harvests from a shared stock.

    Attributes:
        rounds: How many rounds, unless the stock is gone before.
        capacity: The most units that the stock can hold; it starts full.
        factor: What the units left are multiplied by from one round to the next.
        most: The most units that one can take in a round.
        collapse: The fewest units left from which the stock regrows; with fewer it is gone for
            good, and the play ends.
    """

    group: ClassVar[tuple[int, int]] = (FEWEST, MOST)

    kind: Literal["commons"] = "commons"
    rounds: int = Field(default=6, ge=1)
    capacity: int = Field(default=100, ge=FEWEST)
    factor: int = Field(default=2, ge=2)
    most: int = Field(default=40, ge=1)
    collapse: int = Field(default=10, ge=1)

    @model_validator(mode="after")
    def _is_a_dilemma(self) -> "Commons":
        if self.sustainable(MOST) < 1:
            raise ValueError(f"capacity must let each of {MOST} take a unit that grows back")
        if self.collapse > self._kept(self.capacity):
            raise ValueError("collapse must be at most what the full stock regrows from")
        if self.most <= self.sustainable(FEWEST):
            raise ValueError("most must be above what two can take for ever")
        return self

    def sustainable(self, players: int, stock: int | None = None) -> int:
        """Return the most units that each can take for the stock to regrow to what it was.

        Args:
            players: How many take.
            stock: How many units there are; None for the full stock.
        """
        units = self.capacity if stock is None else stock
        return (units - self._kept(units)) // players

    def limit(self, stock: int) -> int:
        """Return the most units that one can ask for when there are so many."""
        return min(self.most, stock)

    def harvest(self, stock: int, asked: Mapping[str, int]) -> dict[str, int]:
        """Return what each gets of the units it asked for.

        If they asked for more than there is, all get the same part of it, rounded down.
        """
        total = sum(asked.values())
        if total <= stock:
            return dict(asked)
        return {name: units * stock // total for name, units in asked.items()}

    def regrown(self, stock: int, asked: Mapping[str, int]) -> int:
        """Return how many units there are in the next round; 0 if the stock is gone."""
        left = stock - sum(asked.values())
        return 0 if left < self.collapse else min(self.capacity, left * self.factor)

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player."""
        return render("commons_rules.md.j2", game=self, others=_others(player, players))

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Play until the rounds are over or the stock is gone. The game itself draws nothing."""
        stock = self.capacity
        news: Mapping[str, str | None] = dict.fromkeys(players)
        for number in range(1, self.rounds + 1):
            asks = tuple(self._ask(number, who, players, stock, news[who]) for who in players)
            answers = yield Step(events=(RoundBegan(round=number),), asks=asks)
            given = dict(zip(players, answers, strict=True))
            units = {who: whole(answer, UNITS) for who, answer in given.items()}
            asked = {who: found for who, found in units.items() if found is not None}
            got = self.harvest(stock, asked)
            yield Step(events=self._events(number, given, stock, asked, got))
            grown = self.regrown(stock, asked)
            if not grown:
                break
            news = {who: _result(number, who, players, got, grown) for who in players}
            stock = grown
        yield Step()

    def _kept(self, stock: int) -> int:
        """Return the fewest units that regrow to a stock."""
        return -(-stock // self.factor)

    def _ask(
        self, number: int, player: str, players: tuple[str, ...], stock: int, news: str | None
    ) -> Ask:
        others, limit = _others(player, players), self.limit(stock)
        shown = render(
            "commons_ask.md.j2",
            game=self,
            round=number,
            others=others,
            stock=stock,
            limit=limit,
            news=news,
            move=TAKE,
        )
        move = Move(
            name=TAKE,
            description="Take units from the stock.",
            fields=(Whole(name=UNITS, low=0, high=limit),),
            kindest=(self.sustainable(len(players), stock),),
            unkindest=(limit,),
        )
        return Ask(agent=player, round=number, text=shown, moves=(move,), partners=others)

    def _events(
        self,
        number: int,
        given: Mapping[str, Answer],
        stock: int,
        asked: Mapping[str, int],
        got: Mapping[str, int],
    ) -> tuple[AnyEvent, ...]:
        return (
            *(moved(number, who, answer) for who, answer in given.items()),
            *self._acts(number, tuple(given), stock, asked),
            *(Paid(round=number, agent=who, points=got.get(who, 0)) for who in given),
        )

    def _acts(
        self, number: int, players: tuple[str, ...], stock: int, asked: Mapping[str, int]
    ) -> tuple[AnyEvent, ...]:
        """Return what each spared the others.

        What one can spare lies between the most it could ask for and what keeps the stock up, so
        that to keep the stock up is wholly kind in a group of any size. It counts what one asked
        for, not what one got: units that were not there were spared by nobody.
        """
        limit = self.limit(stock)
        spare = limit - self.sustainable(len(players), stock)
        return tuple(
            Acted(
                round=number,
                actor=actor,
                target=target,
                act=Act.HELPED,
                amount=min(limit - units, spare),
                maximum=spare,
                deed="spared",
            )
            for actor, units in asked.items()
            for target in _others(actor, players)
        )


def _others(player: str, players: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in players if name != player)


def _result(
    number: int, who: str, players: tuple[str, ...], got: Mapping[str, int], stock: int
) -> str:
    taken = [("you" if name == who else name, got.get(name)) for name in players]
    return render("commons_result.md.j2", round=number, taken=taken, stock=stock)
