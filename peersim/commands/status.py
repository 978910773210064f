"""How far a run is, and what went wrong."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from peersim.record import substituted
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
    console.print(f"[bold]{study.name}[/] in {store.path.parent}", soft_wrap=True)
    console.print(f"  {study.study_id}, seed {study.seed}, {len(study.arms)} arms")
    console.print(f"  models: {', '.join(ref.ref for ref in study.models)}" + _mark(study))
    console.print(f"  trials: {done[0]} of {study.size} done, {done[1] or 0} invalid")
    _journal(store, console)
    _models(store, console)
    _failures(store, console)
    _throttles(store, console)
    _sessions(store, console)
    if int(str(done[0])) < study.size:
        console.print(f"  go on with: peersim resume {store.path.parent}", soft_wrap=True)


def _mark(study: Study) -> str:
    return " [yellow](simulated)[/]" if study.simulated else ""


def _journal(store: StoreView, console: Console) -> None:
    calls, size = _numbers(store, "SELECT COUNT(*), SUM(LENGTH(entry)) FROM calls")
    texts, text_size = _numbers(store, "SELECT COUNT(*), SUM(LENGTH(body)) FROM texts")
    each = (size + text_size) / calls if calls else 0.0
    console.print(
        f"  journal: {calls:.0f} calls in {size / 1024:.0f} KiB and {texts:.0f} texts of requests"
        f" in {text_size / 1024:.0f} KiB: {each:.0f} bytes a call, compressed"
    )


def _models(store: StoreView, console: Console) -> None:
    """Print what each model was asked and used, and under which names it was served."""
    table = Table(box=None, padding=(0, 1, 0, 1))
    for name in ("model", "calls", "retried", "tokens in", "cached", "out", "charged"):
        table.add_column(name, justify="left" if name == "model" else "right", no_wrap=True)
    for model, *found in store.query(_USED):
        calls, attempts, read, cached, written, unknown, usd, unpriced = map(_number, found)
        said = "" if not unknown else f" (+{unknown:.0f} calls unknown)"
        cost = f"${usd:.4f}" + (f" (+{unpriced:.0f} calls unpriced)" if unpriced else "")
        share = f"{cached / read:.0%}" if read else ""
        row = (f"{calls:.0f}", f"{attempts - calls:.0f}", f"{read:,.0f}{said}", share)
        table.add_row(escape(str(model)), *row, f"{written:,.0f}", cost)
    if table.row_count:
        console.print(table)
    for model, served, count in store.query(_SERVED):
        if substituted(str(model), str(served)):
            said = f"{model} was served by {served} in {count} calls"
            console.print(f"  [bold red]{escape(said)}[/]", soft_wrap=True)
        elif not str(model).endswith(str(served)):
            console.print(f"    {escape(f'{model}: served as {served}')}", soft_wrap=True)


_SERVED = "SELECT model, served, COUNT(*) FROM calls WHERE served <> '' GROUP BY 1, 2 ORDER BY 1, 2"
_USED = """
SELECT model, COUNT(*), SUM(attempts), SUM(input_tokens), SUM(cached_tokens), SUM(output_tokens),
    SUM(input_tokens IS NULL OR output_tokens IS NULL), SUM(charged_usd),
    SUM(charged_usd IS NULL) FROM calls GROUP BY model ORDER BY model
"""


def _numbers(store: StoreView, query: str) -> list[float]:
    return [_number(value) for value in store.query(query)[0]]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _throttles(store: StoreView, console: Console) -> None:
    """Print how the requests in flight were limited in the last session that was."""
    changes = store.query(
        "SELECT model, at, slots, why FROM throttles"
        " WHERE session=(SELECT MAX(session) FROM throttles) ORDER BY model, at"
    )
    for model in sorted({str(change[0]) for change in changes}):
        own = [f"{slots} ({why}, {at:.0f} s)" for name, at, slots, why in changes if name == model]
        shown = [*own[:3], "…", *own[-5:]] if len(own) > 9 else own
        console.print(f"  slots of {escape(model)}: {', '.join(shown)}", soft_wrap=True)


def _failures(store: StoreView, console: Console) -> None:
    unanswered = "SELECT model, kind, COUNT(*) FROM failures GROUP BY 1, 2"
    for model, kind, count in store.query(unanswered):
        console.print(f"  unanswered: {count} calls to {escape(str(model))} ({kind})")
    counts = "SELECT invalid, cause, COUNT(*) FROM trials WHERE invalid IS NOT NULL GROUP BY 1, 2"
    for origin, cause, count in store.query(counts):
        console.print(f"  invalid: {count} by {origin} ({cause})")


def _sessions(store: StoreView, console: Console) -> None:
    for number, s in enumerate(store.sessions(), 1):
        cost = "cost unknown" if s.cost_usd is None else f"${s.cost_usd:.2f}"
        how = s.ended or "killed or running"
        counts = ", ".join(
            f"{count} {name}"
            for count, name in (
                *((s.made, "made"), (s.recalled, "recalled")),
                *((s.retried, "retried"), (s.failed, "failed")),
            )
            if count is not None
        )
        when = f"{s.started_at[:19]} to {(s.ended_at or '?')[11:19]}"
        console.print(
            f"  session {number}, {when} UTC, {how}: calls {counts or 'unknown'}; {cost}",
            soft_wrap=True,
        )
