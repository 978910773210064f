"""Drives a task: puts its asks to whoever plays, and appends what happened."""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from peersim.agents.base import Agent
from peersim.answers import Answer, Failed
from peersim.beside import together
from peersim.events.deeds import Checked
from peersim.events.log import EventLog
from peersim.events.talk import Said
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.base import Ask, Task
from peersim.tasks.checks import Checker
from peersim.tasks.pairs import Topology, begin
from peersim.tasks.partners import Partner
from peersim.tasks.put import Put, put
from peersim.tasks.sandbox.run import Sandbox

Player = Agent | Partner


async def play(
    task: Task,
    agents: Mapping[str, Player],
    log: EventLog,
    seeds: SeedTree,
    topology: Topology = "all",
    checker: Checker | None = None,
) -> Failed | None:
    """Play a task to its end, appending its events.

    Args:
        task: The task.
        agents: Who plays, in the order of play.
        log: Where events go.
        seeds: The task's own seeds.
        topology: Who meets whom, if the task is for two and there are more.
        checker: What runs the code of checks; None for a sandbox of this play's own. To be shared
            where many play at the same time, since it alone limits how much runs at once.

    Returns:
        The first infrastructure failure, after which the task is abandoned; else None.
    """
    game = begin(task, tuple(agents), topology, seeds)
    checker = checker or Sandbox().run
    step = next(game)
    heard_until = dict.fromkeys(agents, len(log))
    while True:
        log.extend(step.events)
        found = await together([_asked(agents[a.agent], a, log, heard_until) for a in step.asks])
        for events, _ in found:  # in the order of the asks, however the replies arrived
            log.extend(events)
        replies: list[Answer | Checked] = [answer for _, answer in found]
        if step.checks and not _failure(replies):
            checked = await together([checker(check) for check in step.checks])
            log.extend(result for result in checked if isinstance(result, Checked))
            replies += checked
        if failed := _failure(replies):
            game.close()
            return failed
        try:
            step = game.send(tuple(replies))
        except StopIteration:
            return None


def _failure(replies: Sequence[Answer | Checked]) -> Failed | None:
    for reply in replies:
        if type(reply) is Failed:
            return reply
    return None


def _asked(
    agent: Player, ask: Ask, log: EventLog, heard_until: dict[str, int]
) -> Coroutine[Any, Any, Put]:
    """Return what puts an ask to whoever plays; what was said till now is read at once."""
    hearers = ask.hearers
    if hearers is None:
        hearers = tuple(name for name in heard_until if name != agent.name)
    if isinstance(agent, Partner):
        return _scripted(agent, ask, log, hearers)
    since = log.events[heard_until[ask.agent] :]
    heard = tuple((e.speaker, e.text) for e in since if type(e) is Said and ask.agent in e.to)
    heard_until[ask.agent] = len(log)
    return put(agent, ask, render("ask.md.j2", heard=heard, text=ask.text), hearers)


async def _scripted(partner: Partner, ask: Ask, log: EventLog, hearers: tuple[str, ...]) -> Put:
    move, said = partner.answer(ask, log.events)
    if not said or not hearers:
        return [], move
    return [Said(round=ask.round, speaker=partner.name, to=hearers, text=said)], move
