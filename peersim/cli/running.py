"""The commands that run studies, or run them again."""

import os
from pathlib import Path
from typing import Annotated

import typer

from peersim.cli.base import (
    PASS_ON,
    Early,
    Run,
    Settings,
    Tokens,
    Usd,
    app,
    conclude_with,
    plain_console,
)


@app.command(context_settings=PASS_ON)
def run(context: typer.Context) -> None:
    """Run a study: peersim run [KEY=VALUE ...] [-m].

    Any key of conf/config.yaml can be overridden: replicates=50 seed=7 memory=none
    model=openai/gpt-5.2. With -m, values separated by commas become arms. Hydra's own flags
    work too: --cfg job shows the configuration, --help all that can be chosen.
    """
    from peersim.commands.run import run as run_study

    console = plain_console()
    conclude_with(lambda: run_study(context.args, console), console)


@app.command(
    short_help="Calls, tokens, cost, time and power of a study.",
    context_settings=PASS_ON | {"help_option_names": ["--help", "-h"]},
    epilog="All that can be chosen and overridden: peersim run --help",
)
def forecast(
    context: typer.Context,
    pilot: Annotated[int, typer.Option(help="Replicates lived on the stand-in.", min=1)] = 2,
    latency: Annotated[float, typer.Option(help="Seconds a call takes.", min=0)] = 3.0,
    measured: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="A run: take its tokens a call, by role, and for --power its rates.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
    power: Annotated[
        bool, typer.Option("--power", help="Simulate what the declared contrasts would find.")
    ] = False,
    assume: Annotated[
        list[str] | None,
        typer.Option(help="For --power, such as 'p0=.1 rd=.1 icc=.2 rho=.8', or past.rd=.2."),
    ] = None,
    draws: Annotated[int, typer.Option(help="Studies simulated for --power.", min=50)] = 400,
    wanted: Annotated[
        float, typer.Option(help="The power to find effect and size for.", min=0.1, max=0.99)
    ] = 0.8,
) -> None:
    """Say what a study would take: calls, tokens, cost and time. Takes what run takes.

    A small part of it is lived on a stand-in and scaled up; no model is called, no key is
    needed, and nothing is kept. With --power: what effect its declared contrasts would find.
    """
    from peersim.commands.forecast import show_forecast

    wish, arguments = None, context.args
    if power or assume:
        # The matrices are small, and threads that wait for one another only slow them down.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from peersim.commands.power import PowerWish, parted

        arguments, more = parted(arguments) if assume else (arguments, [])
        wish = PowerWish((*(assume or ()), *more), measured, draws, wanted)
    show_forecast(arguments, plain_console(), pilot, latency, measured, json, wish)


@app.command(short_help="Go on with a run; no completed call is made again.")
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

    console, directory = plain_console(), run_directory(run)
    budget = new_budget(budget_usd, budget_tokens)
    conclude_with(lambda: resume_study(directory, console, retry_invalid, budget), console)


@app.command(short_help="Run trials again out of the journal; show differences.")
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

    raise typer.Exit(replay_run(run_directory(run), plain_console(), trial, shown))


@app.command(short_help="Read outcomes again from stored states and events.")
def rescore(
    run: Run = None,
    write: Annotated[
        bool, typer.Option("--write", help="Replace the stored outcomes by the new ones.")
    ] = False,
) -> None:
    """Read all outcomes again from the stored states and events, under this version's rules."""
    from peersim.commands.replay import rescore_run
    from peersim.store.runs import run_directory

    rescore_run(run_directory(run), plain_console(), write)


@app.command(short_help="Let judges say what states cannot show.")
def judge(
    run: Run = None,
    model: Annotated[list[str] | None, typer.Option(help="Who judges, as model= takes it.")] = None,
    judges: Annotated[int, typer.Option(help="Votes of each model on each trial.", min=1)] = 1,
    setting: Settings = None,
    rubric: Annotated[str, typer.Option(help="What by: conduct or relations.")] = "conduct",
    again: Annotated[bool, typer.Option("--again", help="Read stored verdicts again too.")] = False,
    labelled: Annotated[bool, typer.Option("--labelled", help="Judge labelled excerpts.")] = False,
    labels: Annotated[
        Path | None,
        typer.Option(help="People's labels of the run's trials: trial_id,question,label,rater."),
    ] = None,
    budget_usd: Usd = None,
    budget_tokens: Tokens = None,
    early: Early = False,
) -> None:
    """Let judges say of finished trials what states cannot show; no outcome is touched.

    Without --model the run's own judge judges (+model@roles.judge=...); several models may be
    given. No completed call is made again. With --labelled a judge is shown excerpts whose
    right answers are known, and no run is touched. With --labels what people said of the run's
    own trials is kept beside it, and judged rates are corrected by it; without --model nothing
    new is judged then.
    """
    from peersim.commands.judge import Wish, judge_labels, judge_trials
    from peersim.commands.run import new_budget
    from peersim.store.runs import run_directory

    budget = new_budget(budget_usd, budget_tokens)
    wish = Wish(
        tuple(model or ()), tuple(setting or ()), judges, rubric, again, budget, early, labels
    )
    if labelled:
        judge_labels(wish, plain_console())
    else:
        judge_trials(run_directory(run), wish, plain_console())


@app.command(short_help="Prove the instrument on planted effects and bugs.")
def validate(
    full: Annotated[bool, typer.Option("--full", help="All 2,000 studies a cell; hours.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this mechanism, or: mutants. Repeat it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
    seed: Annotated[int, typer.Option(help="Root of all draws.", min=0)] = 0,
    jobs: Annotated[
        int | None,
        typer.Option(help="Processes for the simulated studies; one a core if left out.", min=1),
    ] = None,
    smallest: Annotated[bool, typer.Option("--smallest", hidden=True)] = False,
) -> None:
    """Prove the instrument on planted mechanisms and seeded bugs; no model is called.

    What is planted must be reported, at the stated error rates, and bugs must be caught. Ends
    with 1 if a band does not hold or a bug survives.
    """
    from peersim.commands.validate import form_of
    from peersim.commands.validate import validate as prove

    console, form = plain_console(), form_of(full=full, smallest=smallest)
    many = jobs or os.cpu_count() or 1
    raise typer.Exit(
        prove(console, form, seed=seed, only=only or (), jobs=many, out=out, as_json=json)
    )


@app.command(short_help="Check the installation, and say what to mend.")
def doctor(
    call: Annotated[
        list[str] | None,
        typer.Option(help="Make one cheap call of this model too, named as model= takes it."),
    ] = None,
    setting: Settings = None,
) -> None:
    """Check the installation, and say what to do about what is wrong."""
    from peersim.commands.doctor import examine

    raise typer.Exit(examine(plain_console(), call or (), setting or ()))
