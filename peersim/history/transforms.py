"""Transforms: how a lived history is shown to the one who remembers it.

A transform changes a copy of the log and spends no call, so that any number of presented pasts
can be forked from one lived past. Events keep the ids they have in the log they come from.
"""

import random
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from peersim.events.deeds import Acted, Lapsed, Moved, Paid
from peersim.events.log import AnyEvent, EventLog
from peersim.events.marks import Delayed, RoundBegan
from peersim.events.talk import Noted, Said
from peersim.frozen import Frozen, later
from peersim.memory.telling import heard_by, tell
from peersim.prompts.library import load_data
from peersim.seeding import SeedTree

Items = Sequence[tuple[str, AnyEvent]]
_WORD = re.compile(r"\w+")


class Own(Frozen):
    """The past as it was."""

    kind: Literal["own"] = "own"

    def present(self, items: Items, agent: str, seeds: SeedTree) -> Items:
        """Return the events unchanged."""
        return items


class Yoked(Frozen):
    """The past of another group of the same arm: as warm on average, but not one's own.

    It is the next replicate's, so that each history is given away once, and is lived anyway.

    Attributes:
        match: Whether what is remembered of it is brought to within 5 % of the length of what
            would be remembered of the own past, or left as it is. Left as it is in records from
            before there was the choice; the shipped option ``transform=yoked`` asks for the
            length.
    """

    kind: Literal["yoked"] = "yoked"
    match: Literal["length", "none"] = later("none")

    def present(self, items: Items, agent: str, seeds: SeedTree) -> Items:
        """Return the other group's events unchanged; they are what is given."""
        return items


class Swapped(Frozen):
    """Two have changed places: what one did and said is shown as the other's.

    Attributes:
        one: Whose deeds are shown as the other's; None for the target.
        other: The other one; None for the first in the background, or the overseer.
    """

    kind: Literal["swapped"] = "swapped"
    one: str | None = None
    other: str | None = None

    def present(self, items: Items, agent: str, seeds: SeedTree) -> Items:
        """Return the events with both names exchanged, in fields and in what was said."""
        assert self.one, "names are filled in when the trial is planned"
        assert self.other, "names are filled in when the trial is planned"
        names = {self.one: self.other, self.other: self.one}
        return [(name, _renamed(event, names)) for name, event in items]


class Shuffled(Frozen):
    """The same rounds in another order, numbered anew: only the order is lost."""

    kind: Literal["shuffled"] = "shuffled"

    def present(self, items: Items, agent: str, seeds: SeedTree) -> Items:
        """Return the events with whole rounds permuted; never in the old order if it can be."""
        task = _of_the_task(items)
        numbers = sorted({event.round for _, event in task if isinstance(event, RoundBegan)})
        order = _another_order(numbers, seeds.child("shuffle").rng())
        rounds = {number: [(n, e) for n, e in task if _round(e) == number] for number in numbers}
        moved = [
            (name, event.model_copy(update={"round": new}))
            for new, old in zip(numbers, order, strict=True)
            for name, event in rounds[old]
        ]
        first = next((i for i, (_, e) in enumerate(task) if _round(e) is not None), len(task))
        rest = [item for item in task[first:] if _round(item[1]) is None]
        return [*task[:first], *moved, *rest, *items[len(task) :]]


class Flipped(Frozen):
    """The valence of every act is turned round: all of the possible becomes none of it.

    Payoffs are left out, for they would give the truth away. So would what could have been done,
    where it hangs on what another did before: it is told as the most there ever was.

    Attributes:
        talk: Whether what was said is shown as it was, though it may not fit what is then told,
            or not at all.
    """

    kind: Literal["flipped"] = "flipped"
    talk: Literal["keep", "drop"] = "keep"

    def present(self, items: Items, agent: str, seeds: SeedTree) -> Items:
        """Return the events with amounts mirrored within what was possible."""
        gone = (Paid, Moved) if self.talk == "keep" else (Paid, Moved, Said)
        most = _most(items)
        return [(n, _flipped(event, most)) for n, event in items if not isinstance(event, gone)]


class Ablated(Frozen):
    """The past without one sentence, or without all sentences of one kind.

    Attributes:
        drop: What is left out.
        number: Which sentence, counted from 0 among all that the agent witnessed; negative from
            the end. Only for ``sentence``; one that is not there leaves nothing out.
    """

    kind: Literal["ablated"] = "ablated"
    drop: Literal["sentence", "acts", "talk", "payoffs"] = "sentence"
    number: int = 0

    def present(self, items: Items, agent: str, seeds: SeedTree) -> Items:
        """Return the remaining events."""
        if self.drop == "sentence":
            known = [name for name, event in items if tell(event) and heard_by(event, agent)]
            there = -len(known) <= self.number < len(known)
            return [(n, e) for n, e in items if not there or n != known[self.number]]
        kind = {"acts": (Acted, Lapsed), "talk": (Said,), "payoffs": (Paid,)}[self.drop]
        return [(name, event) for name, event in items if not isinstance(event, kind)]


