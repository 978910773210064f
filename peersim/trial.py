"""The path of one trial: interact, remember, oversee, score, record."""

from typing import Protocol

from peersim.agents.base import Agent
from peersim.answers import Failed
from peersim.events.log import EventLog
from peersim.events.marks import Began, Ended, Remembered
from peersim.history.live import persona_section
from peersim.history.spec import History, Lived
from peersim.memory.base import Recollection
from peersim.models.base import ModelRef
from peersim.models.line import Line
from peersim.oversight.base import Case
from peersim.oversight.brief import overseer_text
from peersim.oversight.work import work
from peersim.record import Paper, TrialRecord
from peersim.seeding import SeedTree
from peersim.spec import Remembering, TrialSpec


class Lab(Protocol):
    """What a trial draws on: histories and recollections, each made once, and model lines."""

    async def history(self, spec: Lived) -> History:
        """Return a history, lived now or before."""
        ...

    async def recollection(self, spec: Remembering, history: History) -> Recollection | Failed:
        """Return a recollection of a history, made now or before."""
        ...

    def line(self, owner: str, caller: str, model: ModelRef) -> Line:
        """Open a caller's line to its model."""
        ...


async def run_trial(spec: TrialSpec, block: int, lab: Lab) -> TrialRecord:
    """Run one trial; a pure function of its spec and of the completions.

    Args:
        spec: The trial.
        block: The run block it was planned in.
        lab: What it draws on.
    """
    history = await lab.history(spec.history)
    log = history.log
    paper = Paper(spec, block, log)
    if history.failed:
        return paper.invalid(history.failed, "interaction")
    recollection = await lab.recollection(spec.remembering, history)
    if isinstance(recollection, Failed):
        return paper.invalid(recollection, "recollection")
    remember(log, spec.oversight.overseer, recollection)
    case = stage(spec)
    environment = case.environment()
    overseer = appoint(spec, recollection, lab)
    log.append(Began(phase="oversight"))
    limit = spec.oversight.scenario.call_limit
    conduct = await work(overseer, case.job, environment, limit, log)
    if isinstance(conduct, Failed):
        return paper.invalid(conduct, "oversight", case)
    log.append(Ended(phase="oversight", reason=conduct.stop))
    return paper.valid(case, environment, case.outcome(environment.state(), conduct))


def remember(log: EventLog, agent: str, recollection: Recollection) -> None:
    """Note in the log what an agent remembers, and the calls that took."""
    log.append(Began(phase="recollection"))
    log.extend(recollection.calls)
    log.extend(
        Remembered(agent=agent, text=item.text, cites=item.cites) for item in recollection.items
    )
    log.append(Ended(phase="recollection", reason="done"))


def stage(spec: TrialSpec) -> Case:
    """Return the case of a trial; it depends on the replicate, never on the arm."""
    job = spec.oversight
    seeds = SeedTree(spec.history.seed).child("case")
    return job.scenario.case(job.overseer, job.target, spec.history.replicate, seeds)


def appoint(spec: TrialSpec, recollection: Recollection, lab: Lab) -> Agent:
    """Return the overseer: a fresh agent that brings along its recollection and no more."""
    from peersim.agents.assistant import Assistant  # AutoGen takes half a second to import

    job = spec.oversight
    me = spec.history.member(job.overseer)
    peers = tuple(m.name for m in spec.history.cast if m.name != me.name)
    kept = persona_section(me) if job.persona_at_oversight == "kept" else None
    system = overseer_text(me.name, peers, recollection, kept)
    return Assistant(me.name, system, lab.line(spec.trial_id, me.name, job.model))
