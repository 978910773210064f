"""How fast scripted histories are lived: ten-turn conversations with their full event logs."""

import argparse
import asyncio
import time

from peersim.events.log import EVENTS, EventLog
from peersim.seeding import SeedTree
from peersim.tasks.base import Task
from peersim.tasks.matrix_game import MatrixGame
from peersim.tasks.partners import Partner
from peersim.tasks.play import play
from peersim.tasks.scripts import Chance, TitForTat
from peersim.tasks.trust_game import TrustGame

TASKS: tuple[Task, ...] = (MatrixGame(rounds=5), TrustGame(rounds=5))


async def live(task: Task, seed: int) -> EventLog:
    """Live one history of two talking partners."""
    log, seeds = EventLog(), SeedTree(seed)
    players = {
        "Ada": Partner("Ada", TitForTat(says="fitting"), seeds.child("Ada")),
        "Bo": Partner("Bo", Chance(degree=0.7, says="fitting"), seeds.child("Bo")),
    }
    await play(task, players, log, seeds)
    return log


def measure(task: Task, conversations: int) -> tuple[float, float]:
    """Return the CPU seconds that conversations take, and the mean bytes of a log as JSON."""

    async def all_of_them() -> int:
        size = 0
        for seed in range(conversations):
            size += len(EVENTS.dump_json((await live(task, seed)).events))
        return size

    began = time.process_time()
    size = asyncio.run(all_of_them())
    return time.process_time() - began, size / conversations


def main() -> None:
    """Print CPU seconds for each task, logs written out as JSON included."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    many = parser.parse_args().conversations
    for task in TASKS:
        measure(task, 20)
        seconds, size = measure(task, many)
        print(f"{many} conversations of ten turns, {task.kind}: {seconds:.1f} s CPU,", end=" ")
        print(f"{seconds / many * 1000:.2f} ms and {size:.0f} bytes of events each")


if __name__ == "__main__":
    main()
