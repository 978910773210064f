"""Progress on the terminal: done, rate, in flight, invalid, cost."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from peersim.answers import Invalid
from peersim.models.counter import CallCounter
from peersim.record import TrialRecord
from peersim.tracking.base import Ending, Header

# Where nobody watches, a line now and then does; seconds between two.
QUIET_SECONDS = 10.0


_WORDS: dict[Ending, str] = {
    "complete": "done",
    "stopped": "stopped",
    "budget": "out of budget",
    "failed": "broken off",
}


class ProgressTracker:
    """A progress bar on a terminal, a line every ten seconds elsewhere."""

    def __init__(self, console: Console) -> None:
        """Show progress on a console."""
        self._console = console
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._started = self._told = time.monotonic()
        self._header: Header | None = None
        self._done = self._in_flight = self._invalid = 0
        self._spent = CallCounter()

    def begin(self, header: Header) -> None:
        """Show where the study stands."""
        self._header = header
        # Calls are paid for long before the first trial is finished.
        self._spent = header.spent or self._spent
        self._started = self._told = time.monotonic()
        models = " on simulated models" if header.simulated else ""
        again = f", {header.done} done before" if header.done else ""
        self._console.print(f"{header.name}: {header.total} trials{again}{models}")
        if self._console.is_terminal:
            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[facts]}"))
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=header.total, completed=header.done, facts="")

    def started(self, trial_id: str) -> None:
        """Count a trial in flight."""
        self._in_flight += 1

    def finished(self, record: TrialRecord, spent: CallCounter) -> None:
        """Count a finished trial."""
        self._done += 1
        self._in_flight -= 1
        self._invalid += isinstance(record.validity, Invalid)
        self._spent = spent
        if self._bar:
            self._bar.update(self._task, advance=1, facts=self._facts())
        elif time.monotonic() - self._told >= QUIET_SECONDS:
            self._told = time.monotonic()
            self._console.print(f"  {self._position()}, {self._facts()}")

    def warned(self, text: str) -> None:
        """Print a warning above the progress."""
        self._console.print(f"  {text}", style="yellow", soft_wrap=True, markup=False)

    def end(self, ending: Ending) -> None:
        """Say how it ended."""
        if self._bar:
            self._bar.stop()
        word = _WORDS[ending]
        self._console.print(f"  {word}: {self._position()}, {self._facts()}")

    def _position(self) -> str:
        before, total = (self._header.done, self._header.total) if self._header else (0, 0)
        return f"{before + self._done}/{total}"

    def _facts(self) -> str:
        seconds = max(time.monotonic() - self._started, 1e-9)
        spent = self._spent.cost_usd
        cost = "cost unknown" if spent is None else f"${spent:.2f}"
        return (
            f"{_rate(self._done / seconds)}, {self._in_flight} in flight,"
            f" {self._invalid} invalid, {cost}"
        )


def _rate(a_second: float) -> str:
    """Return a rate as people read it: real models finish few trials a minute."""
    seldom = 0.0 < a_second < 0.1
    return f"{a_second * 3600:.0f} trials/h" if seldom else f"{a_second:.1f} trials/s"
