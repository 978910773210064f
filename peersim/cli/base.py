"""What the commands share: the application, its arguments, and how a command ends."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
import typer.core

# As a study goes: planned, run, looked at, handed on, and checked.
ORDER = (
    *("run", "forecast", "status", "resume", "rates", "report", "show", "graph", "export"),
    *("track", "judge", "published", "replay", "rescore", "validate", "doctor"),
)


class Commands(typer.core.TyperGroup):
    """The commands in the order in which a study meets them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in order; one without a place comes last."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))

    def invoke(self, ctx: Any) -> Any:
        """Run a command; a wish to end where nobody listens for it has last words all the same."""
        from peersim.errors import Interrupted

        try:
            with _sigterm_as_ctrl_c():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            studying = ctx.invoked_subcommand in STUDYING
            raise Interrupted(INTERRUPTED_EARLY if studying else INTERRUPTED) from None


@contextlib.contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """Take the SIGTERM of batch systems for a Ctrl-C, also before and after a study listens."""
    if threading.current_thread() is not threading.main_thread():  # there nobody hears signals
        yield
        return
    before = signal.signal(signal.SIGTERM, _wish_to_end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _wish_to_end(number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:  # a shell lets its background jobs ignore Ctrl-C
        raise KeyboardInterrupt


app = typer.Typer(
    name="peersim",
    cls=Commands,
    help="A laboratory for peer preservation: do agents protect the peers they worked with"
    " from shutdown, and what in the history caused it?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

Run = Annotated[
    Path | None,
    typer.Argument(help="Directory of a run or sweep; the latest if left out.", show_default=False),
]
Usd = Annotated[float | None, typer.Option(help="A ceiling in dollars, over all sessions.")]
Tokens = Annotated[int | None, typer.Option(help="A ceiling in tokens, over all sessions.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="Such as model.base_url=URL.")]
Early = Annotated[
    bool, typer.Option("--early", help="Look before the plan does: noted, and charged for.")
]
Trial = Annotated[str, typer.Argument(help="A trial's id, or the beginning of it.")]

EXIT_BUDGET = 4
EXIT_INTERRUPTED = 130
# The commands that go on with what they had begun.
STUDYING = ("run", "resume")
INTERRUPTED = "nothing is lost. Give the same command again"
INTERRUPTED_EARLY = (
    "nothing that was completed is lost. Go on with the same command, or, if it had begun, with:"
    " peersim resume"
)


def conclude_with(work: Callable[[], Path | None], console: Any) -> None:
    """Work on a run, then print what stands at its end, a budget that is used up included.

    Args:
        work: Returns the directory it worked in; None if there was nothing to do.
        console: Where to print.
    """
    from peersim.errors import BudgetSpent, PeersimError
    from peersim.store.runs import run_directory

    try:
        directory = work()
    except BudgetSpent as spent:
        with contextlib.suppress(PeersimError):  # there may be no finished trial to show
            _conclude(run_directory(None), console)
        typer.echo(f"peersim: {spent}", err=True)
        raise typer.Exit(EXIT_BUDGET) from None
    if directory:
        raise typer.Exit(_conclude(directory, console))


def _conclude(directory: Path, console: Any) -> int:
    # Statistics take a second to load, and many commands end before there is anything to say.
    from peersim.commands.finish import conclude

    return conclude(directory, console)


def plain_console() -> Any:
    """Return the console that commands print to."""
    from rich.console import Console

    return Console(highlight=False)
