"""Drives a task: puts its asks to whoever plays, and appends what happened."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from peersim.agents.base import Agent
from peersim.answers import Failed
from peersim.events.log import EventLog
from peersim.events.talk import Said
from peersim.prompts.render import render
from peersim.seeding import SeedTree
from peersim.tasks.base import Ask, Task
from peersim.tasks.pairs import Topology, begin
from peersim.tasks.partners import Partner
from peersim.tasks.put import Put, put

Player = Agent | Partner


async def play(
    task: Task,
    agents: Mapping[str, Player],
    log: EventLog,
    seeds: SeedTree,
    topology: Topology = "all",
) -> Failed | None:
    """Play a task to its end, appending its events.

    Args:
        task: The task.
        agents: Who plays, in the order of play.
        log: Where events go.
        seeds: The task's own seeds.
        topology: Who meets whom, if the task is for two and there are more.

    Returns:
        The first infrastructure failure, after which the task is abandoned; else None.
    """
    game = begin(task, tuple(agents), topology, seeds)
    step = next(game)
    heard_until = dict.fromkeys(agents, len(log))
    while True:
        log.extend(step.events)
        found = await _together([_asked(agents[a.agent], a, log, heard_until) for a in step.asks])
        for events, _ in found:  # in the order of the asks, however the replies arrived
            log.extend(events)
        answers = tuple(answer for _, answer in found)
        failed = next((answer for answer in answers if isinstance(answer, Failed)), None)
        if failed:
            game.close()
            return failed
        try:
            step = game.send(answers)
        except StopIteration:
            return None


async def _together(puts: list[Coroutine[Any, Any, Put]]) -> list[Put]:
    """Return what all came to, in their order; a single one needs no task of its own."""
    if len(puts) > 1:
        return await asyncio.gather(*puts)
    return [await put for put in puts]


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
    heard = [e for e in since if isinstance(e, Said) and ask.agent in e.to]
    heard_until[ask.agent] = len(log)
    return put(agent, ask, render("ask.md.j2", heard=heard, text=ask.text), hearers)


async def _scripted(partner: Partner, ask: Ask, log: EventLog, hearers: tuple[str, ...]) -> Put:
    move, said = partner.answer(ask, log.events)
    if not said or not hearers:
        return [], move
    return [Said(round=ask.round, speaker=partner.name, to=hearers, text=said)], move
