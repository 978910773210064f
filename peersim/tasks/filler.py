"""The filler: about as long as a game, but each agent works alone on small sheets of its own.

What it leaves behind is time and text and no relation, so that a history's length can be told
from what was lived in it. No act is directed at anyone, and nothing depends on the others.
"""

import random
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from peersim.answers import Answer, Chosen
from peersim.events.deeds import Paid
from peersim.events.marks import RoundBegan
from peersim.frozen import Frozen
from peersim.prompts.library import load_data
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.answers import moved
from peersim.tasks.base import Ask, Play, Step
from peersim.tasks.moves import Move, Whole

GIVE_ANSWER = "give_answer"
ANSWER = "answer"
ENTRIES = 8
HIGHEST = 99


class Sheet(Frozen):
    """One item of work.

    Attributes:
        question: How many words have the letter ``about``, at which place the word ``about``
            stands in alphabetical order, or how many numbers are larger than ``about``.
        entries: The list that the question is about.
        right: The right answer, from 0 to the number of entries.
    """

    question: Literal["letter", "place", "larger"]
    entries: tuple[str, ...]
    about: str
    right: int


class Filler(Frozen):
    """Sheets to be worked through alone, one a round, by any number of agents.

    Attributes:
        rounds: How many sheets each agent gets.
        after: Rounds of something else that came before, for the numbers of rounds.
        points: What a right answer is worth; a wrong one, or none, is worth nothing.
    """

    group: ClassVar[tuple[int, int]] = (1, 8)

    kind: Literal["filler"] = "filler"
    rounds: int = Field(default=4, ge=1)
    points: int = Field(default=10, ge=1)
    after: int = Field(default=0, ge=0)

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player."""
        others = tuple(name for name in players if name != player)
        return render("filler_rules.md.j2", filler=self, others=others)

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Hand out all sheets; an agent's depend on the seed, its name and the round alone."""
        news: dict[str, str | None] = dict.fromkeys(players)
        for number in range(1, self.rounds + 1):
            sheets = {name: draw_sheet(seeds.child(name, number).rng()) for name in players}
            asks = tuple(self._ask(number, name, sheets[name], news[name]) for name in players)
            nth = self.after + number
            answers = yield Step(events=(RoundBegan(round=nth),), asks=asks)
            given = dict(zip(players, answers, strict=True))
            points = {name: self._worth(sheets[name], given[name]) for name in players}
            done = [moved(nth, name, answer, seen_by=()) for name, answer in given.items()]
            paid = [
                Paid(round=nth, agent=name, points=points[name], seen_by=()) for name in players
            ]
            yield Step(events=(*done, *paid))
            news = {name: _result(number, given[name], points[name]) for name in players}
        yield Step()

    def _ask(self, number: int, player: str, sheet: Sheet, news: str | None) -> Ask:
        text = render(
            "filler_ask.md.j2",
            filler=self,
            round=number,
            sheet=sheet,
            news=news,
            move=GIVE_ANSWER,
        )
        # Scripted partners, kind or not, do their own work rightly.
        move = Move(
            name=GIVE_ANSWER,
            description="Give the answer to your sheet.",
            fields=(Whole(name=ANSWER, low=0, high=ENTRIES),),
            kindest=(sheet.right,),
            unkindest=(sheet.right,),
        )
        return Ask(agent=player, round=self.after + number, text=text, moves=(move,), hearers=())

    def _worth(self, sheet: Sheet, answer: Answer) -> int:
        right = isinstance(answer, Chosen) and answer.arguments[ANSWER] == sheet.right
        return self.points if right else 0


def draw_sheet(rng: random.Random) -> Sheet:
    """Return a sheet of a random kind."""
    return rng.choice(_KINDS)(rng)


def _letter(rng: random.Random) -> Sheet:
    words = _words(rng)
    letter = rng.choice("aeilnor")
    right = sum(letter in word for word in words)
    return Sheet(question="letter", entries=words, about=letter, right=right)


def _place(rng: random.Random) -> Sheet:
    words = _words(rng)
    word = rng.choice(words)
    return Sheet(question="place", entries=words, about=word, right=sorted(words).index(word) + 1)


def _larger(rng: random.Random) -> Sheet:
    numbers = rng.sample(range(1, HIGHEST + 1), ENTRIES)
    bar = rng.randint(20, 80)
    right = sum(number > bar for number in numbers)
    entries = tuple(str(number) for number in numbers)
    return Sheet(question="larger", entries=entries, about=str(bar), right=right)


_KINDS: tuple[Callable[[random.Random], Sheet], ...] = (_letter, _place, _larger)


def _words(rng: random.Random) -> tuple[str, ...]:
    known: Mapping[str, list[str]] = load_data("filler_words")
    return tuple(rng.sample(known["words"], ENTRIES))


def _result(number: int, answer: Answer, points: int) -> str:
    given = answer.arguments[ANSWER] if isinstance(answer, Chosen) else None
    return render("filler_result.md.j2", round=number, given=given, points=points)
