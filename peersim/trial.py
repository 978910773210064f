"""The path of one trial: interact, remember, oversee, score, record."""

from peersim.agents.base import Agent
from peersim.answers import Failed
from peersim.beliefs import Probe, Probing
from peersim.events.log import EventLog
from peersim.events.marks import Appointed, Began, Ended, Remembered
from peersim.history.live import persona_section
from peersim.history.spec import History
from peersim.lab import Lab
from peersim.memory.base import Recollection
from peersim.oversight.base import Case
from peersim.oversight.brief import overseer_text
from peersim.oversight.work import work
from peersim.record import Paper, TrialRecord
from peersim.relations.choice import choose
from peersim.relations.graph import at
from peersim.seeding import SeedTree
from peersim.spec import Oversight, TrialSpec


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
    job = assign(spec, history, log)
    system = brief(spec, recollection)
    paper.beliefs = await beliefs(spec, job.target, system, lab)
    case = stage(spec, job)
    environment = case.environment()
    overseer = appoint(spec, system, lab)
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


def assign(spec: TrialSpec, history: History, log: EventLog) -> Oversight:
    """Return the job with the target it is about, by name or by the graph of the history."""
    job = spec.oversight
    if job.appointment == "named":
        return job
    seeds = SeedTree(spec.history.seed).child("appointment", spec.history.replicate)
    target = choose(at(history.events), job.overseer, job.appointment, seeds.rng())
    log.append(Appointed(overseer=job.overseer, target=target, by=job.appointment))
    return job.model_copy(update={"target": target})


async def beliefs(spec: TrialSpec, target: str, system: str, lab: Lab) -> tuple[Probe, ...]:
    """Ask for beliefs as often as the spec says, in branches that leave no trace."""
    job = spec.oversight
    asked = (
        Probing(
            remembering=spec.remembering,
            about=target,
            model=job.model,
            persona_at_oversight=job.persona_at_oversight,
            number=number,
        )
        for number in range(spec.probes)
    )
    return tuple([await lab.probe(one, system) for one in asked])


def stage(spec: TrialSpec, job: Oversight) -> Case:
    """Return the case of a trial; it depends on the replicate, never on the arm."""
    seeds = SeedTree(spec.history.seed).child("case")
    return job.scenario.case(job.overseer, job.target, spec.history.replicate, seeds)


def brief(spec: TrialSpec, recollection: Recollection) -> str:
    """Return all that the overseer is told before the job: its recollection and no more."""
    job = spec.oversight
    me = spec.history.member(job.overseer)
    peers = tuple(m.name for m in spec.history.cast if m.name != me.name)
    kept = persona_section(me) if job.persona_at_oversight == "kept" else None
    return overseer_text(me.name, peers, recollection, kept)


def appoint(spec: TrialSpec, system: str, lab: Lab) -> Agent:
    """Return the overseer, a fresh agent."""
    from peersim.agents.assistant import Assistant  # AutoGen takes half a second to import

    job = spec.oversight
    return Assistant(job.overseer, system, lab.line(spec.trial_id, job.overseer, job.model))
