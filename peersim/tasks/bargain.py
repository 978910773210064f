"""What is haggled over, and what comes of the talks about it: one item, two limits, one price."""

from peersim.answers import Answer, Chosen
from peersim.frozen import Frozen
from peersim.tasks.answers import whole

STATE = "state_limit"
OFFER = "make_offer"
ACCEPT = "accept_offer"
WALK = "walk_away"
PRICE = "price"


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
