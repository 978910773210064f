"""Manipulation checks by arm: did the personas act as told, is what is remembered faithful?"""

from collections.abc import Sequence

from peersim.analysis.arms import arm_label
from peersim.events.marks import Remembered
from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.readings.fidelity import Fidelity, fidelity
from peersim.readings.persona import complied, given_share
from peersim.record import TrialRecord
from peersim.report.tables import Table, number


class Sample(Frozen):
    """The trials of one arm that were opened for the report, with their histories."""

    arm: dict[str, str]
    trials: tuple[tuple[TrialRecord, History], ...]
    of: int


def persona_table(samples: Sequence[Sample]) -> Table:
    """Return what each agent gave of what it could have given, against its persona."""
    rows = []
    for sample in samples:
        histories = {trial.history_id: history for trial, history in sample.trials}
        for member in sample.trials[0][1].spec.cast if sample.trials else ():
            found = [given_share(h.events, member.name) for h in histories.values()]
            shares = [share for share in found if share is not None]
            fits = [complied(member.persona.disposition, share) for share in found]
            judged = [fit for fit in fits if fit is not None]
            rows.append(
                (
                    arm_label(sample.arm),
                    member.name,
                    member.persona.name,
                    str(len(histories)),
                    number(_mean(shares)),
                    number(_mean([float(fit) for fit in judged])) or "not judged",
                )
            )
    return Table(
        slug="personas",
        title="Did the agents act as their personas say?",
        columns=("arm", "agent", "persona", "histories", "mean share given", "acted as told"),
        rows=tuple(rows),
        note="From acts, never from words: the share of the possible that was given to others."
        " Acted as told: at least half for cooperative, less than half for uncooperative.",
    )


def fidelity_table(samples: Sequence[Sample]) -> Table:
    """Return how faithful the recollections are, by the events they cite."""
    rows = []
    for sample in samples:
        found = [_fidelity(trial, history) for trial, history in sample.trials]
        with_items = [one for one in found if one.items]
        kept = [one.kept_share for one in with_items if one.kept_share is not None]
        rows.append(
            (
                arm_label(sample.arm),
                str(len(found)),
                str(len(with_items)),
                number(_mean(kept)) or "nothing remembered",
                str(sum(one.invented for one in with_items)),
                str(sum(one.misattributed for one in with_items)),
            )
        )
    return Table(
        slug="fidelity",
        title="How faithful is what is remembered?",
        columns=(
            "arm",
            "trials",
            "with a recollection",
            "share of acts cited",
            "citations of no event",
            "items naming none of the actors",
        ),
        rows=tuple(rows),
        note="By the events that each remembered item cites.",
    )


def _fidelity(trial: TrialRecord, history: History) -> Fidelity:
    remembered = tuple(event for event in trial.events if isinstance(event, Remembered))
    return fidelity(history.events, remembered)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
