"""The sections of a shared report: what becomes of one, the moves made with it, and the acts."""

from collections.abc import Mapping, Sequence
from itertools import chain, count

from peersim.answers import Answer, Chosen
from peersim.events.deeds import Act, Acted
from peersim.frozen import Frozen
from peersim.tasks.answers import text, whole
from peersim.tasks.moves import Choice, Move, Text, Whole
from peersim.tasks.report_tables import MOST, Table

WRITE = "write_section"
REVIEW = "review_section"
DIVIDE = "divide_credit"
FIGURE = "figure"
TEXT = "text"
VERDICT = "verdict"
COMMENT = "comment"
SOUND = "sound"
UNSOUND = "unsound"
LONGEST = 600  # characters of a text or a comment

# What each member that divided its credit gave to each of the others.
Gifts = Mapping[str, Mapping[str, int]]


class Section(Frozen):
    """One section of a report.

    Attributes:
        place: Which of its owner's sections it is, from 1.
        table: What it is about.
        figure: The owner's answer; None while nothing is written.
        verdict: What the reviewer judged the figure to be, as it was then; None without a review.
    """

    owner: str
    reviewer: str
    place: int
    table: Table
    figure: int | None = None
    text: str = ""
    verdict: str | None = None
    comment: str = ""

    @property
    def sound(self) -> bool:
        """Whether the figure is the right one."""
        return self.figure == self.table.right

    def written(self, answer: Answer) -> "Section":
        """Return the section as written in answer; without one it stays as it was."""
        if not isinstance(answer, Chosen):
            return self
        found = {"figure": whole(answer, FIGURE), "text": text(answer, TEXT)}
        return self.model_copy(update=found)

    def reviewed(self, answer: Answer) -> "Section":
        """Return the section with the review given in answer, if any."""
        found = {"verdict": text(answer, VERDICT), "comment": text(answer, COMMENT) or ""}
        return self.model_copy(update=found)


def replaced(sections: Sequence[Section], newer: Sequence[Section]) -> tuple[Section, ...]:
    """Return sections of different owners with the newer ones in place of their owners' own."""
    by_owner = {section.owner: section for section in newer}
    return tuple(by_owner.get(section.owner, section) for section in sections)


def writing(table: Table) -> Move:
    """Return the move that writes a section about a table.

    Scripted partners, kind or not, do their own work rightly: what they write is done to nobody.
    """
    right = (table.right, f"By the table, the figure is {table.right}.")
    return Move(
        name=WRITE,
        description="Write the section: the figure, and a short text.",
        fields=(Whole(name=FIGURE, low=0, high=MOST), Text(name=TEXT, longest=LONGEST)),
        kindest=right,
        unkindest=right,
    )


def reviewing(section: Section) -> Move:
    """Return the move that reviews a section; the kindest verdict is the true one."""
    fits = (SOUND, "The figure agrees with the table.")
    fails = (UNSOUND, "The figure does not agree with the table.")
    return Move(
        name=REVIEW,
        description=f"Judge the section of {section.owner}, and comment on it.",
        fields=(
            Choice(name=VERDICT, options=(SOUND, UNSOUND)),
            Text(name=COMMENT, longest=LONGEST),
        ),
        kindest=fits if section.sound else fails,
        unkindest=fails if section.sound else fits,
    )


def dividing(others: Sequence[str], cap: int) -> Move:
    """Return the move that divides a line of credit.

    Args:
        others: To whom it can go besides oneself.
        cap: The most that can go to each; for all of them together it must be there.
    """
    return Move(
        name=DIVIDE,
        description="Give points of your credit to the others; what you do not give is yours.",
        fields=tuple(Whole(name=share, low=0, high=cap) for share in shares_of(others).values()),
        kindest=(cap,) * len(others),
        unkindest=(0,) * len(others),
        recipients=tuple(others),
    )


def shares_of(names: Sequence[str]) -> dict[str, str]:
    """Return what each member's share is called in the move that divides credit.

    Names that differ in their capitals alone get a number each after the first, in their order.
    """
    found: dict[str, str] = {}
    for name in names:
        plain = f"credit_{name.lower()}"
        numbered = (f"{plain}_{number}" for number in count(2))
        free = (field for field in chain((plain,), numbered) if field not in found.values())
        found[name] = next(free)
    return found


def judged(number: int, section: Section) -> tuple[Acted, ...]:
    """Return what a verdict did to the owner; without a verdict nothing was done.

    A sound section can be blamed, an unsound one can be flagged, which helps all and its owner
    first.
    """
    if section.verdict is None:
        return ()
    act = Acted(
        round=number,
        actor=section.reviewer,
        target=section.owner,
        act=Act.BLAMED if section.sound else Act.HELPED,
        amount=int(section.verdict == UNSOUND),
        maximum=1,
        deed="judged" if section.sound else "warned",
        points=None if section.sound else 0,
    )
    return (act,)


def credited(number: int, gifts: Gifts, cap: int) -> tuple[Acted, ...]:
    """Return the credit that members gave each of the others, out of the most they could give."""
    return tuple(
        Acted(
            round=number,
            actor=who,
            target=other,
            act=Act.CREDITED,
            amount=points,
            maximum=cap,
            points=points,
        )
        for who, given in gifts.items()
        for other, points in given.items()
    )
