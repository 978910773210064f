"""What a process spent on a study's calls, and when going on would only burn trials."""

from collections import Counter
from collections.abc import Callable

from peersim.models.base import Completion, Failure, Request
from peersim.models.onward import RESUME, Onward
from peersim.models.retry import RetryPolicy
from peersim.models.sorts import Refusals
from peersim.steady import steady

# Calls in a row left unanswered by a model, all retries spent, that end a study once nothing was
# answered for this share of what a call may take: the network or the provider is down, and going
# on would only make every trial that is left invalid. Calls that fail together prove no more than
# one does, so time counts; a share, since what was in flight when the trouble began fails first.
UNANSWERED = 3
SILENT_SHARE = 0.5
# Failures in a row that no waiting helps and nobody foresaw, and blocks in a row by a provider's
# policy, that end a study: they are about the account or the study, not one conversation.
UNFORESEEN = 20
BLOCKS = 20


class CallCounter:
    """Counts what a process spent on a study, and what it could recall.

    Attributes:
        made: Calls answered by a model.
        recalled: Calls answered by the journal.
        failed: Calls that stayed without an answer, retries included.
        retried: Attempts that failed before a later one of the same call was answered.
        cost_usd: What the calls made cost; None once any of them did not say.
        answered: Calls answered, by model, journalled ones included.
        refusals: Bad requests in a row.
        unanswered: Calls in a row that stayed without an answer, by model.
        unforeseen: Those of them that failed in a way nobody foresaw, by model.
        blocked: Calls in a row that the provider's policy blocked, by model.
        clock: Tells seconds from any start.
        onward: How the work that the calls are for goes on.
    """

    def __init__(
        self,
        call_seconds: float = RetryPolicy().call_seconds,
        clock: Callable[[], float] = steady,
        onward: Onward = RESUME,
    ) -> None:
        """Start at zero.

        Args:
            call_seconds: How long one call may take, its retries included.
            clock: Tells seconds from any start; it must not follow the wall clock.
            onward: How the work that the calls are for goes on.
        """
        self.clock = clock
        self.onward = onward
        self._patience = SILENT_SHARE * call_seconds
        self._answered_at: dict[str, float] = {}
        self._silent_since: dict[str, float] = {}
        self.cost_usd: float | None = 0.0
        self.made = 0
        self.recalled = 0
        self.failed = 0
        self.retried = 0
        self.answered: Counter[str] = Counter()
        self.refusals = Refusals()
        self.unanswered: Counter[str] = Counter()
        self.unforeseen: Counter[str] = Counter()
        self.blocked: Counter[str] = Counter()

    def count(self, model: str, completion: Completion, request: Request) -> None:
        """Count a call that a model answered."""
        self.made += 1
        self.retried += len(completion.earlier)
        self.answered[model] += 1
        self.refusals.answered(model, request)
        self.unanswered[model] = self.unforeseen[model] = 0
        block = completion.finish == "content_filter" and not completion.simulated
        self.blocked[model] = self.blocked[model] + 1 if block else 0
        self._answered_at[model] = self.clock()
        self._silent_since.pop(model, None)
        cost = completion.usage.cost_usd
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost

    def recall(self, model: str) -> None:
        """Count a call that the journal answered."""
        self.recalled += 1
        self.answered[model] += 1

    def fail(
        self, model: str, failure: Failure, request: Request, asked_at: float | None = None
    ) -> None:
        """Count a call that stayed without an answer.

        Args:
            model: Who was asked.
            failure: What came.
            request: What was asked.
            asked_at: When, on the counter's clock; None for just now.
        """
        self.failed += 1
        if failure.kind == "bad_request":
            self.refusals.refused(model, request)
        self.unforeseen[model] += failure.kind == "unknown"
        if failure.kind == "context_window":
            return  # It is about one conversation.
        self.unanswered[model] += 1
        # A model that nobody asks is not silent.
        asked_at = self.clock() if asked_at is None else asked_at
        since = max(asked_at, self._answered_at.get(model, asked_at))
        self._silent_since[model] = min(self._silent_since.get(model, since), since)

    def silent(self, model: str) -> float:
        """Return the seconds for which a model was asked and answered nothing."""
        now = self.clock()
        return now - self._silent_since.get(model, now)

    def stops_study(self, model: str, failure: Failure, request: Request) -> bool:
        """Return whether going on would only burn trials.

        A bad request stops a study in which its model has had no answer yet, since then the
        model's name, address or parameters are wrong. Later it is about one conversation and
        costs one trial, unless it is the third in a row of its model or of its sort. Other
        failures stop it when nothing was answered for long.
        """
        down = self.unanswered[model] >= UNANSWERED and self.silent(model) >= self._patience
        if down or self.unforeseen[model] >= UNFORESEEN:
            return True
        if failure.kind != "bad_request":
            return failure.stops_study
        return not self.answered[model] or self.refusals.many(model, request)
