"""The order of a study: permuted blocks, so that no arm runs earlier in time than another."""

from peersim.frozen import Frozen
from peersim.seeding import SeedTree
from peersim.spec import TrialSpec
from peersim.study.design import Study


class Planned(Frozen):
    """A trial and the run block it stands in, from 0."""

    spec: TrialSpec
    block: int


def plan(study: Study) -> tuple[Planned, ...]:
    """Return all trials in the order they are to be started.

    Each block holds every arm once, in an order drawn from the seed tree.
    """
    planned: list[Planned] = []
    for replicate in range(study.replicates):
        for fork in range(study.trials_per_history):
            block = replicate * study.trials_per_history + fork
            arms = list(study.arms)
            SeedTree(study.seed).child("block", block).rng().shuffle(arms)
            trials = (
                arm.trial(study.seed, replicate, fork, study.replicates, study.probes)
                for arm in arms
            )
            planned.extend(Planned(spec=trial, block=block) for trial in trials)
    return tuple(planned)
