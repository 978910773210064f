"""The volunteer's dilemma: one must pay for what all need, and each can wait for another.

Diekmann (1985), repeated, with free talk.
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
from peersim.tasks.answers import moved, text
from peersim.tasks.base import Ask, Play, Step
from peersim.tasks.moves import Choice, Move

DECIDE = "decide"
VOLUNTEER, WAIT = "volunteer", "wait"


class Volunteer(Frozen):
    """The repeated volunteer's dilemma.

    Attributes:
        rounds: How many rounds.
        benefit: Points for everyone who decided, if anyone volunteers.
        cost: What volunteering costs, less than the benefit.
    """

    group: ClassVar[tuple[int, int]] = (2, 8)

    kind: Literal["volunteer"] = "volunteer"
    rounds: int = Field(default=4, ge=1)
    benefit: int = Field(default=10, ge=2)
    cost: int = Field(default=4, ge=1)

    @model_validator(mode="after")
    def _is_a_dilemma(self) -> "Volunteer":
        if self.cost >= self.benefit:
            raise ValueError("cost must be below benefit, or nobody would ever volunteer")
        return self

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player."""
        others = tuple(name for name in players if name != player)
        return render("volunteer_rules.md.j2", game=self, others=others)

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Play all rounds. The game itself draws nothing."""
        news: dict[str, str | None] = dict.fromkeys(players)
        for number in range(1, self.rounds + 1):
            asks = tuple(self._ask(number, name, players, news[name]) for name in players)
            answers = yield Step(events=(RoundBegan(round=number),), asks=asks)
            given = dict(zip(players, answers, strict=True))
            points = self.points({name: text(answer, DECIDE) for name, answer in given.items()})
            yield Step(events=self._events(number, given, points))
            who = tuple(n for n, answer in given.items() if text(answer, DECIDE) == VOLUNTEER)
            news = {
                name: render(
                    "volunteer_result.md.j2",
                    round=number,
                    who=["you" if one == name else one for one in who],
                    points=points[name],
                )
                for name in players
            }
        yield Step()

    def points(self, decisions: Mapping[str, str | None]) -> dict[str, int]:
        """Return everyone's points of a round; who decided nothing (None) gets none."""
        served = VOLUNTEER in decisions.values()
        return {
            name: 0
            if decided is None or not served
            else self.benefit - self.cost * (decided == VOLUNTEER)
            for name, decided in decisions.items()
        }

    def _ask(self, number: int, player: str, players: tuple[str, ...], news: str | None) -> Ask:
        others = tuple(name for name in players if name != player)
        shown = render(
            "volunteer_ask.md.j2", game=self, round=number, others=others, news=news, move=DECIDE
        )
        move = Move(
            name=DECIDE,
            description="Volunteer, or wait for another to do so.",
            fields=(Choice(name=DECIDE, options=(VOLUNTEER, WAIT)),),
            kindest=(VOLUNTEER,),
            unkindest=(WAIT,),
        )
        return Ask(agent=player, round=number, text=shown, moves=(move,), partners=others)

    def _events(
        self, number: int, given: Mapping[str, Answer], points: Mapping[str, int]
    ) -> tuple[AnyEvent, ...]:
        decided = {name: text(answer, DECIDE) for name, answer in given.items()}
        acts = (
            Acted(
                round=number,
                actor=actor,
                target=target,
                act=Act.HELPED,
                amount=self.benefit if choice == VOLUNTEER else 0,
                maximum=self.benefit,
                deed="volunteered",
                points=self.benefit * (choice == VOLUNTEER and decided[target] is not None),
            )
            for actor, choice in decided.items()
            for target in given
            if choice is not None and target != actor
        )
        return (
            *(moved(number, name, answer) for name, answer in given.items()),
            *acts,
            *(Paid(round=number, agent=name, points=p) for name, p in points.items()),
        )