class Blurred(Frozen):
    """The past with gaps: each thing witnessed is lost with the same chance.

    Attributes:
        lost: The part of what was witnessed that is lost, rounded to whole sentences.
    """

    kind: Literal["blurred"] = "blurred"
    lost: float = Field(default=0.3, ge=0, le=1)

    def present(self, items: Items, agent: str, seeds: SeedTree) -> Items:
        """Return the events that are left."""
        known = [name for name, event in items if tell(event) and heard_by(event, agent)]
        gone = set(seeds.child("blur").rng().sample(known, round(self.lost * len(known))))
        return [(name, event) for name, event in items if name not in gone]


class Placebo(Frozen):
    """As much to remember, of no account: every sentence gives way to one about nothing."""

    kind: Literal["placebo"] = "placebo"

    def present(self, items: Items, agent: str, seeds: SeedTree) -> Items:
        """Return notes of about the same length as what the agent witnessed, in characters."""
        told = [tell(event) for _, event in items if heard_by(event, agent)]
        texts = [text for text in told if text]
        notes = _of_lengths([len(text) for text in texts], seeds.child("placebo").rng())
        untold = [(name, event) for name, event in items if tell(event) is None]
        return [*untold, *((f"p{i}", Noted(agent=agent, text=t)) for i, t in enumerate(notes))]


class Erased(Frozen):
    """Nothing is left of the past."""

    kind: Literal["erased"] = "erased"

    def present(self, items: Items, agent: str, seeds: SeedTree) -> Items:
        """Return no event but who was there."""
        return [(name, event) for name, event in items if tell(event) is None]


AnyTransform = Annotated[
    Own | Yoked | Swapped | Shuffled | Flipped | Ablated | Blurred | Placebo | Erased,
    Field(discriminator="kind"),
]


def present(transform: AnyTransform, log: EventLog, agent: str, seeds: SeedTree) -> EventLog:
    """Return a history as a transform shows it.

    Args:
        transform: The transform.
        log: The history; it is only read.
        agent: Who will remember it.
        seeds: Seeds of the history's own, so that every fork is shown the same.
    """
    items = tuple(log.items())
    shown = transform.present(items, agent, seeds)
    return log.fork() if shown is items else EventLog.showing(shown)


def _round(event: AnyEvent) -> int | None:
    return getattr(event, "round", None)


def _another_order(numbers: Sequence[int], rng: random.Random) -> list[int]:
    order = list(numbers)
    while len(order) > 1 and order == list(numbers):
        rng.shuffle(order)
    return order


def _of_the_task(items: Items) -> Items:
    """Return the events before the rounds of work alone, if there are any."""
    marks = (i for i, (_, event) in enumerate(items) if isinstance(event, Delayed))
    return items[: next(marks, len(items))]


Doing = tuple[str, str, str]


def _doing(act: Acted) -> Doing:
    return act.actor, act.act.value, act.deed


def _most(items: Items) -> dict[Doing, float]:
    """Return the most that could ever be done, by who did what."""
    most: dict[Doing, float] = {}
    for _, event in items:
        if isinstance(event, Acted):
            key = _doing(event)
            most[key] = max(most.get(key, 0.0), event.maximum)
    return most


def _flipped(event: AnyEvent, most: dict[Doing, float]) -> AnyEvent:
    if not isinstance(event, Acted):
        return event
    maximum = most[_doing(event)]
    amount = (1 - event.share) * maximum
    amount = round(amount) if maximum == int(maximum) else amount
    # What it would have paid is nowhere told.
    return event.model_copy(update={"amount": amount, "maximum": maximum, "points": None})


def _renamed(event: AnyEvent, names: dict[str, str]) -> AnyEvent:
    """Return an event with names exchanged wherever they stand."""
    fields = {key: value for key, value in event if key not in ("kind", "model", "persona")}
    changed = {key: _renamed_value(value, names) for key, value in fields.items()}
    return event.model_copy(update={k: v for k, v in changed.items() if v != fields[k]})


def _renamed_value(value: object, names: dict[str, str]) -> object:
    if isinstance(value, str):
        return _WORD.sub(lambda word: names.get(word[0], word[0]), value)
    if isinstance(value, tuple):
        return tuple(_renamed_value(one, names) for one in value)
    return value


def _of_lengths(lengths: Sequence[int], rng: random.Random) -> Iterator[str]:
    """Yield neutral texts whose lengths add up to those wanted, as nearly as can be."""
    known: list[str] = load_data("placebo_lines")["lines"]
    shortest = min(len(line) for line in known)
    owed = 0
    for length in lengths:
        wanted = length + owed
        lines: list[str] = []
        while not lines or wanted - len(" ".join(lines)) > shortest:
            left = wanted - len(" ".join(lines))
            near = sorted(known, key=lambda line: abs(len(line) - left))[:3]
            lines.append(rng.choice(near))
        owed = wanted - len(" ".join(lines))
        yield " ".join(lines)
