"""What judges said, by arm: answers as voted, what is missing and why, and how far they agree.

None of it is an outcome. It stands beside outcomes, which come from states.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from peersim.analysis.arms import Arm, by_arm
from peersim.analysis.corrected import JudgedRate, judged_rates
from peersim.frozen import Frozen
from peersim.readings.judging.human import Label, majority
from peersim.readings.judging.verdict import ANSWERS, SCALES, Judgement, vote
from peersim.readings.rows import TrialRow
from peersim.stats.agreement import krippendorff_alpha
from peersim.stats.kappa import Kappa, kappa


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
    """How far judges agree on a question, or those who labelled, or both with one another.

    Attributes:
        of: Who: ``judges``, ``labels``, or ``judges with labels`` by the majority of each.
        units: Trials with at least two answers.
        alpha: Krippendorff's, nominal or ordinal; None where it is not defined.
        kappa: Cohen's of two raters, Fleiss' of more, over the trials that all of them rated.
    """

    question: str
    of: str = "judges"
    scale: str
    units: int
    alpha: float | None
    kappa: Kappa | None


class Panel(Frozen):
    """All that was judged by one rubric.

    Attributes:
        rubric: Its name and version.
        judges: Who judged, each model with the number of its votes on a trial.
        missing: Why there is no verdict, by kind, over all judgements of each arm.
        agreement: One entry a question and set of raters; none where there was a single rater.
        rates: The rate of each judged event by arm, as judged and corrected by labels.
        labelled: Trials of this run that somebody labelled.
        strange: Labels of trials that are not of this run, or not valid: they are not used.
    """

    rubric: str
    judges: dict[str, int]
    simulated: bool
    answers: tuple[Answers, ...]
    missing: tuple[tuple[Arm, dict[str, int]], ...]
    agreement: tuple[Agreement, ...]
    rates: tuple[JudgedRate, ...] = ()
    labelled: int = 0
    strange: int = 0


def panels(
    rows: Sequence[TrialRow], judgements: Iterable[Judgement], labels: Sequence[Label] = ()
) -> list[Panel]:
    """Return what was judged, by rubric.

    Args:
        rows: All trials of the run, arms in the order to report them.
        judgements: Any judgements of them; those of other trials are left out.
        labels: What people said of the same trials; those of other trials are left out.
    """
    known = {row.trial_id for row in rows}
    found: dict[str, list[Judgement]] = {}
    for one in judgements:
        if one.trial_id in known:
            found.setdefault(one.rubric_digest, []).append(one)
    return [_panel(rows, of, labels) for _, of in sorted(found.items())]


def _panel(rows: Sequence[TrialRow], judgements: list[Judgement], labels: Sequence[Label]) -> Panel:
    given: dict[str, list[Judgement]] = {}
    for one in judgements:
        given.setdefault(one.trial_id, []).append(one)
    voters = sorted({one.voter for one in judgements})
    arms = by_arm(row for row in rows if row.valid)
    valid = {row.trial_id for row in rows if row.valid}
    own = [one for one in labels if one.trial_id in valid]
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
        agreement=tuple(
            one for question in ANSWERS for one in _agreements(question, voters, given, own)
        ),
        rates=tuple(judged_rates(judgements[0].rubric, rows, given, own)),
        labelled=len({one.trial_id for one in own}),
        strange=len(labels) - len(own),
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


def _agreements(
    question: str,
    voters: Sequence[tuple[str, int]],
    given: Mapping[str, Sequence[Judgement]],
    labels: Sequence[Label],
) -> Iterator[Agreement]:
    """Yield how far judges agree, those who labelled, and the majority of each with the other."""
    judged = [{one.voter: one.answer(question) for one in votes} for votes in given.values()]
    if len(voters) > 1:
        yield _agreement(question, "judges", [[of.get(one) for one in voters] for of in judged])
    said: dict[str, dict[str, Label]] = {}
    for label in labels:
        if label.question == question:
            said.setdefault(label.trial_id, {})[label.rater] = label
    raters = sorted({rater for of in said.values() for rater in of})
    if len(raters) > 1:
        units = [[_answer(of.get(one)) for one in raters] for of in said.values()]
        yield _agreement(question, "labels", units)
    both = [
        [vote(given[trial], question), majority(of.values())]
        for trial, of in said.items()
        if trial in given
    ]
    if both:
        yield _agreement(question, "judges with labels", both)


def _answer(label: Label | None) -> str | None:
    return label.answer if label else None


def _agreement(question: str, of: str, units: Sequence[Sequence[str | None]]) -> Agreement:
    scale = SCALES.get(question, "nominal")
    return Agreement(
        question=question,
        of=of,
        scale=scale,
        units=sum(sum(answer is not None for answer in unit) > 1 for unit in units),
        alpha=krippendorff_alpha(units, ANSWERS[question], scale),
        kappa=kappa(units, ANSWERS[question]),
    )
