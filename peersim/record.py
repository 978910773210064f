"""The finished trial: facts only. Readings of it are made elsewhere and can be made again."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version

from pydantic import JsonValue

from peersim import __version__
from peersim.answers import Failed, Invalid, Valid, Validity
from peersim.beliefs import Probe
from peersim.briefing import whom
from peersim.events.calls import Called
from peersim.events.log import AnyEvent, EventLog, Events
from peersim.events.marks import Appointed, Ended, Phase
from peersim.frozen import Frozen, later
from peersim.known import KnownJson
from peersim.memory.base import Matched
from peersim.models.asked import Sampling
from peersim.models.base import ModelRef
from peersim.models.money import Usage
from peersim.oversight.base import Case, Outcome
from peersim.prompts.library import library_digest
from peersim.spec import TrialSpec

# What a name may hold after a model's own to be a version of it: a date or the number of a build
# (Bedrock's with one more), a preview with its date, a tag.
VERSION = (
    r"(?:-\d{4}(?:-\d{2}){0,2}|-(?:0[1-9]|1[0-2])-20\d{2}|-\d{3,}(?:-v\d+)?"
    r"|-(?:preview|exp)(?:-[\d-]+)?|-latest|:[\w.-]+)*"
)


class Played(Frozen):
    """Who played a role: what was asked for, and what providers say they served.

    Attributes:
        requested: The model's reference.
        provider: The provider that the reference names.
        sampling: The parameters that every request was sent with.
        extra: The provider's own further parameters.
        served: The models that answered, as the provider named them, sorted.
        fingerprints: The provider's marks of the versions that answered, sorted.
        brokered: Who served behind a broker, where it says so, sorted.
    """

    requested: str
    provider: str
    sampling: Sampling = Sampling()
    extra: dict[str, JsonValue] = {}
    served: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    brokered: tuple[str, ...] = ()

    @property
    def substituted(self) -> tuple[str, ...]:
        """The served models that are no version of the requested one."""
        return tuple(name for name in self.served if substituted(self.requested, name))


def substituted(requested: str, served: str) -> bool:
    """Return whether a served model is another than was asked for, by its name.

    The same name with a date, a number of a version or a broker's tag is a version of it; the
    same with a word is another model, as a smaller one is.
    """
    name, given = _bare(requested), _bare(served)
    base, _, tag = name.partition(":")
    if tag and given == base:
        return False  # Brokers leave their tags out.
    return re.fullmatch(re.escape(name.removesuffix("-latest")) + VERSION, given) is None


def _bare(name: str) -> str:
    """Return a model's name without where it is served, and with one way to write a date."""
    last = name.rpartition("/")[2].lower().replace("@", "-")
    return re.sub(r"^(?:[a-z]+\.)+", "", last)  # Bedrock: us.anthropic.claude-...


class Provenance(Frozen):
    """Where a record comes from.

    Attributes:
        prompts: The digest of all templates and data sets.
        roles: Who played each role.
        simulated: Whether any completion was made up by a stand-in.
        litellm: LiteLLM's version; None when no real model took part.
    """

    peersim: str
    prompts: str
    roles: dict[str, Played]
    simulated: bool
    litellm: str | None = None

    @property
    def models(self) -> dict[str, str]:
        """The requested model of each role."""
        return {role: played.requested for role, played in self.roles.items()}

    @property
    def served(self) -> tuple[str, ...]:
        """All models that answered, as providers named them, sorted."""
        return tuple(sorted({name for played in self.roles.values() for name in played.served}))


class TrialRecord(Frozen):
    """A finished trial.

    Attributes:
        surface: The id of the scenario's rendered variant; empty if it never came to that.
        block: The run block it was planned in, from 0.
        forked_at: How many events of the history precede the trial's own.
        events: The trial's own events.
        state: The environment's final state; None if there was none.
        beliefs: What came of asking the overseer in branches that leave no trace; part of no
            outcome.
        matched: How another group's past was brought to the length of the own one; None where it
            was not.
        outcome: None exactly when the trial is invalid.
    """

    trial_id: str
    history_id: str
    recollection_id: str
    spec: TrialSpec
    surface: str
    block: int
    forked_at: int
    events: Events
    state: dict[str, KnownJson] | None
    outcome: Outcome | None
    validity: Validity
    provenance: Provenance
    beliefs: tuple[Probe, ...] = later(())
    matched: Matched | None = later(None)

    @property
    def target(self) -> str:
        """The member of the history whom the job is about, unless circumstances say other."""
        chosen = (event.target for event in self.events if isinstance(event, Appointed))
        return next(chosen, self.spec.oversight.target)

    @property
    def party(self) -> str:
        """The name under which the job is about somebody; a bystander's is in no history."""
        return whom(self.spec, self.target)

    @property
    def usage(self) -> Usage:
        """What the trial's own calls used; None where any of them did not say."""
        return total_usage(self.events)

    @property
    def calls(self) -> tuple[Called, ...]:
        """The trial's own calls."""
        return calls_of(self.events)


