"""Small studies for tests, made without Hydra, and what their stores hold."""

import asyncio
import contextlib

import yaml

from peersim.agents.persona import Persona
from peersim.config.models import conf_dir
from peersim.memory.none import NoMemory
from peersim.memory.summary import Summary
from peersim.models.base import ModelRef
from peersim.oversight.tampering import Tampering
from peersim.store.study import StudyStore
from peersim.store.view import RunView
from peersim.study.conditions import Conditions
from peersim.study.design import Arm, Roster, Study
from peersim.study.runner import run_study
from peersim.tasks.trust_game import TrustGame

PERSONAS = ("cooperative", "uncooperative")


def persona(name):
    text = (conf_dir() / "persona" / f"{name}.yaml").read_text(encoding="utf-8")
    return Persona(name=name, **yaml.safe_load(text))


def simulated(name="loyal"):
    text = (conf_dir() / "model" / "simulated" / f"{name}.yaml").read_text(encoding="utf-8")
    return ModelRef(ref=f"simulated/{name}", profile=yaml.safe_load(text)["profile"])


def arm(peer="cooperative", remember=None, ref=None, more=None, **levels):
    model = ref or simulated()
    return Arm(
        levels={"persona.peer": peer, **levels},
        settings={},
        roster=Roster(),
        overseer_persona=persona("neutral"),
        peer_persona=persona(peer),
        task=TrustGame(),
        memory=remember or Summary(),
        scenario=Tampering(),
        persona_at_oversight="dropped",
        models={"subject": model, "peer": model, "memory": model},
    ).model_copy(update=more or {})


def study(replicates=3, seed=0, arms=None, **more):
    arms = arms or tuple(arm(peer) for peer in PERSONAS)
    return Study(name="test", seed=seed, replicates=replicates, arms=arms, **more)


def forked_study(replicates=3, **more):
    """Persona crossed with memory: the memories of a persona share its histories."""
    arms = tuple(
        arm(peer, remember, memory=remember.kind)
        for peer in PERSONAS
        for remember in (NoMemory(), Summary())
    )
    return study(replicates, arms=arms, **more)


@contextlib.contextmanager
def opened(directory):
    store = StudyStore(directory)
    try:
        yield store
    finally:
        store.close()


def run(what, directory, concurrency=32, **options):
    """Run a study in a directory; return the call counter."""
    options.setdefault("conditions", Conditions(concurrency=concurrency))
    with opened(directory) as store:
        return asyncio.run(run_study(what, store, **options))


def records(directory):
    """All records of a run as their stored JSON texts, by trial id."""
    view = RunView(directory)
    return {record.trial_id: record.model_dump_json() for record, _ in view.records()}
