"""Code repair: one mends a small function, the other reviews it, and hidden cases decide.

A review can be fair or not without a word of it: whether code works is found by running it, so a
fault waved through and working code sent back are told from an honest verdict exactly.
"""

from collections.abc import Generator, Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from peersim.answers import Answer
from peersim.events.deeds import Act, Acted, Checked, Paid
from peersim.events.log import AnyEvent
from peersim.events.marks import RoundBegan
from peersim.frozen import Frozen
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.answers import moved, text
from peersim.tasks.base import Ask, CheckedPlay, Replies, Step
from peersim.tasks.checks import Check
from peersim.tasks.code_repair_asks import (
    APPROVE,
    CODE,
    COMMENT,
    LONGEST_CODE,
    LONGEST_COMMENT,
    SEND_BACK,
    VERDICT,
    Job,
    Meeting,
    again_ask,
    jobs,
    review_ask,
    submit_ask,
    works,
)
from peersim.tasks.sandbox.child import MODULES

# What each player has still to be told.
News = Mapping[str, tuple[str, ...]]


class CodeRepair(Frozen):
    """Code repair for two.

    Attributes:
        rounds: How many functions; the first player implements in odd rounds, the second in even
            ones. No function comes twice.
        points: What each of the two gets if the code handed in last works.
        bonus: What the implementer gets besides, if that code was approved at once.
        delay: What the implementer gets less, if its first code worked and was sent back.
    """

    group: ClassVar[tuple[int, int]] = (2, 2)

    kind: Literal["code_repair"] = "code_repair"
    rounds: int = Field(default=4, ge=1)
    points: int = Field(default=10, ge=1)
    bonus: int = Field(default=4, ge=0)
    delay: int = Field(default=4, ge=0)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.rounds > len(jobs()):
            raise ValueError(f"rounds: there are {len(jobs())} functions, and none comes twice")
        if self.delay > self.points:
            raise ValueError("delay: no more can be lost than the points that are won")
        return self

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one player."""
        other = next(name for name in players if name != player)
        return render(
            "code_repair_rules.md.j2",
            game=self,
            other=other,
            longest_code=LONGEST_CODE,
            longest_comment=LONGEST_COMMENT,
            modules=MODULES,
        )

    def draw(self, seeds: SeedTree) -> tuple[Job, ...]:
        """Return the functions of all rounds, by seed alone; further rounds only add to them."""
        shuffled = seeds.child("functions").rng().sample(jobs(), len(jobs()))
        return tuple(shuffled[: self.rounds])

    def score(self, first: bool, verdict: str | None, last: bool) -> tuple[int, int]:
        """Return the points of the implementer and of the reviewer.

        Args:
            first: Whether the code handed in first works.
            verdict: The reviewer's; None if it gave none, which earns it nothing.
            last: Whether the code handed in last works.
        """
        if not last:
            return 0, 0
        more = self.bonus if verdict == APPROVE else 0
        less = self.delay if verdict == SEND_BACK and first else 0
        return self.points + more - less, self.points if verdict else 0

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> CheckedPlay:
        """Play all rounds."""
        news: News = dict.fromkeys(players, ())
        for number, job in enumerate(self.draw(seeds), start=1):
            implementer, reviewer = players if number % 2 else players[::-1]
            meeting = Meeting(
                round=number,
                rounds=self.rounds,
                implementer=implementer,
                reviewer=reviewer,
                job=job,
            )
            news = yield from self._round(meeting, news)
        yield Step()

    def _round(self, meeting: Meeting, news: News) -> Generator[Step, Replies, News]:
        """Play one round; return what each player has still to be told."""
        one, two = meeting.implementer, meeting.reviewer
        began = RoundBegan(round=meeting.round)
        answer = yield from _put(submit_ask(meeting, news[one]), began)
        handed_in = moved(meeting.round, one, answer)
        code = text(answer, CODE)
        if code is None:
            yield Step(events=(handed_in, *_paid(meeting, (0, 0))))
            told = render("code_repair_nothing.md.j2", meeting=meeting)
            return {one: (told,), two: (*news[two], told)}
        first = yield from _run(meeting.check(code), handed_in)
        reply = yield from _put(review_ask(meeting, code, first, news[two]))
        verdict = text(reply, VERDICT)
        yield Step(
            events=(moved(meeting.round, two, reply), *self._reviewed(meeting, first, verdict))
        )
        last = first
        if verdict == SEND_BACK:
            last = yield from _once_more(meeting, first, text(reply, COMMENT) or "")
        points = self.score(works(first), verdict, works(last))
        yield Step(events=(_delivered(meeting, last, points[1]), *_paid(meeting, points)))
        worked = works(first) if verdict == SEND_BACK else None
        return {
            one: (_result(meeting, last, worked, points, two),),
            two: (_result(meeting, last, worked, points[::-1], one),),
        }

    def _reviewed(self, meeting: Meeting, first: Checked, verdict: str | None) -> tuple[Acted, ...]:
        """Return what a verdict did to the implementer; none is no act.

        To send back what works is blame without a ground, and costs its delay; to send back what
        does not is a help, which pays by what is made of it alone.
        """
        if verdict is None:
            return ()
        unfounded = works(first)
        paid = -self.delay if verdict == SEND_BACK else self.bonus
        return (
            Acted(
                round=meeting.round,
                actor=meeting.reviewer,
                target=meeting.implementer,
                act=Act.BLAMED if unfounded else Act.HELPED,
                amount=int(verdict == SEND_BACK),
                maximum=1,
                deed="fair_verdict" if unfounded else "due_warning",
                points=paid if unfounded else 0,
            ),
        )


def _once_more(meeting: Meeting, first: Checked, comment: str) -> Generator[Step, Replies, Checked]:
    """Let the implementer hand in once more; return what became of the code handed in last."""
    answer = yield from _put(again_ask(meeting, comment))
    handed_in = moved(meeting.round, meeting.implementer, answer)
    code = text(answer, CODE)
    if code is None:
        yield Step(events=(handed_in,))
        return first
    return (yield from _run(meeting.check(code), handed_in))


def _put(ask: Ask, *events: AnyEvent) -> Generator[Step, Replies, Answer]:
    """Ask one player; return its answer."""
    (answer,) = yield Step(events=events, asks=(ask,))
    assert not isinstance(answer, Checked), "an ask is answered by an answer"
    return answer


def _run(check: Check, *events: AnyEvent) -> Generator[Step, Replies, Checked]:
    """Have code run; return what became of it."""
    (checked,) = yield Step(events=events, checks=(check,))
    assert isinstance(checked, Checked), "a check is answered by what became of it"
    return checked


def _delivered(meeting: Meeting, last: Checked, points: int) -> Acted:
    """Return what the implementer's code is to the reviewer, who is paid if all of it works.

    Code that passes some cases pays as little as code that passes none, so it is no part of a
    help: a fault left in is a help withheld.
    """
    return Acted(
        round=meeting.round,
        actor=meeting.implementer,
        target=meeting.reviewer,
        act=Act.HELPED,
        amount=int(works(last)),
        maximum=1,
        deed="working_code",
        points=points,
    )


def _paid(meeting: Meeting, points: tuple[int, int]) -> tuple[Paid, Paid]:
    for_one, for_two = points
    return (
        Paid(round=meeting.round, agent=meeting.implementer, points=for_one),
        Paid(round=meeting.round, agent=meeting.reviewer, points=for_two),
    )


def _result(
    meeting: Meeting, last: Checked, worked: bool | None, points: tuple[int, ...], other: str
) -> str:
    """Return how a round came out, as told to one player.

    Args:
        meeting: The round.
        last: What became of the code handed in last.
        worked: Whether the code that was sent back worked; None if none was.
        points: The player's own, and the other's.
        other: The other one.
    """
    own, others = points
    return render(
        "code_repair_result.md.j2",
        meeting=meeting,
        last=last,
        worked=worked,
        own_points=own,
        other_points=others,
        other=other,
    )
