"""How fast scripted histories are lived: ten-turn conversations with their full event logs.

What is checked is a ratio to a plain loop timed by the same Python in the same run, so that a slow
machine fails nobody, and besides it the limit in seconds where that is missed by far.
"""

import argparse
import asyncio
import sys
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


# What ten thousand conversations may take on one core, and how far beyond it is no slow machine.
LIMIT_SECONDS, LIMIT_CONVERSATIONS, GROSS = 20.0, 10_000, 5.0
# A conversation may take as long as so many steps of the plain loop; it took 4,800 to 7,000.
SANE_STEPS = 20_000.0
STEPS = 500_000


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


def seconds_a_step() -> float:
    """Return the CPU seconds of one step of a loop that makes, keeps and counts small things."""

    def once() -> float:
        kept: dict[int, tuple[int, str]] = {}
        began, size = time.process_time(), 0
        for number in range(STEPS):
            kept[number % 1000] = (number, str(number))
            size += len(kept[number % 1000][1])
        return (time.process_time() - began) / STEPS

    return min(once() for _ in range(3))


def within(seconds: float, conversations: int, step: float) -> bool:
    """Return whether a figure is sane: against the loop, and not grossly beyond the limit."""
    limit = LIMIT_SECONDS * conversations / LIMIT_CONVERSATIONS
    return seconds / conversations / step < SANE_STEPS and seconds < GROSS * limit


def main() -> int:
    """Print CPU seconds for each task, logs written out as JSON included, and check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="500 conversations")
    arguments = parser.parse_args()
    many, step, sane = 500 if arguments.quick else arguments.conversations, seconds_a_step(), True
    for task in TASKS:
        measure(task, 20)
        seconds, size = measure(task, many)
        each = seconds / many
        print(f"{many} conversations of ten turns, {task.kind}: {seconds:.1f} s CPU,", end=" ")
        print(f"{each * 1000:.2f} ms and {size:.0f} bytes of events each;", end=" ")
        print(f"{each / step:,.0f} steps of a plain loop (sane below {SANE_STEPS:,.0f})")
        sane = sane and within(seconds, many, step)
    print("bench: sane" if sane else "bench: NOT sane")
    return 0 if sane else 1


if __name__ == "__main__":
    sys.exit(main())
