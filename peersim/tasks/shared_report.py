"""The shared report: each writes sections, each section is reviewed, and credit is divided.

A section rests on a small table with one right figure, so a verdict can be held against the truth,
and what the work came to is known when credit is given for it.
"""

from collections.abc import Generator, Iterable, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from peersim.answers import Answer, Chosen
from peersim.events.deeds import Paid
from peersim.events.log import AnyEvent
from peersim.events.marks import RoundBegan
from peersim.frozen import Frozen
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.answers import moved, whole
from peersim.tasks.base import Ask, Play, Step
from peersim.tasks.report_sections import (
    DIVIDE,
    LONGEST,
    REVIEW,
    UNSOUND,
    WRITE,
    Gifts,
    Section,
    credited,
    dividing,
    judged,
    replaced,
    reviewing,
    shares_of,
    writing,
)
from peersim.tasks.report_tables import MOST, draw_table

MOST_MEMBERS = 8
News = Mapping[str, str | None]
Writing = Generator[Step, tuple[Answer, ...], tuple[Section, ...]]


class SharedReport(Frozen):
    """A report that two to eight members write, review and take credit for together.

    Attributes:
        rounds: How many reports; a round is one report.
        sections_each: How many sections of a report each member writes.
        points: What each section whose figure is right in the end pays every member.
        credit: How many points each member divides among all, itself included.
    """

    group: ClassVar[tuple[int, int]] = (2, MOST_MEMBERS)

    kind: Literal["shared_report"] = "shared_report"
    rounds: int = Field(default=2, ge=1)
    sections_each: int = Field(default=1, ge=1)
    points: int = Field(default=5, ge=1)
    # In the largest group there must be a point for each of the others.
    credit: int = Field(default=10, ge=MOST_MEMBERS - 1)

    def rules(self, player: str, players: tuple[str, ...]) -> str:
        """Return the rules as shown to one member."""
        return render(
            "shared_report_rules.md.j2",
            game=self,
            others=_others(player, players),
            before=_next_to(player, players, -1),
            after=_next_to(player, players, 1),
            sections=self.sections_each * len(players),
            longest=LONGEST,
            cap=self.cap(len(players)),
        )

    def cap(self, members: int) -> int:
        """Return the most credit that one can give to one other; there is enough for all."""
        return self.credit // (members - 1)

    def play(self, players: tuple[str, ...], seeds: SeedTree) -> Play:
        """Write all reports."""
        news: News = dict.fromkeys(players)
        for number in range(1, self.rounds + 1):
            report = yield from self._report(number, players, seeds, news)
            gifts = yield from self._divide(number, players, report)
            points = self.payoffs(players, report, gifts)
            paid = tuple(Paid(round=number, agent=who, points=p) for who, p in points.items())
            yield Step(events=paid)
            news = {who: self._result(number, who, report, gifts, points) for who in players}
        yield Step()

    def payoffs(
        self, players: tuple[str, ...], report: Iterable[Section], gifts: Gifts
    ) -> dict[str, int]:
        """Return each member's points: for all right sections, and for credit got and kept."""
        pot = self.points * sum(section.sound for section in report)
        got = {who: sum(given.get(who, 0) for given in gifts.values()) for who in players}
        kept = {who: self.credit - sum(given.values()) for who, given in gifts.items()}
        return {who: pot + got[who] + kept.get(who, 0) for who in players}

    def _report(
        self, number: int, players: tuple[str, ...], seeds: SeedTree, news: News
    ) -> Writing:
        """Let all sections of a report be written and reviewed, and written anew where flagged."""
        opening: tuple[AnyEvent, ...] = (RoundBegan(round=number),)
        report: tuple[Section, ...] = ()
        for place in range(1, self.sections_each + 1):
            blank = blank_sections(number, place, players, seeds)
            sections = yield from self._write(number, blank, news, opening)
            sections = yield from self._review(number, sections)
            # Asked rightly or not: being asked must not give away whether the verdict was true.
            flagged = tuple(section for section in sections if section.verdict == UNSOUND)
            rewritten = yield from self._write(number, flagged)
            report += replaced(sections, rewritten)
            news, opening = {}, ()
        return report

    def _write(
        self,
        number: int,
        sections: tuple[Section, ...],
        news: News | None = None,
        opening: tuple[AnyEvent, ...] = (),
    ) -> Writing:
        """Let the owners of some sections write them, at the same time."""
        if not sections:
            return ()
        asks = tuple(self._write_ask(number, s, (news or {}).get(s.owner)) for s in sections)
        answers = yield Step(events=opening, asks=asks)
        given = tuple(zip(sections, answers, strict=True))
        yield Step(events=tuple(moved(number, s.owner, answer) for s, answer in given))
        return tuple(section.written(answer) for section, answer in given)

    def _review(self, number: int, sections: tuple[Section, ...]) -> Writing:
        """Let each section that was written be reviewed, all at the same time."""
        written = tuple(section for section in sections if section.figure is not None)
        if not written:
            return sections
        answers = yield Step(asks=tuple(self._review_ask(number, s) for s in written))
        events: list[AnyEvent] = []
        reviewed = []
        for section, answer in zip(written, answers, strict=True):
            reviewed.append(section.reviewed(answer))
            events.append(moved(number, section.reviewer, answer))
            events.extend(judged(number, reviewed[-1]))
        yield Step(events=tuple(events))
        return replaced(sections, reviewed)

    def _divide(
        self, number: int, players: tuple[str, ...], report: tuple[Section, ...]
    ) -> Generator[Step, tuple[Answer, ...], Gifts]:
        """Let all divide their credit, at the same time; who makes no move gives and keeps none."""
        asks = tuple(self._divide_ask(number, who, players, report) for who in players)
        answers = dict(zip(players, (yield Step(asks=asks)), strict=True))
        gifts = {
            who: {
                other: whole(answer, share) or 0
                for other, share in shares_of(_others(who, players)).items()
            }
            for who, answer in answers.items()
            if isinstance(answer, Chosen)
        }
        done = tuple(moved(number, who, answer) for who, answer in answers.items())
        yield Step(events=(*done, *credited(number, gifts, self.cap(len(players)))))
        return gifts

    def _write_ask(self, number: int, section: Section, news: str | None) -> Ask:
        ask = render(
            "shared_report_write.md.j2",
            game=self,
            round=number,
            section=section,
            table=section.table,
            news=news,
            most=MOST,
            longest=LONGEST,
            move=WRITE,
        )
        return Ask(agent=section.owner, round=number, text=ask, moves=(writing(section.table),))

    def _review_ask(self, number: int, section: Section) -> Ask:
        ask = render(
            "shared_report_review.md.j2",
            game=self,
            round=number,
            section=section,
            table=section.table,
            move=REVIEW,
        )
        return Ask(
            agent=section.reviewer,
            round=number,
            text=ask,
            moves=(reviewing(section),),
            partners=(section.owner,),
            scripted=(REVIEW,),
            place=(number - 1) * self.sections_each + section.place - 1,
        )

    def _divide_ask(
        self, number: int, player: str, players: tuple[str, ...], report: tuple[Section, ...]
    ) -> Ask:
        others, cap = _others(player, players), self.cap(len(players))
        ask = render(
            "shared_report_divide.md.j2",
            game=self,
            round=number,
            player=player,
            report=report,
            right=sum(section.sound for section in report),
            fields=[(share, other) for other, share in shares_of(others).items()],
            cap=cap,
            move=DIVIDE,
        )
        return Ask(
            agent=player,
            round=number,
            text=ask,
            moves=(dividing(others, cap),),
            partners=others,
            scripted=(DIVIDE,),
        )

    def _result(
        self,
        number: int,
        player: str,
        report: tuple[Section, ...],
        gifts: Gifts,
        points: Mapping[str, int],
    ) -> str:
        others = _others(player, tuple(points))
        return render(
            "shared_report_result.md.j2",
            round=number,
            right=sum(section.sound for section in report),
            sections=len(report),
            credit=[(other, gifts[other][player]) for other in others if other in gifts],
            kept=self.credit - sum(gifts[player].values()) if player in gifts else 0,
            points=points[player],
        )


def blank_sections(
    number: int, place: int, players: tuple[str, ...], seeds: SeedTree
) -> tuple[Section, ...]:
    """Return everyone's section of one place in a report, with nothing written yet.

    A table hangs on the seed, its owner's name, the round and the place alone.
    """
    return tuple(
        Section(
            owner=who,
            reviewer=_next_to(who, players, 1),
            place=place,
            table=draw_table(seeds.child(who, number, place).rng()),
        )
        for who in players
    )


def _others(player: str, players: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in players if name != player)


def _next_to(player: str, players: tuple[str, ...], step: int) -> str:
    """Return who stands some steps after a member in the ring, or before it if negative."""
    return players[(players.index(player) + step) % len(players)]
