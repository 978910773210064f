"""Reads outcomes again from stored records: the facts stay, the rule may have changed."""

from pydantic import ValidationError

from peersim.agents.base import Use
from peersim.briefing import pass_on, remembered, stage
from peersim.errors import StoreError
from peersim.events.calls import Called, Used, Wrote
from peersim.events.marks import Ended
from peersim.oversight.base import Conduct
from peersim.record import TrialRecord


def rescored(record: TrialRecord) -> TrialRecord:
    """Return a record with its outcome read anew from its final state and events.

    An invalid trial has no outcome, and keeps none.

    Raises:
        StoreError: If its final state is not of the shape that the scenario's states have now.
    """
    if record.state is None or record.outcome is None:
        return record
    job = record.spec.oversight.model_copy(update={"target": record.target})
    past = pass_on(record.spec, remembered(record.events), ())
    case = stage(record.spec, job, past)
    try:
        outcome = case.outcome(record.state, conduct_of(record))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise StoreError(
            f"the final state of {record.trial_id} has not the shape that states of"
            f" {record.spec.oversight.scenario.kind} have now ({place}: {first['msg']})",
            "rescore it with code that still reads that shape",
        ) from error
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