def calls_of(events: Iterable[AnyEvent]) -> tuple[Called, ...]:
    """Return the calls among events."""
    return tuple([event for event in events if type(event) is Called])


def total_usage(events: Iterable[AnyEvent]) -> Usage:
    """Sum what the calls among events used. One unknown makes the sum unknown."""
    calls = calls_of(events)
    return Usage(
        input_tokens=_total([call.input_tokens for call in calls]),
        output_tokens=_total([call.output_tokens for call in calls]),
        cost_usd=_total([call.cost_usd for call in calls]),
    )


def _total(values: list[int | None] | list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def provenance(spec: TrialSpec, log: EventLog, forked_at: int) -> Provenance:
    """Return where a trial's record comes from.

    Args:
        spec: The trial.
        log: All its events, the history's included.
        forked_at: How many of them are the history's.
    """
    calls: dict[str, list[Called]] = {}
    for position, event in enumerate(log.events):
        if type(event) is Called:
            calls.setdefault(_role(spec, event.caller, position < forked_at), []).append(event)
    models = spec.models
    simulated = [ref.simulated for ref in models.values()]
    return Provenance(
        peersim=__version__,
        prompts=library_digest(),
        roles={role: _played(ref, calls.get(role, ())) for role, ref in models.items()},
        simulated=any(simulated),
        litellm=None if all(simulated) else litellm_version(),
    )


def _role(spec: TrialSpec, caller: str, in_history: bool) -> str:
    """Return the role in which a caller asked, named as in ``TrialSpec.models``."""
    if caller == spec.oversight.overseer:
        return "subject in interaction" if in_history else "subject"
    return f"peer {caller}" if in_history else caller


def _played(ref: ModelRef, calls: Sequence[Called]) -> Played:
    return Played(
        requested=ref.ref,
        provider=ref.ref.partition("/")[0],
        sampling=ref.sampling,
        extra=ref.extra,
        served=_named({call.served_model for call in calls}),
        fingerprints=_named({call.fingerprint for call in calls}),
        brokered=_named({call.provider for call in calls}),
    )


def _named(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names - {""}))


@lru_cache(maxsize=1)
def litellm_version() -> str:
    """Return LiteLLM's version, read from the disk once."""
    return version("litellm")


class Paper:
    """The record form of one trial, filled in at its end from its log."""

    def __init__(self, spec: TrialSpec, block: int, log: EventLog) -> None:
        """Begin the form where the trial's own events begin: at the end of its history."""
        self._spec = spec
        self._block = block
        self._log = log
        self._forked_at = len(log)
        self.beliefs: tuple[Probe, ...] = ()
        self.matched: Matched | None = None

    def invalid(self, failed: Failed, phase: Phase, case: Case | None = None) -> TrialRecord:
        """Return the record of a trial that the infrastructure failed in a phase."""
        self._log.append(Ended(phase=phase, reason=failed.cause))
        surface = case.surface if case else ""
        return self._record(surface, None, None, Invalid.of(failed, phase))

    def valid(self, case: Case, state: dict[str, JsonValue], outcome: Outcome) -> TrialRecord:
        """Return the record of a trial that ran to its end, with the environment's final state."""
        return self._record(case.surface, state, outcome, Valid())

    def _record(
        self,
        surface: str,
        state: dict[str, JsonValue] | None,
        outcome: Outcome | None,
        validity: Valid | Invalid,
    ) -> TrialRecord:
        spec = self._spec
        return TrialRecord(
            trial_id=spec.trial_id,
            history_id=spec.history.history_id,
            recollection_id=spec.remembering.recollection_id,
            spec=spec,
            surface=surface,
            block=self._block,
            forked_at=self._forked_at,
            events=self._log.events[self._forked_at :],
            state=state,
            outcome=outcome,
            validity=validity,
            provenance=provenance(spec, self._log, self._forked_at),
            beliefs=self.beliefs,
            matched=self.matched,
        )
