"""``peersim validate``: the proof of the instrument on the terminal, and as JSON."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from peersim.analysis.instrument import Figure, Instrument
from peersim.errors import ConfigError
from peersim.validation.bands import FULL, SHORT, Form
from peersim.validation.proof import LEFT, prove, steps

WIDTH = 160
"""Of what is written to a file, where no terminal says how wide it is."""
SMALLEST = Form("short", 6, 2, 12, 3.0, 99, 1, 10)
"""For tests of the command itself: its figures show nothing."""


def validate(
    console: Console,
    form: Form,
    *,
    seed: int = 0,
    only: Sequence[str] = (),
    jobs: int = 1,
    out: Path | None = None,
    as_json: bool = False,
) -> int:
    """Prove the instrument and show what came of it.

    Returns:
        0 if all bands hold and all mutants are caught, else 1.

    Raises:
        ConfigError: If there is no such mechanism, or the figures cannot be written.
    """
    if out:
        _probe(out)
    began = monotonic()
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    quiet = as_json or not console.is_terminal
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=quiet) as progress:
        task = progress.add_task("validate", total=steps(form, only))

        lines = _Lines(steps(form, only)) if quiet else None

        def told(what: str) -> None:
            progress.update(task, advance=1, description=what)
            if lines:
                lines.told(what)

        found = prove(form, seed, told, only=only, jobs=jobs)
        if lines:
            lines.finished()
    if out:
        out.write_text(f"{found.model_dump_json(indent=1)}\n", encoding="utf-8")
    if as_json:
        print(found.model_dump_json(indent=1))
    else:
        show(found, form, console)
        console.print(f"took {monotonic() - began:.0f} s with {jobs} at work (--jobs)", style="dim")
    return 0 if found.holds else 1


class _Lines:
    """A line on stderr for each finished mechanism, for those who look at no terminal."""

    def __init__(self, total: int) -> None:
        self._began, self._total, self._done = monotonic(), total, 0
        self._console = Console(stderr=True, width=WIDTH, highlight=False)
        self._now = ""

    def told(self, what: str) -> None:
        """Note a step; the first word is the mechanism's name."""
        name = what.split(" ", 1)[0]
        if name != self._now:
            self.finished()
        self._now = name
        self._done += 1

    def finished(self) -> None:
        """Say that the mechanism at hand is done."""
        if self._now:
            of = max(self._total, self._done)
            took = monotonic() - self._began
            self._console.print(f"{took:5.0f} s  step {self._done} of {of}  {self._now}")


def _probe(out: Path) -> None:
    """Check that a file can be written, before hours go into what it is to hold."""
    new = not out.exists()
    try:
        out.open("a", encoding="utf-8").close()
        if new:
            out.unlink()
    except OSError as error:
        raise ConfigError(
            f"--out {out} cannot be written ({error.strerror})", "choose another file"
        ) from error


def form_of(*, full: bool, smallest: bool = False) -> Form:
    """Return how much is simulated."""
    return SMALLEST if smallest else FULL if full else SHORT


def show(found: Instrument, form: Form, console: Console) -> None:
    """Print the proof: both tiers by question, the mutants, and what it all shows."""
    if found.inference:
        console.print(f"\n[bold]Tier A: inference[/]  ({found.form} form, seed {found.seed})")
        console.print(_figures(found.inference))
    if found.path:
        console.print("\n[bold]Tier B: the full path[/]  (real runs of simulated models)")
        console.print(_figures(found.path))
    if found.mutants:
        console.print(f"\n[bold]Mutation score: {found.caught} of {len(found.mutants)} caught[/]")
        console.print(_mutants(found))
    _say(found, form, console)


