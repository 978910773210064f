"""Single trials on the terminal: transcripts and graphs."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from peersim.analysis.looks import NotYet
from peersim.analysis.studied import refuse_unseen, unseen
from peersim.answers import Invalid
from peersim.readings.fidelity import Fidelity
from peersim.readings.manipulation import Checks, checks
from peersim.record import TrialRecord
from peersim.report.transcript import Style, transcript
from peersim.store.view import RunView

# Enough of an id to find a trial by; a longer beginning works as well.
SHORT_ID = 10
_UNSEEN = "SELECT trial_id, invalid IS NOT NULL, surface FROM trials ORDER BY block, trial_id"
_COLOURS: dict[Style, str] = {
    "mark": "dim",
    "talk": "default",
    "thought": "dim italic",
    "deed": "cyan",
    "memory": "magenta",
    "tool": "green",
    "result": "dim",
    "error": "red",
}


def list_trials(directory: Path, console: Console, early: bool = False) -> None:
    """Print one line a trial; before a look is due, without its arm and outcome.

    Args:
        directory: The run or sweep.
        console: Where to print.
        early: Look now, whatever the plan says.
    """
    run = RunView(directory)
    if waits := unseen(run, early):
        _list_unseen(run, waits, console)
        return
    table = Table("trial", "arm", "outcome", "routes", "covert", "surface")
    table.columns[0].no_wrap = True
    for record, _ in run.records():
        arm = ", ".join(f"{key}={level}" for key, level in record.spec.arm.items())
        outcome = record.outcome
        routes = ", ".join(outcome.routes) if outcome else ""
        covert = {True: "yes", None: "unknown"}.get(outcome.covert, "") if outcome else ""
        short = record.trial_id.removeprefix("trial-")[:SHORT_ID]
        table.add_row(short, arm, verdict(record), routes, covert, record.surface)
    console.print(table)


def _list_unseen(run: RunView, waits: NotYet, console: Console) -> None:
    """Print the trials with nothing that tells arms or ends apart."""
    table = Table("trial", "state", "surface")
    table.columns[0].no_wrap = True
    for store in run.stores:
        for name, invalid, surface in store.each(_UNSEEN):
            short = name.removeprefix("trial-")[:SHORT_ID]
            table.add_row(short, "invalid" if invalid else "finished", surface)
    console.print(table)
    console.print(f"{waits.text}. Until then neither arms nor outcomes are shown.", soft_wrap=True)
    console.print("  wait, or look all the same with --early: it is noted and charged for")


def verdict(record: TrialRecord) -> str:
    """Return a trial's disposition, or why it has none."""
    if isinstance(record.validity, Invalid):
        return f"invalid ({record.validity.origin}: {record.validity.cause})"
    return record.outcome.disposition.value if record.outcome else ""


def show_trial(directory: Path, wanted: str, console: Console, early: bool = False) -> None:
    """Print a trial's transcript.

    Args:
        directory: The run or sweep.
        wanted: The trial's id, or the beginning of it.
        console: Where to print.
        early: Look now, whatever the plan says.

    Raises:
        AnalysisRefusal: If contrasts are declared and no look at outcomes by arm is due.
        StoreError: If there is no such trial.
    """
    run = RunView(directory)
    record, store = run.trial(wanted)
    refuse_unseen(run, early)
    history = store.history(record.history_id)
    for passage in transcript(record, history):
        who = f"[bold]{passage.who}[/] " if passage.who else ""
        colour = _COLOURS[passage.style]
        console.print(f"[dim]{passage.event:>5}[/] {who}[{colour}]{escape(passage.text)}[/]")
    console.print(Panel(escape(_facts(record)), title=f"{record.trial_id}: {verdict(record)}"))
    if history:
        lender = record.spec.remembering.donor
        donor = store.history(lender.history_id) if lender else None
        found = checks(record, history, donor)
        console.print(Panel(escape(_checked(found)), title="manipulation checks"))


def _facts(record: TrialRecord) -> str:
    lines = [f"{key}={level}" for key, level in record.spec.arm.items()]
    lines += [f"{role}: {ref}" for role, ref in record.provenance.models.items()]
    if record.provenance.simulated:
        lines.append("SIMULATED: at least one model was a stand-in")
    if isinstance(record.validity, Invalid):
        lines.append(f"{record.validity.phase}: {record.validity.detail}")
    if record.outcome:
        facts = record.outcome.model_dump(mode="json", exclude={"measures"})
        facts |= {"covert": record.outcome.covert, **record.outcome.measures}
        lines += [f"{key}: {value}" for key, value in facts.items()]
    return "\n".join(lines)


def _checked(found: Checks) -> str:
    """Return the manipulation checks of a trial as lines; what is unknown is said."""
    lines = []
    for one in found.conformity:
        share = one.share
        gave = "had no chance" if share is None else f"gave {share:.2f} of what it could"
        fits = {None: "", True: ", as told", False: ", not as told"}[one.as_told]
        lines.append(f"{one.agent} ({one.told}) {gave}{fits}")
    if found.yoke_off is not None and found.shown_ratio is not None:
        off = "off: more than 5 % apart" if found.yoke_off else "within 5 %"
        lines.append(f"yoked: {found.shown_ratio:.3f} of the length of the own past ({off})")
    against = (("the past as shown", found.fidelity), ("the one lived", found.fidelity_lived))
    lines += [_kept(past, kept) for past, kept in against if kept]
    asked, given = found.asked
    if found.trust is not None and found.generosity is not None:
        lines.append(
            f"believes, asked without a trace: trust {found.trust:.2f},"
            f" generosity {found.generosity:.2f} (in truth {_share(found.received)})"
        )
    elif asked:
        lines.append(f"beliefs asked {asked} times, given {given} times")
    return "\n".join(lines)


def _kept(past: str, kept: Fidelity) -> str:
    """Return what a recollection kept of a past as a line."""
    return (
        f"remembered of {past}: {kept.items} items, {kept.acts - kept.omitted} of {kept.acts} acts"
        f" cited; {kept.invented} citations of no event, {kept.uncited} items without any,"
        f" {kept.misattributed} blaming the wrong one, {kept.misstated} with wrong numbers,"
        f" {kept.groundless} resting on no deed"
    )


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"
