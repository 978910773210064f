"""The command line. Every heavy import waits for the command that needs it."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="peersim",
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
Trial = Annotated[str, typer.Argument(help="A trial's id, or the beginning of it.")]

EXIT_BUDGET = 4
EXIT_INTERRUPTED = 130


@app.command(context_settings=PASS_ON)
def run(context: typer.Context) -> None:
    """Run a study: peersim run [KEY=VALUE ...] [-m].

    Any key of conf/config.yaml can be overridden: replicates=50 seed=7 memory=none
    model=openai/gpt-5.2. With -m, values separated by commas become arms. Hydra's own flags
    work too: --cfg job shows the configuration, --help all that can be chosen.
    """
    from peersim.commands.run import run as run_study

    console = _console()
    _conclude(lambda: run_study(context.args, console), console)


@app.command(context_settings=PASS_ON)
def forecast(
    context: typer.Context,
    pilot: Annotated[int, typer.Option(help="Replicates lived on the stand-in.", min=1)] = 2,
    latency: Annotated[float, typer.Option(help="Seconds a call takes.", min=0)] = 3.0,
    measured: Annotated[
        Path | None,
        typer.Option("--from", help="A run of real models: take its tokens a call, by role."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Say what a study would take: calls, tokens, cost and time. Takes what run takes.

    A small part of it is lived on a stand-in and scaled up; no model is called, no key is
    needed, and nothing is kept.
    """
    from peersim.commands.forecast import show_forecast

    show_forecast(context.args, _console(), pilot, latency, measured, json)


@app.command()
def resume(
    run: Run = None,
    retry_invalid: Annotated[
        bool, typer.Option("--retry-invalid", help="Run invalid trials again as well.")
    ] = False,
    budget_usd: Usd = None,
    budget_tokens: Tokens = None,
) -> None:
    """Go on with a run that was interrupted; no completed model call is made again.

    Without a new budget the one that the run was started with still holds.
    """
    from peersim.commands.run import new_budget
    from peersim.commands.run import resume as resume_study
    from peersim.store.runs import run_directory

    console, directory = _console(), run_directory(run)
    budget = new_budget(budget_usd, budget_tokens)
    _conclude(lambda: resume_study(directory, console, retry_invalid, budget), console)


@app.command()
def replay(
    run: Run = None,
    trial: Annotated[str | None, typer.Option(help="Only this one, by its id.")] = None,
    shown: Annotated[int, typer.Option(help="Trials whose differences are shown in full.")] = 3,
) -> None:
    """Run finished trials again out of the journal, and show what is not as it was.

    No model is called and nothing is written. Where a prompt has changed since, the change is
    shown as a diff.
    """
    from peersim.commands.replay import replay_run
    from peersim.store.runs import run_directory

    raise typer.Exit(replay_run(run_directory(run), _console(), trial, shown))


@app.command()
def rescore(
    run: Run = None,
    write: Annotated[
        bool, typer.Option("--write", help="Replace the stored outcomes by the new ones.")
    ] = False,
) -> None:
    """Read all outcomes again from the stored states and events, under this version's rules."""
    from peersim.commands.replay import rescore_run
    from peersim.store.runs import run_directory

    rescore_run(run_directory(run), _console(), write)


@app.command()
def judge(
    run: Run = None,
    model: Annotated[list[str] | None, typer.Option(help="Who judges, as model= takes it.")] = None,
    judges: Annotated[int, typer.Option(help="Votes of each model on each trial.", min=1)] = 1,
    setting: Settings = None,
    rubric: Annotated[str, typer.Option(help="The rubric they judge by.")] = "conduct",
    again: Annotated[bool, typer.Option("--again", help="Read stored verdicts again too.")] = False,
    labelled: Annotated[bool, typer.Option("--labelled", help="Judge labelled excerpts.")] = False,
    budget_usd: Usd = None,
    budget_tokens: Tokens = None,
) -> None:
    """Let judges say of finished trials what states cannot show; no outcome is touched.

    Without --model the run's own judge judges (+model@roles.judge=...); several models may be
    given. No completed call is made again. With --labelled a judge is shown excerpts whose
    right answers are known, and no run is touched.
    """
    from peersim.commands.judge import Wish, judge_labels, judge_trials
    from peersim.commands.run import new_budget
    from peersim.store.runs import run_directory

    budget = new_budget(budget_usd, budget_tokens)
    wish = Wish(tuple(model or ()), tuple(setting or ()), judges, rubric, again, budget)
    if labelled:
        judge_labels(wish, _console())
    else:
        judge_trials(run_directory(run), wish, _console())


