"""Games for two in larger groups: every pair that meets plays, no one in two meetings at once."""

from collections.abc import Generator, Sequence
from itertools import chain, islice
from typing import Literal, TypeVar, cast

from peersim.events.deeds import Acted, Lapsed, Paid
from peersim.events.log import AnyEvent
from peersim.events.marks import RoundBegan
from peersim.seeding import SeedTree
from peersim.tasks.base import Ask, CheckedPlay, Replies, Step, Task
from peersim.tasks.checks import Check

Topology = Literal["all", "ring", "star", "pairs"]
Pair = tuple[str, str]
T = TypeVar("T")


def edges(topology: Topology, players: Sequence[T]) -> tuple[tuple[T, T], ...]:
    """Return who meets whom, each pair once, in the order of the players.

    Args:
        topology: Everyone with everyone, each with two neighbours, all with the first, or the
            first with the second, the third with the fourth and so on.
        players: At least two.

    Raises:
        ValueError: If an odd number of players is to be paired off.
    """
    match topology:
        case "all":
            return tuple((a, b) for i, a in enumerate(players) for b in players[i + 1 :])
        case "ring":
            following = (*players[1:], *(players[:1] if len(players) > 2 else ()))
            return tuple(zip(players, following, strict=False))
        case "star":
            return tuple((players[0], other) for other in players[1:])
        case "pairs":
            if len(players) % 2:
                raise ValueError("an odd number of players cannot be paired off")
            return tuple(zip(players[::2], players[1::2], strict=True))


def matchings(pairs: Sequence[Pair]) -> tuple[tuple[Pair, ...], ...]:
    """Return the pairs in groups that can meet at the same time: nobody is in two of a group."""
    groups: list[list[Pair]] = []
    for pair in pairs:
        free = (g for g in groups if not any(set(pair) & set(other) for other in g))
        group = next(free, None)
        if group is None:
            groups.append(group := [])
        group.append(pair)
    return tuple(tuple(group) for group in groups)


class _Meeting:
    """One pair's game, held at the beginning of each round until it is its turn."""

    def __init__(self, task: Task, pair: Pair, seeds: SeedTree) -> None:
        """Begin the pair's game; its seeds are its own, whoever else plays."""
        self.pair = pair
        # A game without checks gets no results of any, so it may be driven as one that has.
        self._play = cast(CheckedPlay, task.play(pair, seeds.child("pair", *pair)))
        self._step: Step | None = next(self._play)

    @property
    def over(self) -> bool:
        """Whether the game has ended."""
        return self._step is None

    def within(self, number: int) -> bool:
        """Return whether the game is still in a round, or before its beginning."""
        if self._step is None:
            return False
        begun = [e.round for e in self._step.events if isinstance(e, RoundBegan)]
        return not begun or begun[0] <= number

    def events(self) -> list[AnyEvent]:
        """Return the events of the step, marked as the pair's own."""
        assert self._step is not None, "a game that is over has no step"
        return [_own(e, self.pair) for e in self._step.events if not isinstance(e, RoundBegan)]

    def asks(self) -> list[Ask]:
        """Return the asks of the step; what is said in answer is heard by the pair alone."""
        assert self._step is not None, "a game that is over has no step"
        return [self._ask(ask) for ask in self._step.asks]

    def _ask(self, ask: Ask) -> Ask:
        other = _other(ask.agent, self.pair)
        hearers = (other,) if ask.hearers is None else ask.hearers
        return ask._replace(hearers=hearers)

    def checks(self) -> tuple[Check, ...]:
        """Return the checks of the step."""
        assert self._step is not None, "a game that is over has no step"
        return self._step.checks

    def send(self, answers: Replies) -> None:
        """Let the game go on."""
        try:
            self._step = self._play.send(answers)
        except StopIteration:
            self._step = None


def begin(task: Task, players: tuple[str, ...], topology: Topology, seeds: SeedTree) -> CheckedPlay:
    """Return the game of a group: the task itself, or its pairs if it is for two only."""
    if len(players) > task.group[1] == 2:
        return play_in_pairs(task, edges(topology, players), seeds)
    return cast(CheckedPlay, task.play(players, seeds))


def play_in_pairs(task: Task, pairs: Sequence[Pair], seeds: SeedTree) -> CheckedPlay:
    """Play a game for two in every pair, round by round.

    In a round the pairs of one matching play at the same time, one matching after the other.
    """
    groups = [[_Meeting(task, pair, seeds) for pair in group] for group in matchings(pairs)]
    number = 0
    while not all(meeting.over for group in groups for meeting in group):
        number += 1
        opening: tuple[AnyEvent, ...] = (RoundBegan(round=number),)
        for group in groups:
            opening = yield from _round(number, group, opening)


def _round(
    number: int, group: Sequence[_Meeting], opening: tuple[AnyEvent, ...]
) -> Generator[Step, Replies, tuple[AnyEvent, ...]]:
    """Play a round of some pairs; return the opening events if no step has told them."""
    while playing := [meeting for meeting in group if meeting.within(number)]:
        asks = [meeting.asks() for meeting in playing]
        checks = [meeting.checks() for meeting in playing]
        events = [event for meeting in playing for event in meeting.events()]
        begun = opening if events or any(asks) or any(checks) else ()
        opening = () if begun else opening
        replies = yield Step(
            events=(*begun, *events), asks=tuple(chain(*asks)), checks=tuple(chain(*checks))
        )
        put = sum(map(len, asks))
        answers, found = iter(replies[:put]), iter(replies[put:])
        for meeting, some, run in zip(playing, asks, checks, strict=True):
            meeting.send((*islice(answers, len(some)), *islice(found, len(run))))
    return opening


def _own(event: AnyEvent, pair: Pair) -> AnyEvent:
    """Return an event as seen by the pair alone."""
    match event:
        case Acted(seen_by=None):
            return event.model_copy(update={"seen_by": ()})
        case Paid(seen_by=None):
            other = _other(event.agent, pair)
            return event.model_copy(update={"seen_by": (other,), "meeting": other})
        case Lapsed(seen_by=None):
            return event.model_copy(update={"seen_by": (_other(event.agent, pair),)})
        case _:
            return event


def _other(name: str, pair: Pair) -> str:
    return pair[1] if name == pair[0] else pair[0]
