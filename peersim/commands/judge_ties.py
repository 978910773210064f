"""What judges said of relations, on the terminal: beside the acts, as a check of them."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from peersim.history.spec import History
from peersim.readings.accord import accord, relational
from peersim.readings.judging.verdict import Judgement
from peersim.store.view import RunView


def print_ties(run: RunView, console: Console) -> None:
    """Print how far judges see the ties of a run's histories as the acts show them."""
    about = relational(run.judgements())
    histories = _histories(run, {one.trial_id for one in about})
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("judge", "rubric", "histories", "ties", "rank correlation", "mean gap", "missing"):
        table.add_column(name, no_wrap=True)
    for (judge, rubric), votes in sorted(_by_judge(about).items()):
        found = accord(histories, votes)
        mark = " [yellow](simulated)[/]" if any(one.simulated for one in votes) else ""
        table.add_row(
            f"{escape(judge)}{mark}",
            escape(rubric),
            str(found.histories),
            f"{found.ties} of {found.ties + found.unjudged}",
            "undefined" if found.rank is None else f"{found.rank:.3f}",
            "" if found.gap is None else f"{found.gap:.3f}",
            _missing(votes),
        )
    console.print(table)
    console.print(
        "  observed (rule beta) against judged, both from 0 to 1; a check of the acts alone: judged"
        " ties enter no outcome and no predictor",
        style="dim",
        soft_wrap=True,
    )


def _histories(run: RunView, wanted: set[str]) -> list[History]:
    found: dict[str, History] = {}
    for store in run.stores:
        for name in sorted(wanted - found.keys()):
            if history := store.history(name):
                found[name] = history
    return list(found.values())


def _by_judge(judgements: tuple[Judgement, ...]) -> dict[tuple[str, str], list[Judgement]]:
    found: dict[tuple[str, str], list[Judgement]] = {}
    for one in judgements:
        found.setdefault((one.judge, one.rubric), []).append(one)
    return found


def _missing(votes: list[Judgement]) -> str:
    kinds = sorted(one.missing.kind for one in votes if one.missing)
    counted = (f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return ", ".join(counted) or "none"
