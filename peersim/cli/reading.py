"""The commands that show what came of studies."""

from pathlib import Path
from typing import Annotated

import typer

from peersim.cli.base import (
    Early,
    Run,
    Trial,
    app,
    plain_console,
)


@app.command(short_help="How far a run is, what failed and why, what it cost.")
def status(run: Run = None) -> None:
    """Show how far a run is, what failed and why, and who worked on it."""
    from peersim.commands.status import show_status
    from peersim.store.runs import run_directory

    show_status(run_directory(run), plain_console())


@app.command(short_help="Declared contrasts, rates by arm, neighbouring arms.")
def rates(
    run: Run = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    measure: Annotated[
        str, typer.Option(help="Which measure; see the report for all.")
    ] = "protected",
    early: Early = False,
) -> None:
    """Show declared contrasts, a measure by arm with intervals, and neighbouring arms compared."""
    from peersim.commands.rates import print_json, print_rates
    from peersim.store.runs import run_directory
    from peersim.study.runner import collecting_rarely

    directory = run_directory(run)
    with collecting_rarely():
        if json:
            print_json(directory, measure, early)
        else:
            print_rates(directory, measure, plain_console(), early)


@app.command(short_help="A trial as a transcript, or the list of all trials.")
def show(
    trial: Annotated[str | None, typer.Argument(help="A trial's id, or its beginning.")] = None,
    run: Run = None,
    early: Early = False,
) -> None:
    """Show a trial as a readable transcript; without a trial, list all of them."""
    from peersim.commands.show import list_trials, show_trial
    from peersim.store.runs import run_directory

    if trial and run is None and Path(trial).is_dir():
        run, trial = Path(trial), None
    if trial is None:
        list_trials(run_directory(run), plain_console(), early)
    else:
        show_trial(run_directory(run), trial, plain_console(), early)


@app.command(short_help="A run of the published matrix beside its figures.")
def published(
    run: Run = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a run of the published matrix beside the published figures."""
    from peersim.commands.published import print_published
    from peersim.store.runs import run_directory

    print_published(run_directory(run), plain_console(), as_json)


@app.command(short_help="The relationship graph of a trial, shown or written.")
def graph(
    trial: Trial,
    run: Run = None,
    out: Annotated[
        Path | None, typer.Option(help="Write to this .graphml, .gexf or .json file.")
    ] = None,
    step: Annotated[int | None, typer.Option(help="As it stood before this event.")] = None,
    rule: Annotated[str, typer.Option(help="beta, ledger, decay, promises or transfer.")] = "beta",
    layer: Annotated[
        str, typer.Option(help="observed, recollected, stated or judged.")
    ] = "observed",
    diff: Annotated[
        tuple[int, int] | None,
        typer.Option(help="Show what changed between two steps instead, and by which events."),
    ] = None,
) -> None:
    """Show the relationship graph of a trial with its measures, or write it to a file."""
    from peersim.commands.graph import show_changes, show_graph
    from peersim.store.runs import run_directory

    if diff is not None:
        if out is not None or step is not None or layer != "observed":
            raise typer.BadParameter("--diff goes with --rule alone")
        show_changes(run_directory(run), trial, plain_console(), diff, rule)
        return
    show_graph(run_directory(run), trial, plain_console(), out, step, rule, layer)


@app.command(short_help="Make the W&B runs of a run again from its store.")
def track(
    run: Run = None,
    mode: Annotated[
        str | None, typer.Option(help="offline, online or auto; as it was run if left out.")
    ] = None,
    project: Annotated[str | None, typer.Option(help="The W&B project.")] = None,
    entity: Annotated[str | None, typer.Option(help="The W&B user or team.")] = None,
) -> None:
    """Make the W&B runs of a run again, from what is stored; the ids are the same."""
    from peersim.commands.track import track as rebuild
    from peersim.store.runs import run_directory

    changes = {"mode": mode, "project": project, "entity": entity}
    rebuild(run_directory(run), plain_console(), changes)


@app.command(short_help="Write the HTML report of a run.")
def report(
    run: Run = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to; report.html in the run's directory if left out.")
    ] = None,
    early: Early = False,
) -> None:
    """Write the self-contained HTML report of a run."""
    from peersim.commands.finish import write_report
    from peersim.store.runs import run_directory
    from peersim.study.runner import collecting_rarely

    with collecting_rarely():
        path = write_report(run_directory(run), out, early)
    plain_console().print(f"report: {path}", soft_wrap=True)


@app.command(short_help="Write a run's tables, with a data dictionary.")
def export(
    run: Run = None,
    to: Annotated[str, typer.Option(help="parquet or csv.")] = "parquet",
    out: Annotated[
        Path | None, typer.Option(help="Where to; tables in the run's directory if left out.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the files of an earlier export.")
    ] = False,
    early: Early = False,
) -> None:
    """Write a run's tables: trials, histories, acts, edges, calls and arms, all described."""
    from peersim.commands.export import export_tables
    from peersim.store.runs import run_directory

    export_tables(run_directory(run), to, plain_console(), out, force, early)
