"""What judges said, by arm: answers as voted, what is missing and why, and how far they agree.

None of it is an outcome. It stands beside outcomes, which come from states.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from peersim.analysis.arms import Arm, by_arm
from peersim.frozen import Frozen
from peersim.readings.judging.verdict import ANSWERS, SCALES, Judgement, vote
from peersim.readings.rows import TrialRow
from peersim.stats.agreement import krippendorff_alpha


class Answers(Frozen):
    """The answers to one question in one arm.

    Attributes:
        trials: Valid trials of the arm.
        judged: Those on which any judge was asked.
        counts: How many of them got each answer, by more than half of the votes.
        split: How many got no answer from more than half of the votes.
        unheard: How many got no verdict from any judge.
    """

    question: str
    arm: Arm
    trials: int
    judged: int
    counts: dict[str, int]
    split: int
    unheard: int


class Agreement(Frozen):
    """How far judges agree on a question.

    Attributes:
        units: Trials with at least two verdicts.
        alpha: Krippendorff's, nominal or ordinal; None where it is not defined.
    """

    question: str
    scale: str
    units: int
    alpha: float | None


class Panel(Frozen):
    """All that was judged by one rubric.

    Attributes:
        rubric: Its name and version.
        judges: Who judged, each model with the number of its votes on a trial.
        missing: Why there is no verdict, by kind, over all judgements of each arm.
        agreement: One entry a question; empty where there was a single judge.
    """

    rubric: str
    judges: dict[str, int]
    simulated: bool
    answers: tuple[Answers, ...]
    missing: tuple[tuple[Arm, dict[str, int]], ...]
    agreement: tuple[Agreement, ...]


def panels(rows: Sequence[TrialRow], judgements: Iterable[Judgement]) -> list[Panel]:
    """Return what was judged, by rubric.

    Args:
        rows: All trials of the run, arms in the order to report them.
        judgements: Any judgements of them; those of other trials are left out.
    """
    known = {row.trial_id for row in rows}
    found: dict[str, list[Judgement]] = {}
    for one in judgements:
        if one.trial_id in known:
            found.setdefault(one.rubric_digest, []).append(one)
    return [_panel(rows, of) for _, of in sorted(found.items())]


def _panel(rows: Sequence[TrialRow], judgements: list[Judgement]) -> Panel:
    given: dict[str, list[Judgement]] = {}
    for one in judgements:
        given.setdefault(one.trial_id, []).append(one)
    voters = sorted({one.voter for one in judgements})
    arms = by_arm(row for row in rows if row.valid)
    return Panel(
        rubric=judgements[0].rubric,
        judges=dict(Counter(model for model, _ in voters)),
        simulated=any(one.simulated for one in judgements),
        answers=tuple(
            _answers(question, arm, [given.get(row.trial_id, []) for row in of])
            for question in ANSWERS
            for arm, of in arms
        ),
        missing=tuple(
            (arm, missing([one for row in of for one in given.get(row.trial_id, [])]))
            for arm, of in arms
        ),
        agreement=tuple(_agreement(question, list(given.values())) for question in ANSWERS)
        if len(voters) > 1
        else (),
    )


def _answers(question: str, arm: Arm, trials: list[list[Judgement]]) -> Answers:
    asked = [votes for votes in trials if votes]
    heard = [votes for votes in asked if any(one.verdict for one in votes)]
    found = [vote(votes, question) for votes in heard]
    return Answers(
        question=question,
        arm=arm,
        trials=len(trials),
        judged=len(asked),
        counts={answer: found.count(answer) for answer in ANSWERS[question]},
        split=found.count(None),
        unheard=len(asked) - len(heard),
    )


def missing(judgements: Iterable[Judgement]) -> dict[str, int]:
    """Return how many judgements have no verdict, by the reason."""
    counts = Counter(one.missing.kind for one in judgements if one.missing)
    return {kind: counts[kind] for kind in sorted(counts)}


def _agreement(question: str, trials: list[list[Judgement]]) -> Agreement:
    scale = SCALES.get(question, "nominal")
    units = [[one.answer(question) for one in votes] for votes in trials]
    return Agreement(
        question=question,
        scale=scale,
        units=sum(sum(answer is not None for answer in unit) > 1 for unit in units),
        alpha=krippendorff_alpha(units, ANSWERS[question], scale),
    )
