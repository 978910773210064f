"""The command line. Every heavy import waits for the command that needs it."""

import sys

import typer

# Imported for the commands that they add.
from peersim.cli import reading, running
from peersim.cli.base import EXIT_BUDGET, EXIT_INTERRUPTED, app

__all__ = ["app", "main", "reading", "running"]


def main() -> None:
    """Run the command line; what the user can act on is one sentence, not a traceback."""
    from peersim.errors import BudgetSpent, Interrupted, PeersimError

    try:
        app(standalone_mode=True)
    except PeersimError as error:
        typer.echo(f"peersim: {' '.join(str(error).split())}", err=True)
        sys.exit(EXIT_BUDGET if isinstance(error, BudgetSpent) else 1)
    except Interrupted as wish:
        typer.echo(f"peersim: interrupted; {wish}", err=True)
        sys.exit(EXIT_INTERRUPTED)
