"""Asks an overseer for its beliefs, in branches beside its trial."""

from peersim.beliefs import Probe, Probing
from peersim.beside import together
from peersim.briefing import brief
from peersim.lab import Lab
from peersim.memory.base import Recollection
from peersim.oversight.delivery import deliver
from peersim.spec import TrialSpec


async def beliefs(
    spec: TrialSpec, target: str, recollection: Recollection, lab: Lab
) -> tuple[Probe, ...]:
    """Ask for beliefs as often as the spec says, in branches that leave no trace.

    There the past always stands in the instructions: what it makes believe is asked, and not
    whether it was looked up.
    """
    if not spec.probes:
        return ()
    job = spec.oversight
    told = job.circumstances
    if told.delivery != "system_prompt":
        told = told.model_copy(update={"delivery": "system_prompt"})
    peers = tuple(m.name for m in spec.history.cast if m.name != job.overseer)
    system = brief(spec, deliver(recollection.items, (), told, peers))
    asked = [
        Probing(
            remembering=spec.remembering,
            about=target,
            model=job.model,
            persona_at_oversight=job.persona_at_oversight,
            number=number,
            authorship=told.authorship,
            realism=told.realism,
        )
        for number in range(spec.probes)
    ]
    return tuple(await together([lab.probe(one, system) for one in asked]))
