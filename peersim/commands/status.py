"""How far a run is, and what went wrong."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from peersim.store.view import RunView, StoreView
from peersim.study.design import Study
from peersim.study.runner import STUDY_KEY


def show_status(directory: Path, console: Console) -> None:
    """Print the state of every run of a directory."""
    for store in RunView(directory).stores:
        _show(store, console)


def _show(store: StoreView, console: Console) -> None:
    held = store.meta(STUDY_KEY)
    if held is None:
        console.print(f"{store.path.parent}: ended before it had a plan", soft_wrap=True)
        return
    study = Study.model_validate_json(held)
    done = store.query("SELECT COUNT(*), SUM(invalid IS NOT NULL) FROM trials")[0]
    calls = store.query("SELECT COUNT(*), SUM(LENGTH(entry)) FROM calls")[0]
    console.print(f"[bold]{study.name}[/] in {store.path.parent}", soft_wrap=True)
    console.print(f"  {study.study_id}, seed {study.seed}, {len(study.arms)} arms")
    console.print(f"  models: {', '.join(ref.ref for ref in study.models)}" + _mark(study))
    console.print(f"  trials: {done[0]} of {study.size} done, {done[1] or 0} invalid")
    console.print(f"  journal: {calls[0]} calls, {int(str(calls[1] or 0)) / 1024:.0f} KiB")
    _failures(store, console)
    _sessions(store, console)
    if int(str(done[0])) < study.size:
        console.print(f"  go on with: peersim resume {store.path.parent}", soft_wrap=True)


def _mark(study: Study) -> str:
    return " [yellow](simulated)[/]" if study.simulated else ""


def _failures(store: StoreView, console: Console) -> None:
    counts = "SELECT invalid, cause, COUNT(*) FROM trials WHERE invalid IS NOT NULL GROUP BY 1, 2"
    for origin, cause, count in store.query(counts):
        console.print(f"  invalid: {count} by {origin} ({cause})")


def _sessions(store: StoreView, console: Console) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("started (UTC)", "ended", "how", "calls made", "recalled", "failed", "cost"):
        table.add_column(name, no_wrap=True)
    for s in store.sessions():
        numbers = ("" if n is None else str(n) for n in (s.made, s.recalled, s.failed))
        how = s.ended or "killed or running"
        cost = "unknown" if s.cost_usd is None else f"${s.cost_usd:.2f}"
        table.add_row(s.started_at[:19], (s.ended_at or "")[11:19], how, *numbers, cost)
    console.print(table)
