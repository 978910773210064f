"""Haggling: a seller and a buyer state their limits, truly or not, and bargain over one price.

Offers alternate as in Ståhl (1972) and Rubinstein (1982), here with limits that are private and
turns that run out. A statement can be held against the limit, so a true and a false one are told
apart exactly.
"""

from collections.abc import Generator, Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from peersim.answers import Answer
from peersim.events.deeds import Paid
from peersim.events.marks import RoundBegan
from peersim.frozen import Frozen
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.answers import moved, whole
from peersim.tasks.bargain import (
    ACCEPT,
    OFFER,
    PRICE,
    STATE,
    WALK,
    Stated,
    Talks,
    Trade,
    helps,
    lies,
)
from peersim.tasks.base import Ask, Play, Step
from peersim.tasks.moves import Move, Whole


class Haggling(Frozen):
    """Haggling for two.

    Attributes:
        rounds: How many items; the first player sells in even rounds and buys in odd ones.
        low: The least that a cost, a value or a price can be.
        high: The most that it can be.
        turns: How many turns the two have to agree on a price.
        impossible: The chance that an item costs more than it is worth.
    """

    group: ClassVar[tuple[int, int]] = (2, 2)

    kind: Literal["haggling"] = "haggling"
    rounds: int = Field(default=4, ge=1)
    low: int = Field(default=20, ge=0)
    high: int = Field(default=80, ge=1)
    turns: int = Field(default=6, ge=2)
    impossible: float = Field(default=0.2, ge=0, le=1)

    @model_validator(mode="after")
    def _has_room_for_two_limits(self) -> "Haggling":
        if self.low >= self.high:
            raise ValueError("low must be below high")
        return self

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player."""
        other = next(name for name in players if name != player)
        return render("haggling_rules.md.j2", game=self, other=other)

    def trade(self, number: int, players: tuple[str, ...], seeds: SeedTree) -> Trade:
        """Return a round's item.

        The round parts the range in two, one part for each limit; where in its part a limit lies
        hangs on the player's name and the round alone.
        """
        first, second = players
        seller, buyer = (second, first) if number % 2 else (first, second)
        rng = seeds.child("range", number).rng()
        parted = rng.randint(self.low, self.high - 1)
        lower, upper = (self.low, parted), (parted + 1, self.high)
        dear = rng.random() < self.impossible
        cost_range, value_range = (upper, lower) if dear else (lower, upper)
        cost = seeds.child("limit", seller, number).rng().randint(*cost_range)
        value = seeds.child("limit", buyer, number).rng().randint(*value_range)
        return Trade(number=number, seller=seller, buyer=buyer, cost=cost, value=value)

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Play all rounds."""
        news: Mapping[str, str | None] = dict.fromkeys(players)
        for number in range(1, self.rounds + 1):
            trade = self.trade(number, players, seeds)
            stated = yield from self._state(trade, news)
            talks = yield from self._haggle(trade, stated)
            points = {who: _points(trade, talks, who) for who in players}
            paid = (Paid(round=number, agent=who, points=p) for who, p in points.items())
            helped = helps(trade, talks, self.turns)
            yield Step(events=(*lies(trade, stated), *helped, *paid))
            news = {who: _result(trade, stated, talks, who) for who in players}
        yield Step()

    def bluff(self, trade: Trade, who: str) -> int:
        """Return the false limit that asks most for its owner, if there is one in its favour."""
        ends = (self.high, self.low) if who == trade.seller else (self.low, self.high)
        return next(price for price in ends if price != trade.limit(who))

    def prices(self, trade: Trade, who: str) -> tuple[int, int]:
        """Return the least and the most that someone can offer without a loss."""
        return (trade.cost, self.high) if who == trade.seller else (self.low, trade.value)

    def _state(
        self, trade: Trade, news: Mapping[str, str | None]
    ) -> Generator[Step, tuple[Answer, ...], dict[str, int | None]]:
        """Let both state their limits, at the same time."""
        asks = tuple(self._state_ask(trade, who, news[who]) for who in trade.pair)
        answers = yield Step(events=(RoundBegan(round=trade.number),), asks=asks)
        given = dict(zip(trade.pair, answers, strict=True))
        yield Step(events=tuple(moved(trade.number, who, a) for who, a in given.items()))
        return {who: whole(answer, PRICE) for who, answer in given.items()}

    def _haggle(self, trade: Trade, stated: Stated) -> Generator[Step, tuple[Answer, ...], Talks]:
        """Let the two take turns until one ends the talks or no turn is left."""
        talks = Talks()
        while not talks.over and len(talks.turns) < self.turns:
            who = trade.pair[len(talks.turns) % 2]
            ask = self._turn_ask(trade, who, stated, talks)
            (answer,) = yield Step(asks=(ask,))
            yield Step(events=(moved(trade.number, who, answer),))
            talks = talks.after(who, answer)
        return talks

    def _state_ask(self, trade: Trade, who: str, news: str | None) -> Ask:
        other = trade.other(who)
        text = render(
            "haggling_state.md.j2",
            game=self,
            trade=trade,
            sells=who == trade.seller,
            other=other,
            news=news,
            move=STATE,
        )
        move = Move(
            name=STATE,
            description=f"State your limit to {other}.",
            fields=(Whole(name=PRICE, low=self.low, high=self.high),),
            kindest=(trade.limit(who),),
            unkindest=(self.bluff(trade, who),),
        )
        return Ask(
            agent=who,
            round=trade.number,
            text=text,
            moves=(move,),
            partners=(other,),
            scripted=(STATE,),
        )

    def _turn_ask(self, trade: Trade, who: str, stated: Stated, talks: Talks) -> Ask:
        other, offer = trade.other(who), talks.standing
        can_accept = offer is not None and trade.gain(who, offer) >= 0
        least, most = self.prices(trade, who)
        text = render(
            "haggling_turn.md.j2",
            game=self,
            trade=trade,
            sells=who == trade.seller,
            other=other,
            stated={"own": stated[who], "other": stated[other]},
            turns=[(turn_of == who, price) for turn_of, price in talks.turns],
            offer=offer,
            can_accept=can_accept,
            least=least,
            most=most,
            moves={"offer": OFFER, "accept": ACCEPT, "walk": WALK},
        )
        accept = Move(name=ACCEPT, description=f"Accept the price that {other} has just offered.")
        moves = (self._offer(trade, who), Move(name=WALK, description="End without a deal."))
        return Ask(
            agent=who,
            round=trade.number,
            text=text,
            moves=(accept, *moves) if can_accept else moves,
            partners=(other,),
            # A round is one chance, however many turns the other lets it have.
            place=trade.number - 1,
        )

    def _offer(self, trade: Trade, who: str) -> Move:
        least, most = self.prices(trade, who)
        kindest, unkindest = (least, most) if who == trade.seller else (most, least)
        return Move(
            name=OFFER,
            description=f"Offer a price to {trade.other(who)}.",
            fields=(Whole(name=PRICE, low=least, high=most),),
            kindest=(kindest,),
            unkindest=(unkindest,),
        )


def _points(trade: Trade, talks: Talks, who: str) -> int:
    return 0 if talks.price is None else trade.gain(who, talks.price)


def _result(trade: Trade, stated: Stated, talks: Talks, who: str) -> str:
    other = trade.other(who)
    return render(
        "haggling_result.md.j2",
        trade=trade,
        talks=talks,
        sells=who == trade.seller,
        other=other,
        stated={"own": stated[who], "other": stated[other]},
        own_points=_points(trade, talks, who),
        other_points=_points(trade, talks, other),
    )
