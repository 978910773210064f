"""Drives a task: puts its asks to agents, re-asks twice at most, appends what happened."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from pydantic import JsonValue

from peersim.agents.base import Agent, ToolResult, Turn, Use
from peersim.answers import Answer, Chosen, Failed, Refused, Unparsed
from peersim.events.calls import Thought
from peersim.events.log import AnyEvent, EventLog
from peersim.events.talk import Said
from peersim.models.base import ToolSpec
from peersim.prompts.render import render
from peersim.prompts.sections import storable
from peersim.seeding import SeedTree
from peersim.tasks.base import Ask, Task
from peersim.tasks.moves import Move
from peersim.tasks.pairs import Topology, begin
from peersim.tasks.partners import Partner

Player = Agent | Partner
# What putting an ask comes to: the events, in order, and the answer.
_Put = tuple[list[AnyEvent], Answer]

RE_ASKS = 2
DECLINE = "decline_to_move"
_DECLINE_SPEC = ToolSpec(
    name=DECLINE,
    description="Make no move this time, and say why.",
    parameters={
        "type": "object",
        "properties": {"reason": {"type": "string"}},
        "required": ["reason"],
        "additionalProperties": False,
    },
)


class MoveTools:
    """The moves of one ask as tools; the first legal one counts."""

    def __init__(self, moves: tuple[Move, ...]) -> None:
        """Offer the moves of an ask, and the way to decline them."""
        self._moves = {move.name: move for move in moves}
        self._specs = (*(move.spec() for move in moves), _DECLINE_SPEC)
        self.answer: Chosen | Refused | None = None

    def specs(self) -> tuple[ToolSpec, ...]:
        """Return the moves as tools."""
        return self._specs

    def call(self, name: str, arguments: JsonValue) -> ToolResult:
        """Make a move, once."""
        if self.answer is not None:
            return ToolResult(text="You have already moved.", error=True)
        if name == DECLINE:
            reason = arguments.get("reason") if isinstance(arguments, dict) else None
            self.answer = Refused(by="model", reason=storable(str(reason or "")))
            return ToolResult(text="Noted.")
        problem = self._moves[name].problem(arguments)
        if problem:
            return ToolResult(text=f"Not a legal move: {problem}.", error=True)
        assert isinstance(arguments, dict)  # what has no problem is an object
        self.answer = Chosen(move=name, arguments=arguments)
        return ToolResult(text="Done.")


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
    others = tuple(agents)
    game = begin(task, others, topology, seeds)
    step = next(game)
    heard_until = dict.fromkeys(agents, len(log))
    while True:
        log.extend(step.events)
        asks = [(ask, _with_talk(ask, log, heard_until)) for ask in step.asks]
        found = await _together([_put(agents[a.agent], a, text, others, log) for a, text in asks])
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


async def _together(puts: list[Coroutine[Any, Any, _Put]]) -> list[_Put]:
    """Return what all came to, in their order; a single one needs no task of its own."""
    if len(puts) > 1:
        return await asyncio.gather(*puts)
    return [await put for put in puts]


def _with_talk(ask: Ask, log: EventLog, heard_until: dict[str, int]) -> str:
    """Return the text of an ask, with what others said to the agent since it was last asked."""
    since = log.events[heard_until[ask.agent] :]
    heard = [e for e in since if isinstance(e, Said) and ask.agent in e.to]
    heard_until[ask.agent] = len(log)
    return render("ask.md.j2", heard=heard, text=ask.text)


async def _put(agent: Player, ask: Ask, text: str, players: tuple[str, ...], log: EventLog) -> _Put:
    """Put an ask to an agent until it moves, declines, fails, or was re-asked twice."""
    events: list[AnyEvent] = []
    others = ask.hearers if ask.hearers is not None else _others(agent.name, players)
    if isinstance(agent, Partner):
        move, said = agent.answer(ask, log.events)
        if said and others:
            events.append(Said(round=ask.round, speaker=agent.name, to=others, text=said))
        return events, move
    turn = Turn(end="spoke")
    for _ in range(1 + RE_ASKS):
        tools = MoveTools(ask.moves)
        turn = await agent.step(text, tools)
        if turn.called:
            events.append(turn.called)
            if turn.thought:
                number = turn.called.number
                events.append(Thought(agent=agent.name, number=number, text=turn.thought))
        if turn.said:
            events.append(Said(round=ask.round, speaker=agent.name, to=others, text=turn.said))
        answer = _answer(turn, tools)
        if answer:
            return events, answer
        text = render("re_ask.md.j2", moves=ask.moves, problems=_problems(turn.uses))
    return events, Unparsed(problem="; ".join(_problems(turn.uses)) or "no move", text=turn.said)


def _others(name: str, players: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(other for other in players if other != name)


def _answer(turn: Turn, tools: MoveTools) -> Answer | None:
    """Return the answer that a turn amounts to, or None if it must be asked again."""
    if turn.failure:
        return turn.failure.as_failed()
    if turn.end == "blocked":
        return Refused(by="provider", reason="the provider blocked the reply")
    return tools.answer


def _problems(uses: tuple[Use, ...]) -> tuple[str, ...]:
    return tuple(f"{use.tool}: {use.result}" for use in uses if use.error)