def _say(found: Instrument, form: Form, console: Console) -> None:
    console.print()
    for one in found.outside:
        console.print(f"[red]outside its band:[/] {_told(one)}", soft_wrap=True)
    for name in found.survivors:
        console.print(f"[red]survived:[/] {name}")
    if not found.outside and not found.survivors:
        caught = " and all mutants are caught" if found.mutants else ""
        console.print(f"[green]all bands hold{caught}[/]")
    if form.slack:
        console.print(
            f"The short form simulates {form.studies} studies a cell, and bands are widened by"
            f" {form.slack:g} Monte Carlo errors either way; a cell outside is tried again on fresh"
            f" studies before it is said. What the full form (--full, hours) adds: {FULL.studies:,}"
            f" studies a cell, {FULL.again:,} for one tried again, {FULL.resamples:,} permutations"
            f" a p instead of {form.resamples:,}, {FULL.runs} real runs a mechanism instead of"
            f" {form.runs}, and bands that are not widened.",
            style="dim",
            soft_wrap=True,
        )
    if found.sealed:
        console.print(f"hidden parameters, sealed before any estimate: {found.sealed}", style="dim")
    console.print("left of the standard: " + "; ".join(LEFT), style="dim", soft_wrap=True)
    console.print(found.statement, soft_wrap=True)


def _figures(figures: Sequence[Figure]) -> Table:
    """Return a line for each question: the worst of its cells by measure, and all together."""
    table = _table("mechanism", "question", "coverage", "type I", "bias", "power", "other")
    groups: dict[tuple[str, str], list[Figure]] = {}
    for one in figures:
        groups.setdefault((one.mechanism, one.question), []).append(one)
    before = ""
    for (mechanism, question), of in groups.items():
        shown = (_shown(of, "coverage", min), _shown(of, "type_one", max), _shown(of, "bias", max))
        other = "; ".join(_other(one) for one in of if one.measure in ("rate", "p_value", "mde"))
        name = mechanism if mechanism != before else ""
        table.add_row(name, question, *shown, _powers(of), other)
        before = mechanism
    return table


def _shown(figures: Sequence[Figure], measure: str, worst: object) -> str:
    own = [one for one in figures if one.measure == measure]
    if not own:
        return ""
    pick = min if worst is min else max
    whole = [one for one in own if one.histories is None]
    cells = [one for one in own if one.histories is not None]
    size = abs if measure == "bias" else float
    said = [_number(one) for one in whole[:1]]
    if cells:
        extreme = pick(cells, key=lambda one: size(one.value))
        said.append(f"worst {_number(extreme)}" if whole else _number(extreme))
    failed = sum(not one.holds for one in own)
    return ", ".join(said) + (f" [red]{failed} outside[/]" if failed else "")


def _number(one: Figure) -> str:
    error = f"±{one.error:.3f}" if one.error is not None else ""
    return f"{one.value:.3f}{error}{'*' if one.rerun else ''}"


def _powers(figures: Sequence[Figure]) -> str:
    own = [one.value for one in figures if one.measure == "power"]
    return "" if not own else f"{min(own):.2f}" + (f" to {max(own):.2f}" if len(own) > 1 else "")


def _other(one: Figure) -> str:
    sign = {"p_value": "p", "mde": "detectable"}.get(one.measure, "")
    mark = "" if one.holds else " [red]outside[/]"
    return f"{sign} {_number(one)}{mark} {one.note}".strip()


def _told(one: Figure) -> str:
    at = f"H={one.histories}, m={one.trials}" if one.histories else "all sizes"
    rate = f", p={one.rate:g}" if one.rate is not None else ""
    bounds = " to ".join("" if b is None else f"{b:.3g}" for b in (one.low, one.high))
    again = ", on fresh studies" if one.rerun else ""
    return (
        f"{one.mechanism}, {one.question}: {one.measure} {_number(one)} at {at}{rate}"
        f" ({one.studies} studies{again}), wanted {bounds}"
    )


def _mutants(found: Instrument) -> Table:
    table = _table("seeded bug", "what it breaks", "caught by", "said")
    for one in found.mutants:
        mark = "" if one.caught else "[red]survived[/]"
        mark = mark if one.sound else "[red]fails without the bug[/]"
        table.add_row(one.name, one.breaks, one.check, mark or one.said[:70])
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