@app.command()
def status(run: Run = None) -> None:
    """Show how far a run is, what failed and why, and who worked on it."""
    from peersim.commands.status import show_status
    from peersim.store.runs import run_directory

    show_status(run_directory(run), _console())


@app.command()
def rates(
    run: Run = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print a JSON list, one object an arm.")
    ] = False,
    measure: Annotated[
        str, typer.Option(help="Which measure; see the report for all.")
    ] = "protected",
) -> None:
    """Show a measure by arm with intervals, and the contrasts between neighbouring arms."""
    from peersim.commands.rates import print_json, print_rates
    from peersim.store.runs import run_directory

    directory = run_directory(run)
    if json:
        print_json(directory, measure)
    else:
        print_rates(directory, measure, _console())


@app.command()
def show(
    trial: Annotated[str | None, typer.Argument(help="A trial's id, or its beginning.")] = None,
    run: Run = None,
) -> None:
    """Show a trial as a readable transcript; without a trial, list all of them."""
    from peersim.commands.show import list_trials, show_trial
    from peersim.store.runs import run_directory

    if trial and run is None and Path(trial).is_dir():
        run, trial = Path(trial), None
    if trial is None:
        list_trials(run_directory(run), _console())
    else:
        show_trial(run_directory(run), trial, _console())


@app.command()
def published(
    run: Run = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a run of the published matrix beside the published figures."""
    from peersim.commands.published import print_published
    from peersim.store.runs import run_directory

    print_published(run_directory(run), _console(), as_json)


@app.command()
def graph(
    trial: Trial,
    run: Run = None,
    out: Annotated[
        Path | None, typer.Option(help="Write to this .graphml, .gexf or .json file.")
    ] = None,
    step: Annotated[int | None, typer.Option(help="As it stood before this event.")] = None,
    rule: Annotated[str, typer.Option(help="beta, ledger, decay, promises or transfer.")] = "beta",
    layer: Annotated[str, typer.Option(help="observed, recollected or stated.")] = "observed",
) -> None:
    """Show the relationship graph of a trial, or write it to a file."""
    from peersim.commands.show import show_graph
    from peersim.store.runs import run_directory

    show_graph(run_directory(run), trial, _console(), out, step, rule, layer)


@app.command()
def report(
    run: Run = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to; report.html in the run's directory if left out.")
    ] = None,
) -> None:
    """Write the self-contained HTML report of a run."""
    from peersim.commands.finish import write_report
    from peersim.store.runs import run_directory

    _console().print(f"report: {write_report(run_directory(run), out)}", soft_wrap=True)


@app.command()
def doctor(
    call: Annotated[
        list[str] | None,
        typer.Option(help="Make one cheap call of this model too, named as model= takes it."),
    ] = None,
    setting: Settings = None,
) -> None:
    """Check the installation, and say what to do about what is wrong."""
    from peersim.commands.doctor import examine

    raise typer.Exit(examine(_console(), call or (), setting or ()))


def _conclude(work: Callable[[], Path | None], console: Any) -> None:
    """Work on a run, then print what stands at its end, a budget that is used up included.

    Args:
        work: Returns the directory it worked in; None if there was nothing to do.
        console: Where to print.
    """
    from peersim.commands.finish import conclude
    from peersim.errors import BudgetSpent, PeersimError
    from peersim.store.runs import run_directory

    try:
        directory = work()
    except BudgetSpent as spent:
        with contextlib.suppress(PeersimError):  # there may be no finished trial to show
            conclude(run_directory(None), console)
        typer.echo(f"peersim: {spent}", err=True)
        raise typer.Exit(EXIT_BUDGET) from None
    if directory:
        raise typer.Exit(conclude(directory, console))


def _console() -> Any:
    from rich.console import Console

    return Console(highlight=False)


def main() -> None:
    """Run the command line; what the user can act on is one sentence, not a traceback."""
    from peersim.errors import Interrupted, PeersimError

    try:
        app(standalone_mode=True)
    except PeersimError as error:
        sys.exit(f"peersim: {' '.join(str(error).split())}")
    except Interrupted as wish:
        typer.echo(f"peersim: interrupted; {wish}", err=True)
        sys.exit(EXIT_INTERRUPTED)
