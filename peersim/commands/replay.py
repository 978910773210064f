"""Replaying and rescoring stored runs; neither makes a model call."""

import asyncio
import difflib
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import track

from peersim.errors import NOT_KEPT, Difference
from peersim.models.refusals import parsed
from peersim.record import TrialRecord
from peersim.store.code import code_digest
from peersim.store.study import StudyStore
from peersim.store.view import RunView, StoreView
from peersim.study.replay import Replayed, replay
from peersim.study.rescore import rescored
from peersim.study.runner import VERSION_KEY, version_mark

# Trials whose differences are shown in full; the rest is counted.
SHOWN = 3
CONTEXT_LINES = 2
SHOWN_LINES = 60  # of each part


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
    if different:
        console.print(_makers(run), soft_wrap=True, markup=False)
    skipped = sum(one.skipped for one in found)
    same = len(found) - skipped - len(different)
    left_out = f", {skipped} left out as invalid" if skipped else ""
    console.print(
        f"{len(found)} trials replayed without a model call: {same} the same byte for byte,"
        f" {len(different)} different{left_out}",
        style="bold red" if different else "bold green",
        soft_wrap=True,
    )
    return 1 if different else 0


def _makers(run: RunView) -> str:
    """Return what made a run and what replays it, where differences come from."""
    began = sorted({version for store in run.stores if (version := store.meta(VERSION_KEY))})
    codes = sorted({one.code_digest or "?" for store in run.stores for one in store.sessions()})
    then, now = " and ".join(began) or "an older peersim", version_mark()
    if then != now:
        return f"made by {then}; replayed by {now}"
    if codes != [code_digest()]:
        return f"made by {then}, with other code ({', '.join(codes)}; now {code_digest()})"
    return f"made and replayed by {then}, with the same code"


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
        lines = diff(difference)
        for line in lines[:SHOWN_LINES]:
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "dim")
            console.print(f"  [{colour}]{escape(line)}[/]", soft_wrap=True)
        if len(lines) > SHOWN_LINES:
            console.print(f"  … and {len(lines) - SHOWN_LINES} more lines")


def diff(difference: Difference) -> list[str]:
    """Return the lines of a unified diff of a part of a request or record."""
    part, then, now = difference
    if then == NOT_KEPT:
        return [
            f"  {part} {NOT_KEPT}; now:",
            *(f"+{line}" for line in _laid_out(now or "").splitlines()),
        ]
    if then == now:
        return [f"  {part}: the same words; an id, a caller or the thinking beside them differs"]
    before, after = _laid_out(then or ""), _laid_out(now or "")
    if before == after:  # It is the laying out that changed.
        before, after = then or "", now or ""
    lines = difflib.unified_diff(
        before.splitlines(),
        after.splitlines(),
        f"{part}, then",
        f"{part}, now",
        n=CONTEXT_LINES,
        lineterm="",
    )
    return list(lines)


def _laid_out(text: str) -> str:
    """Return a schema or a list of calls on lines of its own, and any other text as it is."""
    if parsed(text) is None:
        return text
    return json.dumps(parsed(text), indent=2, ensure_ascii=False)


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
