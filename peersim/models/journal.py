"""The journal: every completion, durable, keyed by who asked and the number of the call.

It is the one mechanism behind resume, replay and forking. An entry belongs to one request;
when the request at the same place is another one, that is a divergence, never a reuse.
"""

from typing import NamedTuple, Protocol

from peersim.errors import NOT_KEPT, Difference, Divergence, MissingCompletion
from peersim.frozen import Frozen
from peersim.models.asked import Message
from peersim.models.base import Completion, Failure, Request, digest_of


class CallKey(NamedTuple):
    """Where a call stands: the trial or history it belongs to, who made it, its number from 0."""

    owner: str
    caller: str
    number: int

    def __str__(self) -> str:
        """Name the call as messages do."""
        return f"{self.owner}, {self.caller}, call {self.number}"


class Entry(Frozen):
    """One journalled call.

    A conversation only grows, so an entry names no more than what its request changed since
    the caller's last one; else a journal would grow with the square of the turns.

    Attributes:
        request: The digest of the request that was answered.
        parts: How many parts that request had.
        changed: The digests of its parts that the caller's last request did not have, by name.
    """

    request: str
    parts: int
    changed: dict[str, str]
    completion: Completion


class Journal(Protocol):
    """Keeps completions."""

    def recall(self, key: CallKey) -> Entry | None:
        """Return the entry of a call, or None."""
        ...

    async def keep(self, key: CallKey, entry: Entry, model: str, request: Request) -> None:
        """Store an entry; return only when it would survive the death of the process.

        Args:
            key: The call.
            entry: What to keep of it.
            model: The reference of the model that was asked.
            request: The request; the texts of its new parts are kept, each text once.
        """
        ...

    async def note(self, key: CallKey, model: str, failure: Failure) -> None:
        """Store that a call stayed without an answer, and its attempts; it may be made again."""
        ...

    def failed(self, key: CallKey) -> Failure | None:
        """Return how a call came to nothing for good; None if it may be made again.

        Only a replay makes no call again.
        """
        ...

    def text(self, digest: str) -> str | None:
        """Return the text of a part of some request, by its digest; None if none was kept."""
        ...


class MemoryJournal:
    """A journal in a dictionary, for work that need not outlive the process."""

    def __init__(self) -> None:
        """Start empty."""
        self.entries: dict[CallKey, Entry] = {}
        self.failures: list[tuple[CallKey, str, Failure]] = []
        self.texts: dict[str, str] = {}

    def recall(self, key: CallKey) -> Entry | None:
        """Return the entry of a call, or None."""
        return self.entries.get(key)

    async def keep(self, key: CallKey, entry: Entry, model: str, request: Request) -> None:
        """Store an entry."""
        self.entries[key] = entry
        self.texts |= {v: request.readable(k) for k, v in entry.changed.items() if worth_keeping(k)}

    async def note(self, key: CallKey, model: str, failure: Failure) -> None:
        """Store a failure."""
        self.failures.append((key, model, failure))

    def failed(self, key: CallKey) -> None:
        """Return nothing: a call that failed is made again."""

    def text(self, digest: str) -> str | None:
        """Return a kept text, or None."""
        return self.texts.get(digest)


class ReplayModel:
    """A model for replay: it answers nothing, so whatever reaches it was not journalled."""

    simulated = False

    def __init__(self, name: str) -> None:
        """Stand in for the model of this name."""
        self.name = name

    async def complete(self, request: Request) -> Completion:
        """Refuse the call.

        Raises:
            MissingCompletion: Always.
        """
        raise MissingCompletion(
            f"a replay needs a call of {self.name} that the journal does not hold",
            "resume the run to make the missing calls",
        )


class Trail:
    """One caller's requests so far: what each changed, and how a new one compares."""

    def __init__(self) -> None:
        """Begin before the first request."""
        self._messages: tuple[Message, ...] = ()
        self._parts: dict[str, str] = {}

    def entry(self, request: Request, completion: Completion) -> Entry:
        """Return the entry of a request that was answered now, and follow it."""
        before = self._parts
        parts = request.parts_after(self._messages, before)
        self._messages, self._parts = request.messages, parts
        return Entry(
            request=digest_of(parts),
            parts=len(parts),
            changed={k: v for k, v in parts.items() if before.get(k) != v},
            completion=completion,
        )

    def match(self, key: CallKey, entry: Entry, request: Request, journal: Journal) -> Completion:
        """Return the journalled completion if it answers this very request, and follow it.

        Raises:
            Divergence: If the request differs from the journalled one; tells what changed.
        """
        if entry.request != request.digest:
            raise _divergence(key, self._differences(entry, request, journal))
        self._messages, self._parts = request.messages, request.parts
        return entry.completion

    def _differences(
        self, entry: Entry, request: Request, journal: Journal
    ) -> tuple[Difference, ...]:
        """Return the parts that differ; all before this call were the same."""
        then = {**self._parts, **entry.changed}
        differing = [k for k, v in request.parts.items() if then.get(k) != v]
        # An entry does not say which parts of the request before it were gone, but how many.
        whole = len(then) == entry.parts or len(request.parts) < entry.parts
        places = set(map(_place, request.parts))
        differing += [k for k in (then if whole else entry.changed) if _place(k) not in places]
        stood = {_place(k): v for k, v in then.items()}
        return tuple(
            Difference(
                part=k,
                then=_kept(journal.text(stood[_place(k)])) if _place(k) in stood else None,
                now=request.readable(k) if k in request.parts else None,
            )
            for k in differing
        )


def _place(part: str) -> str:
    """Return where a part stands: a message in the place of another may be another one's."""
    return part.partition(" (")[0]


def _kept(text: str | None) -> str:
    return NOT_KEPT if text is None else text


def worth_keeping(part: str) -> bool:
    """Return whether a part's text stands nowhere else in the journal.

    An assistant's message is an earlier completion, and sampling differs by its seed alone.
    """
    return part != "sampling" and not part.endswith("(assistant)")


def _divergence(key: CallKey, differences: tuple[Difference, ...]) -> Divergence:
    changed = ", ".join(difference.part for difference in differences)
    return Divergence(
        f"the journal holds another request for {key}"
        f" (changed: {changed or 'the order of the parts'})",
        "the prompts, the code or the configuration changed since the run began; see what"
        " changed with peersim replay, start a new run directory, or go back to the version"
        " that made this one",
        differences,
    )
