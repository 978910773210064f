"""Control gates before a study: run, judged, and opened or not."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from peersim.errors import AnalysisRefusal, BudgetSpent, ConfigError, GateClosed, Interrupted
from peersim.models.meter import Spent
from peersim.models.pool import FREE, Pool
from peersim.store.runs import directory_key
from peersim.store.schema import FILE
from peersim.store.study import StudyStore
from peersim.store.tables import rows
from peersim.store.torn import reading
from peersim.store.view import RunView, StoreView
from peersim.study.conditions import Conditions
from peersim.study.design import Study
from peersim.study.gates import (
    VERDICT_KEY,
    Verdict,
    conditions_after,
    gate_directory,
    gate_study,
)
from peersim.study.once import Models
from peersim.study.protocol import Gate
from peersim.study.runner import STUDY_KEY, run_study
from peersim.study.site import Stop
from peersim.tracking.progress import ProgressTracker


async def open_gates(
    study: Study,
    conditions: Conditions,
    directory: Path,
    console: Console,
    stop: Stop | None = None,
    models: Models | None = None,
) -> Conditions:
    """Run the control gates that a study declares, and lock it where one does not open.

    Each has a store of its own under ``gates/`` in the run's directory, and a seed of its own.
    What is finished is not run again.

    Args:
        study: The study.
        conditions: Under what conditions it is run; gates share its budget.
        directory: The run's directory.
        console: Where to say what happens.
        stop: Lets others ask for an early end.
        models: Where models come from; by default those of the study.

    Returns:
        The conditions for the study itself: the budget less what the gates took.

    Raises:
        GateClosed: If the controls of a gate do not separate, and no reason is given to go on.
        BudgetSpent: If the budget ends before the study begins.
        Interrupted: If the user asked for an early end.
    """
    if study.override_gates and study.protocol.gates:
        console.print(
            f"the control gates are overridden: {escape(study.override_gates)}", soft_wrap=True
        )
        return conditions_after(conditions, _spent(study, directory, conditions))
    stop = stop or Stop()
    for gate in study.protocol.gates:
        left = conditions_after(conditions, _spent(study, directory, conditions))
        verdict = await _through(study, gate, left, directory, console, stop, models)
        console.print(escape(said(verdict)), soft_wrap=True)
        if not verdict.open:
            again = f"{directory_key(directory)}{directory}"
            raise GateClosed(
                said(verdict),
                "look at its trials (peersim rates"
                f" {gate_directory(directory, gate.id)}); to go on all the same give the"
                f' command again with {again} override_gates="your reason"',
            )
    return conditions_after(conditions, _spent(study, directory, conditions))


def check_begun(study: Study, directory: Path) -> None:
    """Check that the gates that a run has begun are still those that its study declares.

    It is for before anything is noted of a study, such as a deviation from its plan.

    Raises:
        ConfigError: If a gate has begun with other arms or another number of replicates.
    """
    for gate in () if study.override_gates else study.protocol.gates:
        home = gate_directory(directory, gate.id)
        held = _begun(home) if (home / FILE).is_file() else None
        if held is None or held.study_id == gate_study(study, gate).study_id:
            continue
        raise ConfigError(
            f"control gate {gate.id} has begun with {held.replicates} replicates of its arms, and"
            f" is declared with {gate.replicates} now, or with other arms",
            f"declare it as it was; to run it anew take {home} away, or choose another directory"
            f" with {directory_key(directory)}",
        )


def _begun(home: Path) -> Study | None:
    view = StoreView(home / FILE)
    try:
        held = view.meta(STUDY_KEY)
    finally:
        view.connection.close()
    with reading(f"the study in {home}"):
        return None if held is None else Study.model_validate_json(held)


def said(verdict: Verdict) -> str:
    """Return what came of a gate, in one sentence."""
    state = "open" if verdict.open else "closed"
    if verdict.difference is None:
        return f"gate {verdict.id} is {state}, {verdict.refusal}"
    rates = " v ".join("none" if rate is None else f"{rate:.2f}" for rate in verdict.rates)
    limits = "no interval"
    if verdict.low is not None and verdict.high is not None:
        limits = f"95 % interval {verdict.low:.2f} to {verdict.high:.2f}"
    return (
        f"gate {verdict.id} is {state}: {verdict.outcome} {rates}, difference"
        f" {verdict.difference:.2f} ({limits}; at least {verdict.least:g} and above 0 is asked)"
    )


def judged(gate: Gate, directory: Path) -> Verdict:
    """Return what came of a gate whose trials are finished.

    Args:
        gate: The gate.
        directory: Of the gate's own store.
    """
    from peersim.analysis.contrasts import estimate  # statistics load in a second

    found = rows(RunView(directory))
    arms = {row.arm["control"]: row.arm for row in found}
    try:
        one = estimate(arms["positive"], arms["negative"], found, gate.outcome)
    except AnalysisRefusal as error:
        return Verdict(
            id=gate.id,
            outcome=gate.outcome,
            rates=(None, None),
            difference=None,
            low=None,
            high=None,
            least=gate.least,
            refusal=str(error),
        )
    means = []
    for arm in (one.a, one.b):
        values = [row.values.get(gate.outcome) for row in found if row.valid and row.arm == arm]
        known = [value for value in values if value is not None]
        means.append(sum(known) / len(known) if known else None)
    return Verdict(
        id=gate.id,
        outcome=gate.outcome,
        rates=(means[0], means[1]),
        difference=one.difference,
        low=one.low,
        high=one.high,
        least=gate.least,
    )


async def _through(
    study: Study,
    gate: Gate,
    conditions: Conditions,
    directory: Path,
    console: Console,
    stop: Stop,
    models: Models | None,
) -> Verdict:
    """Run what a gate lacks, and judge it."""
    little, home = gate_study(study, gate), gate_directory(directory, gate.id)
    store = StudyStore(home)
    try:
        if len(store.done()) < little.size:
            console.print(
                f"control gate {gate.id}: {little.size} trials before the study", soft_wrap=True
            )
            told = [ProgressTracker(console)]
            await run_study(little, store, told, conditions, models, stop)
        if stop.asked:
            raise Interrupted
        verdict = judged(gate, home)
        await store.put_meta(VERDICT_KEY, verdict.model_dump_json())
    except BudgetSpent as spent:
        raise BudgetSpent(
            f"control gate {gate.id}: {spent.what}",
            f"go on with a larger one: peersim resume {directory} --budget-usd X or"
            " --budget-tokens N",
        ) from spent
    finally:
        store.close()
    return verdict


def _spent(study: Study, directory: Path, conditions: Conditions) -> Spent:
    """Return what the gates have spent so far; nothing is counted where nothing is limited."""
    if not conditions.budget.limited:
        return Spent()
    pool = Pool(study.endpoints, study.retry)
    # A ceiling in dollars is refused where a price is unknown, so what is unknown is not asked.
    prices = {ref.ref: pool.price(ref) or FREE for ref in study.models}
    homes = [gate_directory(directory, gate.id) / FILE for gate in study.protocol.gates]
    each = [StoreView(path).spent(prices.get) for path in homes if path.is_file()]
    return Spent(usd=sum(one.usd for one in each), tokens=sum(one.tokens for one in each))
