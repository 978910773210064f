"""Lives a history: enrols the cast and plays the task."""

from collections.abc import Callable

from peersim.agents.base import Agent
from peersim.events.log import EventLog
from peersim.events.marks import Began, Ended, Enrolled
from peersim.history.spec import History, Lived, Member
from peersim.models.base import ModelRef
from peersim.models.line import Line
from peersim.prompts.render import render
from peersim.prompts.sections import Section, join
from peersim.seeding import SeedTree
from peersim.tasks.play import play

OpenLine = Callable[[str, str, ModelRef], Line]


def persona_section(member: Member) -> Section:
    """Return the section that tells a member who it is; empty for a neutral persona."""
    return Section(name="persona", text=render("persona.md.j2", persona=member.persona))


def system_text(spec: Lived, member: Member) -> str:
    """Return a member's whole system text for the interaction."""
    names = tuple(other.name for other in spec.cast)
    others = tuple(name for name in names if name != member.name)
    identity = render("interaction_system.md.j2", name=member.name, others=others)
    return join(
        (
            Section(name="identity", text=identity),
            persona_section(member),
            Section(name="rules", text=spec.task.rules(member.name, names)),
        )
    )


def enrol(spec: Lived, log: EventLog, open_line: OpenLine) -> dict[str, Agent]:
    """Make the agents of a history, in the order of play, and note it in the log."""
    from peersim.agents.assistant import Assistant  # AutoGen takes half a second to import

    agents: dict[str, Agent] = {}
    for member in spec.cast:
        log.append(Enrolled(agent=member.name, persona=member.persona.name, model=member.model.ref))
        line = open_line(spec.history_id, member.name, member.model)
        agents[member.name] = Assistant(member.name, system_text(spec, member), line)
    return agents


async def live(spec: Lived, open_line: OpenLine) -> History:
    """Live a history to its end or to the first infrastructure failure."""
    log = EventLog()
    log.append(Began(phase="interaction"))
    agents = enrol(spec, log, open_line)
    seeds = SeedTree(spec.seed).child("task", spec.history_id)
    failed = await play(spec.task, agents, log, seeds)
    log.append(Ended(phase="interaction", reason=failed.cause if failed else "done"))
    return History(spec=spec, events=log.events, failed=failed)
