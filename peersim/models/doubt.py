"""What counts in the budget without anybody having said so: estimates, and what they stand for."""

from dataclasses import dataclass, field

from peersim.models.base import Completion, Failure
from peersim.models.money import Charge

# Estimates of at least this share of a ceiling are named when it is reached.
LARGE = 0.1
UNSEEN = "unseen"


@dataclass
class Doubt:
    """Requests of which nobody said what they used, and that are counted as they were reserved.

    Attributes:
        requests: How many.
        usd: What they count for in dollars.
        tokens: The same in tokens.
        why: What came of the last one.
    """

    requests: int = 0
    usd: float = 0.0
    tokens: int = 0
    why: str = ""

    def add(self, charge: Charge, why: str) -> None:
        """Count one more."""
        self.requests += 1
        self.usd += charge.usd or 0.0
        self.tokens += charge.tokens
        self.why = why

    def share(self, usd: float | None, tokens: int | None) -> float:
        """Return the share of the ceilings that they take, the larger of the two."""
        return max(self.usd / usd if usd else 0.0, self.tokens / tokens if tokens else 0.0)


@dataclass
class Doubts:
    """The estimated part of what a process has spent, by what it stands for."""

    known: dict[str, Doubt] = field(default_factory=dict)

    def add(self, reply: Completion | Failure, charge: Charge) -> None:
        """Count a request that is charged by an estimate."""
        kind, why = (reply.kind, reply.detail) if isinstance(reply, Failure) else ("", "")
        self.known.setdefault(kind, Doubt()).add(charge, why)

    def add_unseen(self, usd: float, tokens: int) -> None:
        """Count what was in flight when earlier sessions ended before it did."""
        doubt = self.known.setdefault(UNSEEN, Doubt())
        doubt.usd += usd
        doubt.tokens += tokens

    def words(self, usd: float | None, tokens: int | None) -> str:
        """Return what the largest estimate stands for; empty if it is small beside the ceilings.

        Args:
            usd: The ceiling in dollars, if there is one.
            tokens: The same in tokens.
        """
        shares = {kind: doubt.share(usd, tokens) for kind, doubt in self.known.items()}
        kind = max(shares, key=shares.__getitem__, default="")
        if shares.get(kind, 0.0) < LARGE:
            return ""
        doubt = self.known[kind]
        amount = f"${doubt.usd:.2f}" if usd else f"{doubt.tokens:,} tokens"
        return f"{amount} of it is an estimate, for {_what(kind, doubt)}"


def _what(kind: str, doubt: Doubt) -> str:
    if kind == UNSEEN:
        return "the most that can have been in flight when sessions were killed or stopped"
    many = doubt.requests != 1
    if kind:
        plural = "s" if many else ""
        return (
            f"{doubt.requests} request{plural} that may be billed and failed ({kind}: {doubt.why})"
        )
    said = "replies that do not say what they" if many else "reply that does not say what it"
    return f"{doubt.requests} {said} used"
