"""Whether a task has room for the doses that are assigned in it."""

from functools import lru_cache

from peersim.errors import ConfigError
from peersim.history.spec import Lived
from peersim.study.design import Arm
from peersim.tasks.chances import Series, chances, unkept
from peersim.tasks.kinds import AnyTask
from peersim.tasks.pairs import Topology


def check_doses(arm: Arm) -> None:
    """Check that each schedule can be kept in the chances that the task gives.

    Raises:
        ConfigError: If chances of some kind make no whole number of a schedule's blocks, so that
            the dose that was done would not be the one that was assigned.
    """
    spec = arm.history(seed=0, replicate=0)
    for member in spec.cast:
        found = unkept(member.script, _own(spec, member.name)) if member.script else None
        if found:
            many, schedule = found
            raise ConfigError(
                f"{member.name} has {many} chances of a kind in {arm.task.kind}, which is no whole"
                f" number of blocks of {schedule.block}: its dose of {schedule.dose:g} is not kept",
                "set task.rounds or the script's block so that every kind of chance fills whole"
                " blocks",
            )


def _own(spec: Lived, name: str) -> dict[Series, int]:
    if spec.task is None:
        return {}
    players = tuple(member.name for member in spec.cast)
    found = _chances(spec.task, players, spec.topology)
    return {series: many for series, many in found.items() if series.agent == name}


@lru_cache(maxsize=64)
def _chances(task: AnyTask, players: tuple[str, ...], topology: Topology) -> dict[Series, int]:
    return chances(task, players, topology)
