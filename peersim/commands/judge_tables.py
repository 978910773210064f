"""What judges said, as tables: of a run by arm, and of the labelled excerpts."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from peersim.analysis.arms import arm_label
from peersim.analysis.judged import Agreement, Panel, missing, panels
from peersim.analysis.looks import NotYet
from peersim.analysis.studied import unseen
from peersim.commands.judge_rates import print_corrected
from peersim.models.base import ModelRef
from peersim.readings.judging.human import kept_labels
from peersim.readings.judging.labels import Excerpt, labelled
from peersim.readings.judging.verdict import ANSWERS, Judgement
from peersim.stats.agreement import Pairs, Share, confusion, marks
from peersim.stats.kappa import kappa
from peersim.store.view import RunView
from peersim.study.arms import finished_rows
from peersim.study.frozen_plan import held_plan


def print_judged(run: RunView, console: Console, early: bool = False) -> None:
    """Print what judges said of a run, by arm; before a look, only how much they said.

    Args:
        run: The run or sweep.
        console: Where to print.
        early: Look now, whatever the plan says.
    """
    if waits := unseen(run, early):
        _print_unseen(run.judgements(), waits, console)
        return
    plan, labels = held_plan(run), kept_labels(run.directory)
    for panel in panels(finished_rows(run), run.judgements(), labels):
        mark = " [yellow](simulated)[/]" if panel.simulated else ""
        judges = ", ".join(f"{name} x {votes}" for name, votes in panel.judges.items())
        console.print(f"\n[bold]{escape(panel.rubric)}[/], judged by {escape(judges)}{mark}")
        for question in ANSWERS:
            console.print(_answers(panel, question))
        console.print(
            "  split: no answer from more than half of the verdicts; lost: no verdict at all",
            style="dim",
            soft_wrap=True,
        )
        console.print(_missing(panel), soft_wrap=True)
        for one in panel.agreement:
            console.print(f"  {_agreed(one)}", soft_wrap=True)
        print_corrected(panel, plan.contrasts if plan else (), console)


def _agreed(one: Agreement) -> str:
    alpha = "undefined" if one.alpha is None else f"{one.alpha:.3f}"
    who = "" if one.of == "judges" else f" ({one.of})"
    said = (
        f"{one.question}{who}: Krippendorff's alpha {alpha} ({one.scale}, {one.units} trials"
        " with two answers or more)"
    )
    if one.kappa is None:
        return said
    value = "undefined" if one.kappa.value is None else f"{one.kappa.value:.3f}"
    return f"{said}; {one.kappa.name} {value} ({one.kappa.units} trials rated by all)"


def _print_unseen(given: Sequence[Judgement], waits: NotYet, console: Console) -> None:
    """Print how many verdicts there are, all arms together."""
    gone = ", ".join(f"{n} {kind}" for kind, n in missing(given).items()) or "none"
    console.print(f"{len(given)} verdicts asked for and kept, missing: {gone}")
    console.print(f"{waits.text}. Until then what they say is not shown by arm.", soft_wrap=True)
    console.print("  wait, or look all the same with --early: it is noted and charged for")


def _answers(panel: Panel, question: str) -> Table:
    table = _table(question, "judged", *ANSWERS[question], "split", "lost")
    for one in panel.answers:
        if one.question == question:
            arm = "\n".join(f"{factor}={level}" for factor, level in one.arm.items())
            counts = (*one.counts.values(), one.split, one.unheard)
            judged = f"{one.judged}/{one.trials}"
            table.add_row(escape(arm or arm_label(one.arm)), judged, *map(str, counts))
    return table


def _missing(panel: Panel) -> str:
    lost = [(arm, kinds) for arm, kinds in panel.missing if kinds]
    if not lost:
        return "  no verdict is missing"
    parts = (
        f"{escape(arm_label(arm))}: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items())
        for arm, kinds in lost
    )
    return f"  verdicts missing, which count for no answer: {'; '.join(parts)}"


def _table(*names: str) -> Table:
    """Return a table whose numbers are never broken."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for position, name in enumerate(names):
        right = position > 0
        table.add_column(name, no_wrap=right, justify="right" if right else "left")
    return table


def print_labelled(
    model: ModelRef, found: Sequence[tuple[Excerpt, Judgement]], console: Console
) -> None:
    """Print precision, recall and confusion of each question over the labelled excerpts."""
    mark = " [yellow](simulated)[/]" if model.simulated else ""
    gone = missing([one for _, one in found])
    lost = ", ".join(f"{n} {kind}" for kind, n in gone.items()) or "none"
    console.print(
        f"\n[bold]{escape(model.ref)}[/]{mark}: {len(found)} verdicts asked for on"
        f" {len(labelled())} labelled excerpts, missing: {lost}",
        soft_wrap=True,
    )
    for question in ANSWERS:
        pairs = [
            (excerpt.labels[question], said)
            for excerpt, one in found
            if (said := one.answer(question)) is not None
        ]
        console.print(_shares(question, pairs))
        agreed = kappa(pairs, ANSWERS[question])
        if agreed is not None and agreed.value is not None:
            console.print(f"  {question}: {agreed.name} with the labels {agreed.value:.3f}")
        console.print(_confusion(question, pairs))
    console.print(
        "intervals: Wilson, 95 %, over judged excerpts; small and of our own making, so they show"
        " whether a judge can read, not how well it reads a study's transcripts",
        style="dim",
        soft_wrap=True,
    )


def _shares(question: str, pairs: Pairs) -> Table:
    table = _table(question, "precision", "95 % interval", "recall", "95 % interval")
    for one in marks(pairs, ANSWERS[question]):
        table.add_row(one.answer, *_share(one.precision), *_share(one.recall))
    return table


def _confusion(question: str, pairs: Pairs) -> Table:
    answers = ANSWERS[question]
    table = _table("  labelled, and said:", *answers)
    for answer, row in zip(answers, confusion(pairs, answers), strict=True):
        table.add_row(f"  {answer}", *map(str, row))
    return table


def _share(share: Share) -> tuple[str, str]:
    if share.interval is None or share.share is None:
        return "no case", ""
    low, high = share.interval.low, share.interval.high
    return f"{share.count}/{share.of} = {share.share:.2f}", f"{low:.2f} to {high:.2f}"
