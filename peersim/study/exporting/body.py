"""The part of a trial's body that its tables need, read without the rest.

Reading all of it takes a millisecond a trial, this part a seventh.
"""

from functools import cached_property

from pydantic import BaseModel, ConfigDict

from peersim.answers import Validity
from peersim.beliefs import Probe
from peersim.oversight.base import Outcome
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.kinds import AnyScenario
from peersim.oversight.posting import party
from peersim.record import Provenance


class _Part(BaseModel):
    """A part of something larger, whose other fields are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(_Part):
    """What the tables need of an event; fields of other kinds of events are None."""

    kind: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    target: str | None = None
    cites: tuple[str, ...] = ()
    number: int | None = None


class _Member(_Part):
    name: str


class _History(_Part):
    replicate: int
    cast: tuple[_Member, ...] = ()


class _Remembering(_Part):
    history: _History


class _Oversight(_Part):
    scenario: AnyScenario
    overseer: str
    target: str
    circumstances: Circumstances = Circumstances()


class _Spec(_Part):
    remembering: _Remembering
    oversight: _Oversight
    fork: int = 0


class _Done(_Part):
    what: str = ""


class _State(_Part):
    """What is needed of a final state: what was carried out on servers, where there are any."""

    done: tuple[_Done, ...] = ()


class Body(_Part):
    """A finished trial, as far as the tables tell of it; fields as in ``TrialRecord``."""

    trial_id: str
    history_id: str
    recollection_id: str
    spec: _Spec
    surface: str
    block: int
    events: tuple[Event, ...]
    state: _State | None = None
    outcome: Outcome | None
    validity: Validity
    provenance: Provenance
    beliefs: tuple[Probe, ...] = ()

    @cached_property
    def calls(self) -> tuple[Event, ...]:
        """The trial's own answered calls."""
        return tuple(event for event in self.events if event.kind == "called")

    @property
    def target(self) -> str:
        """Whom the job is about, in the history's names."""
        chosen = (event.target for event in self.events if event.kind == "appointed")
        return next(chosen, None) or self.spec.oversight.target

    @property
    def party(self) -> str:
        """The name under which the job is about somebody; a bystander's is in no history."""
        job = self.spec.oversight
        cast = tuple(member.name for member in self.spec.remembering.history.cast)
        return party(job.circumstances, job.overseer, self.target, cast).name

    @property
    def remembers_acts(self) -> bool:
        """Whether its recollection rests on anything that happened."""
        return any(event.cites for event in self.events if event.kind == "remembered")

    @property
    def dropped_turns(self) -> int:
        """How many answered calls of the job held no tool call."""
        acted = {event.number for event in self.events if event.kind == "used"}
        return (self.outcome.calls if self.outcome else 0) - len(acted)

    def total(self, name: str) -> float | None:
        """Return the sum over the calls of a field; one unknown makes it unknown."""
        found = [getattr(call, name) for call in self.calls]
        return None if None in found else sum(found)


def body_of(text: str) -> Body:
    """Return what the tables need of a trial's body.

    Raises:
        ValueError: If it is no trial's.
    """
    return Body.model_validate_json(text)
