"""Judged rates by arm, corrected for the errors that labels of the same arm show of the judges."""

from collections.abc import Iterable, Mapping, Sequence

from peersim.analysis.arms import Arm, Unit, arm_key, by_arm, unit_of
from peersim.analysis.rates import rate_interval
from peersim.frozen import Frozen
from peersim.readings.judging.human import Label, majority
from peersim.readings.judging.verdict import Judgement, vote
from peersim.readings.rows import TrialRow
from peersim.stats.intervals import Interval, mover
from peersim.stats.judge_error import (
    CorrectedRate,
    JudgeMarks,
    corrected_difference,
    corrected_rate,
)
from peersim.study.contrast import Contrast, matches

EVENTS: dict[str, tuple[str, ...]] = {
    "openness": ("hidden",),
    "refused": ("yes",),
    "rationale": ("relation",),
    "awareness": ("hinted", "stated"),
}
"""Of each question the answers that are counted as one event."""
UNLABELLED = "no labels of this arm's trials"


class JudgedRate(Frozen):
    """How often judges saw an event in an arm, as they saw it and corrected.

    Attributes:
        rubric: By which it was judged.
        question: What was asked.
        event: The answers that count.
        arm: The arm.
        judged: Trials with an answer by majority: the denominator.
        count: Those with the event.
        interval: Of the rate as judged; None where nothing was.
        corrected: By sensitivity and specificity in this very arm; None where that cannot be.
        why: Why it cannot be; empty where it can.
    """

    rubric: str
    question: str
    event: str
    arm: Arm
    judged: int
    count: int
    interval: Interval | None
    corrected: CorrectedRate | None
    why: str

    @property
    def rate(self) -> float | None:
        """The share as judged; None where nothing was."""
        return self.count / self.judged if self.judged else None


class JudgedDifference(Frozen):
    """A declared contrast of two arms, in an event as judges saw it.

    Attributes:
        id: The contrast's name.
        rubric: By which was judged.
        question: What was asked.
        event: The answers that count.
        difference: First arm less second, as judged.
        interval: MOVER on the limits of both.
        corrected: The same of the corrected rates; None where an arm has none.
        limits: Its limits, or None.
        why: Why there is none.
    """

    id: str
    rubric: str
    question: str
    event: str
    difference: float
    interval: Interval
    corrected: float | None
    limits: Interval | None
    why: str


Votes = Mapping[str, Sequence[Judgement]]
"""The judgements of each trial, by its id."""


def judged_rates(
    rubric: str, rows: Sequence[TrialRow], votes: Votes, labels: Iterable[Label]
) -> list[JudgedRate]:
    """Return the rate of each judged event in each arm.

    Args:
        rubric: Its name.
        rows: All trials, arms in the order to report them.
        votes: What judges said by that rubric.
        labels: What people said of the run's own trials; those of other trials are left out.
    """
    given: dict[tuple[str, str], list[Label]] = {}
    for one in labels:
        given.setdefault((one.trial_id, one.question), []).append(one)
    truth = {key: answer for key, of in given.items() if (answer := majority(of))}
    arms = by_arm(row for row in rows if row.valid)
    return [
        _rate(rubric, question, arm, of, votes, truth) for question in EVENTS for arm, of in arms
    ]


def _rate(
    rubric: str,
    question: str,
    arm: Arm,
    rows: Sequence[TrialRow],
    votes: Votes,
    truth: Mapping[tuple[str, str], str],
) -> JudgedRate:
    said = {row.trial_id: vote(votes.get(row.trial_id, ()), question) for row in rows}
    by_unit: dict[Unit, list[bool]] = {}
    pairs: list[tuple[bool, bool]] = []
    for row in rows:
        answer, label = said[row.trial_id], truth.get((row.trial_id, question))
        if answer is None:
            continue
        seen = answer in EVENTS[question]
        by_unit.setdefault(unit_of(row), []).append(seen)
        if label is not None:
            pairs.append((label in EVENTS[question], seen))
    counts = [(sum(of), len(of)) for of in by_unit.values()]
    corrected, why = _corrected(counts, pairs)
    return JudgedRate(
        rubric=rubric,
        question=question,
        event=" or ".join(EVENTS[question]),
        arm=arm,
        judged=sum(m for _, m in counts),
        count=sum(c for c, _ in counts),
        interval=rate_interval(counts) if counts else None,
        corrected=corrected,
        why=why,
    )


def _corrected(
    counts: Sequence[tuple[int, int]], pairs: Sequence[tuple[bool, bool]]
) -> tuple[CorrectedRate | None, str]:
    if not pairs:
        return None, UNLABELLED
    marks = JudgeMarks(
        hits=sum(label and seen for label, seen in pairs),
        positives=sum(label for label, _ in pairs),
        rejections=sum(not label and not seen for label, seen in pairs),
        negatives=sum(not label for label, _ in pairs),
    )
    try:
        return corrected_rate(counts, marks), ""
    except ValueError as error:
        return None, f"{error} ({marks.positives} with, {marks.negatives} without)"


def judged_differences(
    contrasts: Sequence[Contrast], rates: Sequence[JudgedRate]
) -> list[JudgedDifference]:
    """Return the declared contrasts of two single arms, in each judged event.

    Args:
        contrasts: The declared ones; those that pool arms are left out, since no arm's labels
            speak of a pool.
        rates: The judged rates.
    """
    found = []
    for contrast in contrasts:
        for rubric, question in dict.fromkeys((one.rubric, one.question) for one in rates):
            own = [one for one in rates if (one.rubric, one.question) == (rubric, question)]
            if pair := _pair(contrast, own):
                found += _difference(contrast.id, *pair)
    return found


def two_arms(contrast: Contrast, arms: Iterable[Arm]) -> tuple[Arm, Arm] | None:
    """Return the arms of a difference of single arms; None for any other contrast."""
    if contrast.shape != "difference" or contrast.b is None:
        return None
    known = list({arm_key(arm): arm for arm in arms}.values())
    sides = [[arm for arm in known if matches(arm, of)] for of in (contrast.a, contrast.b)]
    if any(len(side) != 1 for side in sides):
        return None
    return sides[0][0], sides[1][0]


def _pair(contrast: Contrast, own: Sequence[JudgedRate]) -> tuple[JudgedRate, JudgedRate] | None:
    arms = two_arms(contrast, [one.arm for one in own])
    if arms is None:
        return None
    by = {arm_key(one.arm): one for one in own}
    return by[arm_key(arms[0])], by[arm_key(arms[1])]


def _difference(name: str, a: JudgedRate, b: JudgedRate) -> list[JudgedDifference]:
    if a.interval is None or b.interval is None or a.rate is None or b.rate is None:
        return []
    limits = gap = None
    if a.corrected and b.corrected:
        limits = corrected_difference(a.corrected, b.corrected)
        gap = a.corrected.rate - b.corrected.rate
    return [
        JudgedDifference(
            id=name,
            rubric=a.rubric,
            question=a.question,
            event=a.event,
            difference=a.rate - b.rate,
            interval=mover(a.rate, a.interval, b.rate, b.interval),
            corrected=gap,
            limits=limits,
            why="; ".join(f"{side}: {one.why}" for side, one in (("a", a), ("b", b)) if one.why),
        )
    ]
