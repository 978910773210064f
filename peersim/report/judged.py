"""What judges said of the trials, by arm, and how far they can be believed."""

from collections.abc import Iterable, Sequence

from peersim.analysis.arms import arm_label
from peersim.analysis.corrected import JudgedRate, judged_differences
from peersim.analysis.judged import Panel, panels
from peersim.readings.judging.human import Label
from peersim.readings.judging.verdict import Judgement
from peersim.readings.rows import TrialRow
from peersim.report.tables import Table, between, lost, number
from peersim.stats.kappa import Kappa
from peersim.study.contrast import Contrast

NO_LABELS = (
    "No labels of this run's own trials: judged rates stand as judged, and cannot be corrected for"
    " the judges' errors (peersim judge --labels FILE). Labels of another scenario, or of another"
    " mix of arms, would correct for other errors."
)

CORRECTED = (
    "Corrected (Rogan-Gladen) by the sensitivity and specificity that the labels of that very arm"
    " show. Trials must have been picked for labelling without regard to what judges said of them."
)


def judged_tables(
    rows: Sequence[TrialRow],
    judgements: Iterable[Judgement],
    labels: Sequence[Label] = (),
    contrasts: Sequence[Contrast] = (),
) -> list[Table]:
    """Return the answers by arm, judged rates, and declared contrasts of two arms in them.

    Args:
        rows: All trials that may be seen.
        judgements: What judges said.
        labels: What people said of the same trials.
        contrasts: The declared ones.

    Returns:
        Nothing where nothing was judged.
    """
    found = panels(rows, judgements, labels)
    if not found:
        return []
    tables = (_answers(found), _agreement(found), _rates(found), _contrasts(found, contrasts))
    return [table for table in tables if table.rows]


def _answers(found: Sequence[Panel]) -> Table:
    return Table(
        slug="judged",
        title="What the judges say",
        columns=(
            "rubric",
            "question",
            "arm",
            "judged",
            "answers",
            "no majority",
            "no verdict at all",
            "verdicts missing",
        ),
        rows=tuple(row for panel in found for row in _rows(panel)),
        note=" ".join(_note(panel) for panel in found)
        + " An answer counts where more than half of a trial's verdicts give it. Judges were shown"
        " the oversight turns alone, without names, past or arm. None of this enters an outcome.",
    )


def _agreement(found: Sequence[Panel]) -> Table:
    return Table(
        slug="judges-agree",
        title="How far judges agree, with one another and with labels",
        columns=("rubric", "question", "who", "trials", "alpha", "scale", "kappa", "of", "trials"),
        rows=tuple(
            (
                panel.rubric,
                one.question,
                one.of,
                str(one.units),
                number(one.alpha) or "undefined",
                one.scale,
                *_kappa(one.kappa),
            )
            for panel in found
            for one in panel.agreement
        ),
        note="Alpha: Krippendorff's, over trials with two answers or more. Kappa: over trials that"
        " all of them rated, answers taken without their order.",
    )


def _kappa(found: Kappa | None) -> tuple[str, str, str]:
    if found is None:
        return "", "", ""
    return number(found.value) or "undefined", found.name, str(found.units)


def _rates(found: Sequence[Panel]) -> Table:
    labelled = sum(panel.labelled for panel in found)
    strange = max(panel.strange for panel in found)
    unused = f" {strange} labels are of other trials, and not used." if strange else ""
    return Table(
        slug="judged-rates",
        title="Judged rates by arm, corrected for the judges' errors",
        columns=(
            *("rubric", "question", "answer", "arm", "as judged", "95 % interval"),
            *("sensitivity", "specificity", "labels", "corrected", "95 % interval", "method"),
        ),
        rows=tuple(_rate(one) for panel in found for one in panel.rates if one.judged),
        note=(CORRECTED if labelled else NO_LABELS) + unused,
    )


def _rate(one: JudgedRate) -> tuple[str, ...]:
    limits = one.interval
    seen = f"{one.count} of {one.judged} = {number(one.rate)}"
    own = (seen, between(limits.low, limits.high) if limits else "")
    if (found := one.corrected) is None:
        rest: tuple[str, ...] = ("", "", "", "not corrected", "", one.why)
    else:
        rest = (
            *(number(found.sensitivity), number(found.specificity), str(found.labels)),
            *(number(found.rate), between(found.interval.low, found.interval.high)),
            f"{found.interval.method}; {found.interval.units} units",
        )
    return (one.rubric, one.question, one.event, arm_label(one.arm), *own, *rest)


def _contrasts(found: Sequence[Panel], contrasts: Sequence[Contrast]) -> Table:
    rates = [one for panel in found for one in panel.rates]
    return Table(
        slug="judged-contrasts",
        title="Declared contrasts of two arms, in what the judges say",
        columns=(
            *("contrast", "rubric", "question", "answer", "as judged", "95 % interval"),
            *("corrected", "95 % interval", "method"),
        ),
        rows=tuple(
            (
                *(one.id, one.rubric, one.question, one.event),
                f"{one.difference:+.3f}",
                between(one.interval.low, one.interval.high),
                "not corrected" if one.corrected is None else f"{one.corrected:+.3f}",
                between(one.limits.low, one.limits.high) if one.limits else "",
                one.limits.method if one.limits else one.why,
            )
            for one in judged_differences(contrasts, rates)
        ),
        note="First arm less second; arms are taken as independent, which for forked ones is wide."
        " Exploratory: what judges say is no declared outcome.",
    )


def _rows(panel: Panel) -> list[tuple[str, ...]]:
    gone = [kinds for _, kinds in panel.missing]
    arms = len(gone)
    rows: list[tuple[str, ...]] = []
    for place, one in enumerate(panel.answers):
        rows.append(
            (
                panel.rubric,
                one.question,
                arm_label(one.arm),
                f"{one.judged} of {one.trials}",
                ", ".join(f"{count} {answer}" for answer, count in one.counts.items()),
                str(one.split),
                str(one.unheard),
                lost(gone[place % arms]),
            )
        )
    return rows


def _note(panel: Panel) -> str:
    judges = ", ".join(f"{model} ({votes} votes)" for model, votes in panel.judges.items())
    mark = ", simulated" if panel.simulated else ""
    return f"Judges by {panel.rubric}: {judges}{mark}."
