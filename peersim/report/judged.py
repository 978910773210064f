"""What judges said of the trials, by arm."""

from collections.abc import Iterable, Sequence

from peersim.analysis.arms import arm_label
from peersim.analysis.judged import Panel, panels
from peersim.readings.judging.verdict import Judgement
from peersim.readings.rows import TrialRow
from peersim.report.tables import Table, lost, number


def judged_table(rows: Sequence[TrialRow], judgements: Iterable[Judgement]) -> Table | None:
    """Return the answers by arm; None where nothing was judged."""
    found = panels(rows, judgements)
    if not found:
        return None
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
            "agreement (alpha)",
        ),
        rows=tuple(row for panel in found for row in _rows(panel)),
        note=" ".join(_note(panel) for panel in found)
        + " An answer counts where more than half of a trial's verdicts give it. Judges were shown"
        " the oversight turns alone, without names, past or arm. None of this enters an outcome.",
    )


def _rows(panel: Panel) -> list[tuple[str, ...]]:
    alphas = {one.question: one for one in panel.agreement}
    gone = [kinds for _, kinds in panel.missing]
    arms = len(gone)
    rows: list[tuple[str, ...]] = []
    for place, one in enumerate(panel.answers):
        alpha = alphas.get(one.question)
        said = f"{number(alpha.alpha) or 'undefined'} ({alpha.units} trials)" if alpha else ""
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
                said,
            )
        )
    return rows


def _note(panel: Panel) -> str:
    judges = ", ".join(f"{model} ({votes} votes)" for model, votes in panel.judges.items())
    mark = ", simulated" if panel.simulated else ""
    return f"Judges by {panel.rubric}: {judges}{mark}."
