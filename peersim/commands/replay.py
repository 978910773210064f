"""Replaying and rescoring stored runs; neither makes a model call."""

import asyncio
import difflib
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import track

from peersim.errors import Difference
from peersim.record import TrialRecord
from peersim.store.study import StudyStore
from peersim.store.view import RunView, StoreView
from peersim.study.replay import Replayed, replay
from peersim.study.rescore import rescored

# Trials whose differences are shown in full; the rest is counted.
SHOWN = 3
CONTEXT_LINES = 2


def replay_run(
    directory: Path, console: Console, trial: str | None = None, shown: int = SHOWN
) -> int:
    """Replay a run, or one of its trials, and print what is not as it was.

    Returns:
        0 if every valid trial came out the same, else 1.
    """
    run = RunView(directory)
    found: list[Replayed] = []
    for store, trials in _work(run, trial):
        found += asyncio.run(_replay(store, trials, console))
    different = [one for one in found if one.problem and not one.skipped]
    for one in different[:shown]:
        _show(one, console)
    if len(different) > shown:
        console.print(f"… and {len(different) - shown} more")
    skipped = sum(one.skipped for one in found)
    same = len(found) - skipped - len(different)
    left_out = f", {skipped} invalid ones left out" if skipped else ""
    console.print(
        f"{len(found)} trials replayed without a model call: {same} the same byte for byte,"
        f" {len(different)} different{left_out}",
        style="bold red" if different else "bold green",
        soft_wrap=True,
    )
    return 1 if different else 0


def _work(run: RunView, trial: str | None) -> list[tuple[StoreView, list[str]]]:
    if trial is not None:
        record, store = run.trial(trial)
        return [(store, [record.trial_id])]
    order = "SELECT trial_id FROM trials ORDER BY block, trial_id"
    return [(store, [str(row[0]) for row in store.query(order)]) for store in run.stores]


async def _replay(store: StoreView, trials: Sequence[str], console: Console) -> list[Replayed]:
    bar = track(trials, "replaying", console=console, disable=not console.is_terminal)
    return [one async for one in replay(store, bar)]


def _show(one: Replayed, console: Console) -> None:
    console.print(f"[bold]{one.trial_id}[/]: {escape(one.problem)}", soft_wrap=True)
    for difference in one.differences:
        for line in diff(difference):
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "dim")
            console.print(f"  [{colour}]{escape(line)}[/]", soft_wrap=True)


def diff(difference: Difference) -> list[str]:
    """Return the lines of a unified diff of a part of a request."""
    if difference.then is None and difference.now is not None and difference.part == "sampling":
        return [f"  {difference.part} (not kept in full): now {difference.now}"]
    lines = difflib.unified_diff(
        (difference.then or "").splitlines(),
        (difference.now or "").splitlines(),
        f"{difference.part}, in the journal",
        f"{difference.part}, now",
        n=CONTEXT_LINES,
        lineterm="",
    )
    return list(lines)


def rescore_run(directory: Path, console: Console, write: bool = False) -> int:
    """Read all outcomes of a run again, and print what changes.

    Args:
        directory: The run or sweep.
        console: Where to print.
        write: Replace the stored outcomes.

    Returns:
        How many outcomes changed.
    """
    total, changed = 0, 0
    for store in RunView(directory).stores:
        fresh = []
        for (trial_id,) in store.query("SELECT trial_id FROM trials ORDER BY block, trial_id"):
            record = store.record(str(trial_id))
            again = rescored(record)
            total += 1
            if again.outcome != record.outcome:
                fresh.append(again)
                _tell(record, again, console)
        changed += len(fresh)
        if write and fresh:
            asyncio.run(_store(store.path.parent, fresh))
    kept = "stored" if write else "not stored; store them with --write"
    what = f": {changed} outcomes change ({kept})" if changed else ": no outcome changes"
    console.print(f"{total} trials rescored without a model call{what}", soft_wrap=True)
    return changed


def _tell(before: TrialRecord, after: TrialRecord, console: Console) -> None:
    then = before.outcome.model_dump(mode="json") if before.outcome else {}
    now = after.outcome.model_dump(mode="json") if after.outcome else {}
    parts = [
        f"{name}: {then.get(name)} -> {now[name]}" for name in now if then.get(name) != now[name]
    ]
    console.print(f"  {before.trial_id}: {escape('; '.join(parts))}", soft_wrap=True)


async def _store(directory: Path, records: Sequence[TrialRecord]) -> None:
    from peersim.models.counter import CallCounter

    store = StudyStore(directory)
    try:
        await store.begin_session()
        for record in records:
            await store.keep_trial(record)
        await store.end_session("rescored", CallCounter())
    finally:
        store.close()
