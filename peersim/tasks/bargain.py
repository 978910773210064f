"""What is haggled over, and what comes of the talks about it: one item, two limits, one price."""

from collections.abc import Mapping

from peersim.answers import Answer, Chosen
from peersim.events.deeds import Act, Acted
from peersim.frozen import Frozen
from peersim.tasks.answers import whole

STATE = "state_limit"
OFFER = "make_offer"
ACCEPT = "accept_offer"
WALK = "walk_away"
PRICE = "price"

# The limit that each stated; None for no statement.
Stated = Mapping[str, int | None]


class Trade(Frozen):
    """One item, who trades it, and what it is to each of them, in points."""

    number: int
    seller: str
    buyer: str
    cost: int
    value: int

    @property
    def pair(self) -> tuple[str, str]:
        """The two, the seller first."""
        return self.seller, self.buyer

    @property
    def surplus(self) -> int:
        """What a deal is worth to the two together; below zero if no price suits both."""
        return self.value - self.cost

    def other(self, who: str) -> str:
        """Return the other one of the two."""
        return self.buyer if who == self.seller else self.seller

    def limit(self, who: str) -> int:
        """Return the last price at which a deal is no loss to someone."""
        return self.cost if who == self.seller else self.value

    def gain(self, who: str, price: int) -> int:
        """Return what a deal at a price pays someone."""
        return price - self.cost if who == self.seller else self.value - price


class Talks(Frozen):
    """What came of the turns of a round.

    Attributes:
        turns: Who had each turn, and the price offered in it; None for a turn without an offer.
        price: The price agreed on; None without a deal.
        walked: Who walked away, if anyone did.
    """

    turns: tuple[tuple[str, int | None], ...] = ()
    price: int | None = None
    walked: str | None = None

    @property
    def standing(self) -> int | None:
        """The price that can be accepted now: the one offered in the turn just before."""
        return self.turns[-1][1] if self.turns else None

    @property
    def over(self) -> bool:
        """Whether there was a deal or someone walked away."""
        return self.price is not None or self.walked is not None

    def after(self, who: str, answer: Answer) -> "Talks":
        """Return the talks after one more turn."""
        move = answer.move if isinstance(answer, Chosen) else None
        if move == ACCEPT:
            return self.model_copy(update={"price": self.standing})
        if move == WALK:
            return self.model_copy(update={"walked": who})
        offered = whole(answer, PRICE)
        return self.model_copy(update={"turns": (*self.turns, (who, offered))})

    def without_deal(self) -> tuple[str, ...]:
        """Return by whose doing there is no deal: who walked away, else all who made offers."""
        if self.walked:
            return (self.walked,)
        return tuple(dict.fromkeys(who for who, price in self.turns if price is not None))


def lies(trade: Trade, stated: Stated) -> tuple[Acted, ...]:
    """Return what the statements come to once the limits are known.

    A statement is a chance to lie, taken or not; no statement is neither the truth nor a lie.
    """
    said = {who: price for who, price in stated.items() if price is not None}
    return tuple(
        Acted(
            round=trade.number,
            actor=who,
            target=trade.other(who),
            act=Act.LIED,
            amount=int(price != trade.limit(who)),
            maximum=1,
            deed="stated",
        )
        for who, price in said.items()
    )


def helps(trade: Trade, talks: Talks, turns: int) -> tuple[Acted, ...]:
    """Return what each itself left the other of the surplus; where there was none, nobody could.

    With a deal, who offered its price left the other its gain from it. Who accepted is not given
    the credit for a price that it did not name: it left what its own best offer would have left,
    or, without an offer of its own, gave the other all that this asked for. Without a deal, who
    walked away left nothing; if the turns ran out, each left what its best offer would have.

    Args:
        trade: The item.
        talks: How the talks about it ended.
        turns: How many turns there were at most.
    """
    if trade.surplus <= 0:
        return ()
    best = {who: _best_offer(trade, talks, who, turns) for who in trade.pair}
    if talks.walked:
        return (_help(trade, talks.walked, 0, "bargained"),)
    if talks.price is None:
        return tuple(_help(trade, who, best[who]) for who in talks.without_deal())
    offerer, _ = talks.turns[-1]
    acceptor = trade.other(offerer)
    acts = {
        offerer: _help(trade, offerer, trade.gain(acceptor, talks.price), "bargained"),
        acceptor: _help(trade, acceptor, best[acceptor]),
    }
    return tuple(acts[who] for who in trade.pair)


def _best_offer(trade: Trade, talks: Talks, who: str, turns: int) -> int | None:
    """Return the most that an offer of someone's would have left the other; None without any.

    An offer at a loss to the other left it nothing, nor did one in the last turn, which could
    not be accepted.
    """
    other = trade.other(who)
    left = [
        max(trade.gain(other, price), 0) if turn < turns else 0
        for turn, (maker, price) in enumerate(talks.turns, start=1)
        if maker == who and price is not None
    ]
    return max(left, default=None)


def _help(trade: Trade, actor: str, points: int | None, deed: str = "offered") -> Acted:
    """Return the act of leaving the other points of the surplus; None is plain agreement.

    Points are passed on by an offer that became the price, not by one that did not.
    """
    return Acted(
        round=trade.number,
        actor=actor,
        target=trade.other(actor),
        act=Act.HELPED,
        amount=1 if points is None else points,
        maximum=1 if points is None else trade.surplus,
        deed="agreed" if points is None else deed,
        points=points if points is not None and deed == "bargained" else 0,
    )
