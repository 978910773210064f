"""The path of one trial: interact, remember, oversee, score, record."""

from peersim.agents.base import Agent
from peersim.answers import Failed
from peersim.asking import beliefs
from peersim.beside import both
from peersim.briefing import brief, own_doing, pass_on, stage, whom, world
from peersim.events.log import EventLog
from peersim.events.marks import Appointed, Began, Ended, Remembered
from peersim.history.spec import History
from peersim.lab import Lab
from peersim.memory.base import Recollection
from peersim.oversight.delivery import Delivered, Spoken
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
    paper.matched = recollection.matched
    job = assign(spec, history, log)
    past = await placed(spec, recollection, history, lab)
    system = brief(spec, past)
    case = stage(spec, job, past)
    environment = world(case, past)
    overseer = appoint(spec, system, past.earlier, lab)
    log.append(Began(phase="oversight"))
    limit = spec.oversight.scenario.call_limit
    # Beliefs are asked beside the job, which is blind to them: so they take no time of it.
    conduct, paper.beliefs = await both(
        work(overseer, case.job, environment, limit, log),
        beliefs(spec, whom(spec, job.target), recollection, lab),
    )
    if isinstance(conduct, Failed):
        return paper.invalid(conduct, "oversight", case)
    log.append(Ended(phase="oversight", reason=conduct.stop))
    state = environment.state()
    return paper.valid(case, state, case.outcome(state, conduct))


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


async def placed(
    spec: TrialSpec, recollection: Recollection, history: History, lab: Lab
) -> Delivered:
    """Return where the past is put; only a conversation needs to know whose turn was whose."""
    if spec.oversight.circumstances.delivery != "conversation":
        return pass_on(spec, recollection.items, ())
    donor = spec.remembering.donor
    lived = await lab.history(donor) if donor else history
    own = own_doing(spec.remembering.shown(lived), spec.oversight.overseer)
    return pass_on(spec, recollection.items, own)


def appoint(spec: TrialSpec, system: str, earlier: tuple[Spoken, ...], lab: Lab) -> Agent:
    """Return the overseer, a fresh agent."""
    from peersim.agents.assistant import Assistant  # AutoGen takes half a second to import

    job = spec.oversight
    line = lab.line(spec.trial_id, job.overseer, job.model)
    return Assistant(job.overseer, system, line, earlier)
