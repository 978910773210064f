"""How far a run is, and what went wrong."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from peersim.commands.standing import print_gates, print_trouble
from peersim.store.bills import Bill, bills, odd_ends, tokens_of
from peersim.store.lock import at_work
from peersim.store.reached import moves
from peersim.store.spending import unseen
from peersim.store.view import RunView, StoreView
from peersim.study.arms import held_study
from peersim.study.design import Study
from peersim.study.reaching import changes
from peersim.study.shared import sharing


def show_status(directory: Path, console: Console) -> None:
    """Print the state of every run of a directory."""
    for store in RunView(directory).stores:
        _show(store, console)
    print_trouble(directory, console)


def _show(store: StoreView, console: Console) -> None:
    study = held_study(store)
    if study is None:
        console.print(f"{store.path.parent}: ended before it had a plan", soft_wrap=True)
        return
    done = store.query("SELECT COUNT(*), SUM(invalid IS NOT NULL) FROM trials")[0]
    console.print(f"[bold]{study.name}[/] in {store.path.parent}", soft_wrap=True)
    console.print(f"  {study.study_id}, seed {study.seed}, {len(study.arms)} arms")
    console.print(f"  models: {', '.join(ref.ref for ref in study.models)}" + _mark(study))
    console.print(f"  trials: {done[0]} of {study.size} done, {done[1] or 0} invalid")
    print_gates(store, console, "  ")
    for name, many in sharing(store.path.parent).items():
        if many > 1:
            home = store.path.parent.resolve().parent
            text = f"  contrast {name} is declared by {many} studies in {home}"
            console.print(text, soft_wrap=True, markup=False)
    _reached(store, console)
    _journal(store, console)
    _models(store, console)
    _unseen(store, console)
    _failures(store, console)
    _throttles(store, console)
    _sessions(store, console)
    if int(str(done[0])) < study.size and not _worker(store):
        ended = [session.ended for session in store.sessions()[-1:]]
        more = " --budget-usd X or --budget-tokens N" if ended == ["budget"] else ""
        console.print(f"  go on with: peersim resume {store.path.parent}{more}", soft_wrap=True)


def _reached(store: StoreView, console: Console) -> None:
    """Print where and how models were reached otherwise than before."""
    for sentence in moves([store]):
        console.print(f"  {sentence}", style="bold red", soft_wrap=True, markup=False)
    for change in changes(store):
        what = ", ".join(f"{key} {old} -> {new}" for key, (old, new) in change.changed.items())
        text = f"  reached otherwise after {change.finished} trials: {what}"
        console.print(text, soft_wrap=True, markup=False)


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
    """Print what each model was asked, used and cost, who served it, and what failed."""
    found = bills([store])
    table = Table(box=None, padding=(0, 1, 0, 1))
    for name in ("model", "calls", "retried", "tokens in", "cached", "out", "charged"):
        table.add_column(name, justify="left" if name == "model" else "right", no_wrap=True)
    for bill in found:
        if not bill.failed:
            table.add_row(*_row(bill))
    if table.row_count:
        console.print(table)
    for bill in found:
        _remark(bill, console)
        if bill.failed:
            _last_failure(store, bill, console)
    for (model, word), count in sorted(odd_ends(store).items()):
        console.print(
            f"  [yellow]{escape(model)}: {count} calls ended in a way that is not known"
            f" ({escape(word)}) and count as what it said[/]",
            soft_wrap=True,
        )


def _row(bill: Bill) -> tuple[str, ...]:
    return (
        escape(bill.model),
        str(bill.calls),
        str(bill.attempts - bill.calls),
        tokens_of(bill.input_tokens, bill.unknown),
        _cached(bill),
        tokens_of(bill.output_tokens, bill.unknown),
        "unknown" if bill.unpriced == bill.calls else f"${bill.usd:.4f}",
    )


def _cached(bill: Bill) -> str:
    """Return the share that came from the cache; a mark where the provider did not say."""
    if bill.model.startswith("simulated/"):
        return ""
    if bill.cached_tokens is None or not bill.input_tokens:
        return "?"
    return f"{bill.cached_tokens / bill.input_tokens:.0%}{'?' if bill.uncached else ''}"


def _remark(bill: Bill, console: Console) -> None:
    """Print what a row of numbers does not say."""
    name = escape(bill.model)
    if bill.differs:
        console.print(
            f"  [bold red]{name} was served by {escape(bill.served)} in {bill.calls} calls[/]",
            soft_wrap=True,
        )
    elif bill.served and not bill.model.endswith(bill.served):
        console.print(f"  {name}: served as {escape(bill.served)}", soft_wrap=True)
    if bill.unknown:
        console.print(f"  {name}: usage unknown of {bill.unknown} calls", soft_wrap=True)
    if bill.unpriced:
        console.print(f"  {name}: price unknown of {bill.unpriced} calls", soft_wrap=True)
    if bill.estimated_usd:
        console.print(f"  {name}: ${bill.estimated_usd:.4f} of it estimated", soft_wrap=True)
    if bill.failed:
        console.print(f"  unanswered: {bill.calls} calls to {name} ({bill.failed})")


def _last_failure(store: StoreView, bill: Bill, console: Console) -> None:
    """Print what was said last of the calls that stayed without an answer."""
    failure = store.last_failure(bill.model, bill.failed)
    if failure and failure.detail:
        console.print(f"    last: {failure.detail}", soft_wrap=True, markup=False)


def _numbers(store: StoreView, query: str) -> list[float]:
    return [float(n) if isinstance(n, int | float) else 0.0 for n in store.query(query)[0]]


def _unseen(store: StoreView, console: Console) -> None:
    """Print what counts in the budget beside the calls that stand above."""
    usd, tokens = unseen(store.connection)
    if tokens:
        most = f"{tokens:,} tokens" + (f" (${usd:.4f})" if usd else "")
        console.print(
            f"  in flight when a session was killed or stopped, or now: at most {most},"
            " which count in the budget",
            soft_wrap=True,
        )


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
    counts = "SELECT invalid, cause, COUNT(*) FROM trials WHERE invalid IS NOT NULL GROUP BY 1, 2"
    for origin, cause, count in store.query(counts):
        console.print(f"  invalid: {count} by {origin} ({cause})")


def _worker(store: StoreView) -> int | None:
    """Return the process that works on a run now; None if nobody does, or elsewhere."""
    last = store.sessions()[-1:]
    return at_work(store.path.parent) if last and last[0].ended is None else None


def _sessions(store: StoreView, console: Console) -> None:
    sessions, worker = store.sessions(), _worker(store)
    for number, s in enumerate(sessions, 1):
        cost = "cost unknown" if s.cost_usd is None else f"${s.cost_usd:.2f}"
        now = worker and number == len(sessions)
        how = s.ended or (f"at work (process {worker})" if now else "killed, or at work elsewhere")
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
