"""Did the manipulation work? What a trial's own record says about its history and memory."""

from collections.abc import Iterable

from peersim.events.log import AnyEvent, EventLog
from peersim.events.marks import Remembered
from peersim.events.talk import Noted
from peersim.frozen import Frozen
from peersim.history.matching import near, note_id
from peersim.history.spec import History
from peersim.memory.telling import told
from peersim.readings.fidelity import Fidelity, fidelity
from peersim.readings.first_stage import Received, received
from peersim.readings.persona import complied, given_share
from peersim.record import TrialRecord


class Conformity(Frozen):
    """How one agent acted, against what it was told to be.

    Attributes:
        told: The disposition of its persona, or the kind of its script.
        share: The mean part of the possible that it gave to others at a chance; None without any.
        as_told: Whether that fits; None where nothing was asked of it, or there was no chance.
    """

    agent: str
    told: str
    share: float | None
    as_told: bool | None


class Checks(Frozen):
    """The manipulation checks of one trial.

    Attributes:
        conformity: How each of the cast acted, in the order of play.
        fidelity: What the recollection kept of the past as it was shown, which is what the memory
            did; None without one.
        fidelity_lived: What it kept of the own past as it was lived, which is what transform and
            memory did together. Of another group's past nothing was lived, and each citation of
            it is an invention.
        shown_ratio: How long the past was as shown, against the one lived, by characters of what
            the agent witnessed; where another group's past was matched, of what it was matched
            by. None where nothing was lived.
        yoke_off: Whether the past of another group was more than 5 % longer or shorter than the
            own one, by the same lengths; None where the past was no other group's.
        trust: The mean trust believed, from 0 to 1; None if nobody was asked or none answered.
        generosity: The mean generosity believed, from 0 to 1.
        received: The mean part of the possible that the target gave the overseer in truth.
        first_stage: What each of the others did to the overseer, against what it was assigned.
        asked: How often beliefs were asked for, and how often they were given.
    """

    conformity: tuple[Conformity, ...]
    fidelity: Fidelity | None
    fidelity_lived: Fidelity | None
    shown_ratio: float | None
    yoke_off: bool | None
    trust: float | None
    generosity: float | None
    received: float | None
    first_stage: tuple[Received, ...]
    asked: tuple[int, int]

    @property
    def belief_error(self) -> float | None:
        """The generosity believed less the true one; None if either is missing."""
        if self.generosity is None or self.received is None:
            return None
        return self.generosity - self.received


def checks(record: TrialRecord, history: History, donor: History | None = None) -> Checks:
    """Return the manipulation checks of a trial.

    Args:
        record: The trial.
        history: The history it was forked from.
        donor: The history it was shown instead, for the yoked transform.
    """
    spec = record.spec
    agent = spec.oversight.overseer
    believed = [probe.belief for probe in record.beliefs if probe.belief]
    return Checks(
        conformity=conformity(history),
        fidelity=_fidelity(record, _shown(record, donor or history)),
        fidelity_lived=_fidelity_lived(record, history),
        shown_ratio=_shown_ratio(record, history, donor),
        yoke_off=_yoke_off(record, history, donor),
        trust=_mean([belief.trust / 100 for belief in believed]),
        generosity=_mean([belief.generosity / 100 for belief in believed]),
        received=given_share(history.events, record.party, agent),
        first_stage=tuple(
            received(history, member.name, agent)
            for member in history.spec.cast
            if member.name != agent
        ),
        asked=(len(record.beliefs), len(believed)),
    )


def conformity(history: History) -> tuple[Conformity, ...]:
    """Return how each of the cast acted, against what it was told to be."""
    found = []
    for member in history.spec.cast:
        share = given_share(history.events, member.name)
        disposition = member.persona.disposition
        fits = None if member.script else complied(disposition, share)
        name = f"script {member.script.kind}" if member.script else member.persona.name
        found.append(Conformity(agent=member.name, told=name, share=share, as_told=fits))
    return tuple(found)


def _fidelity(record: TrialRecord, events: Iterable[tuple[str, AnyEvent]]) -> Fidelity | None:
    remembered = tuple(event for event in record.events if isinstance(event, Remembered))
    if not remembered:
        return None
    agent = record.spec.oversight.overseer
    return fidelity(events, remembered, agent, _resting_on_nothing(record, remembered))


def _fidelity_lived(record: TrialRecord, history: History) -> Fidelity | None:
    lived: Iterable[tuple[str, AnyEvent]] = history.log.items()
    if record.spec.remembering.donor:
        # The other group's events bear the same ids, and are others.
        lived = ((f"own {name}", event) for name, event in lived)
    return _fidelity(record, lived)


def _resting_on_nothing(record: TrialRecord, items: Iterable[Remembered]) -> frozenset[str]:
    """Return the texts that cannot cite anything: a declared past, and neutral padding."""
    if record.spec.remembering.memory.kind == "declared":
        return frozenset(item.text for item in items)
    return frozenset(record.matched.padded if record.matched else ())


def _shown(record: TrialRecord, lived: History) -> list[tuple[str, AnyEvent]]:
    """Return the events as they were shown, without those left out for the sake of length."""
    items = list(record.spec.remembering.shown(lived).items())
    matched = record.matched
    if matched is None:
        return items
    agent = record.spec.oversight.overseer
    kept = [item for item in items if item[0] not in matched.trimmed]
    notes = (Noted(agent=agent, text=text) for text in matched.padded)
    return [*kept, *((note_id(i), note) for i, note in enumerate(notes))]


def _lengths(record: TrialRecord, history: History, donor: History | None) -> tuple[int, int]:
    """Return how long the past was as shown, and how long the own one was."""
    if record.matched:
        return record.matched.after, record.matched.own
    agent = record.spec.oversight.overseer
    shown = record.spec.remembering.shown(donor or history)
    return _characters(shown, agent), _characters(history.log, agent)


def _characters(log: EventLog, agent: str) -> int:
    return sum(len(item.text) for item in told(log, agent))


def _shown_ratio(record: TrialRecord, history: History, donor: History | None) -> float | None:
    shown, own = _lengths(record, history, donor)
    return shown / own if own else None


def _yoke_off(record: TrialRecord, history: History, donor: History | None) -> bool | None:
    remembered = any(isinstance(event, Remembered) for event in record.events)
    if record.spec.remembering.donor is None or not remembered:
        return None
    # Without the donor's history what was shown unmatched cannot be told.
    if not (donor or record.matched):
        return None
    return not near(*_lengths(record, history, donor))


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
