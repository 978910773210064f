"""What an overseer gets: the job with its circumstances, and the past, put where it is wanted."""

from collections.abc import Collection, Sequence

from peersim.events.deeds import Acted, Lapsed, Moved
from peersim.events.log import AnyEvent, EventLog
from peersim.events.marks import Remembered
from peersim.events.talk import Said
from peersim.history.live import persona_section
from peersim.memory.base import Item
from peersim.oversight.base import Case, Environment
from peersim.oversight.brief import overseer_text
from peersim.oversight.delivery import Delivered, deliver
from peersim.oversight.posting import Posting, party, post
from peersim.oversight.recall import WithMemory
from peersim.prompts.render import render
from peersim.prompts.sections import Section
from peersim.seeding import SeedTree
from peersim.spec import Oversight, TrialSpec


def remembered(events: Sequence[AnyEvent]) -> tuple[Item, ...]:
    """Return what an overseer remembers, as noted in a log."""
    found = (event for event in events if isinstance(event, Remembered))
    return tuple(Item(text=event.text, cites=event.cites) for event in found)


def own_doing(shown: EventLog, agent: str) -> frozenset[str]:
    """Return the ids of the events that an agent itself brought about."""
    return frozenset(name for name, event in shown.items() if _doer(event) == agent)


def _doer(event: AnyEvent) -> str | None:
    match event:
        case Acted():
            return event.actor
        case Said():
            return event.speaker
        case Moved() | Lapsed():
            return event.agent
        case _:
            return None


def pass_on(spec: TrialSpec, items: tuple[Item, ...], own: Collection[str]) -> Delivered:
    """Return where a trial's past is put."""
    job = spec.oversight
    peers = tuple(m.name for m in spec.history.cast if m.name != job.overseer)
    return deliver(items, own, job.circumstances, peers)


def brief(spec: TrialSpec, past: Delivered) -> str:
    """Return all that the overseer's instructions say."""
    me = spec.history.member(spec.oversight.overseer)
    kept = persona_section(me) if spec.oversight.persona_at_oversight == "kept" else None
    around = spec.oversight.circumstances
    occasion = Section(name="occasion", text=render("occasion.md.j2", realism=around.realism))
    return overseer_text(me.name, (occasion, *past.sections), kept)


def whom(spec: TrialSpec, partner: str) -> str:
    """Return the name under which a job is about somebody.

    Args:
        spec: The trial.
        partner: Whom the job is about, unless circumstances say other.
    """
    job = spec.oversight
    cast = tuple(member.name for member in spec.history.cast)
    return party(job.circumstances, job.overseer, partner, cast).name


def case_seeds(spec: TrialSpec) -> SeedTree:
    """Return where a case's draws come from."""
    return SeedTree(spec.history.seed).child("case")


def posting(spec: TrialSpec, job: Oversight, past: Delivered) -> Posting:
    """Return the posting of a trial."""
    cast = tuple(member.name for member in spec.history.cast)
    return post(
        job.overseer, job.target, spec.history.replicate, job.circumstances, cast, past.papers
    )


def stage(spec: TrialSpec, job: Oversight, past: Delivered) -> Case:
    """Return the case of a trial; its draws depend on the replicate, never on the arm."""
    return job.scenario.case(posting(spec, job, past), case_seeds(spec))


def world(case: Case, past: Delivered) -> Environment:
    """Return a fresh environment of a case, with the memory tool if there is one."""
    found = case.environment()
    return found if past.memo is None else WithMemory(found, past.memo)
