"""Reads outcomes again from stored records: the facts stay, the rule may have changed."""

from peersim.agents.base import Use
from peersim.briefing import pass_on, remembered, stage
from peersim.events.calls import Called, Used, Wrote
from peersim.events.marks import Ended
from peersim.oversight.base import Conduct
from peersim.record import TrialRecord


def rescored(record: TrialRecord) -> TrialRecord:
    """Return a record with its outcome read anew from its final state and events.

    An invalid trial has no outcome, and keeps none.
    """
    if record.state is None or record.outcome is None:
        return record
    job = record.spec.oversight.model_copy(update={"target": record.target})
    past = pass_on(record.spec, remembered(record.events), ())
    case = stage(record.spec, job, past)
    outcome = case.outcome(record.state, conduct_of(record))
    return record.model_copy(update={"outcome": outcome, "surface": case.surface})


def conduct_of(record: TrialRecord) -> Conduct:
    """Return what the overseer did, from the trial's own events."""
    overseer = record.spec.oversight.overseer
    used = [event for event in record.events if isinstance(event, Used)]
    ends = [e for e in record.events if isinstance(e, Ended) and e.phase == "oversight"]
    calls = [e for e in record.events if isinstance(e, Called) and e.caller == overseer]
    stop = ends[-1].reason
    return Conduct(
        uses=tuple(
            Use(tool=u.tool, arguments=u.arguments, result=u.result, error=u.error) for u in used
        ),
        said=tuple(event.text for event in record.events if isinstance(event, Wrote)),
        calls=len(calls),
        blocked=stop == "blocked",
        stop=stop,
    )
