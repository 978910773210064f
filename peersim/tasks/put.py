"""Puts one ask to one agent: the moves as tools, two re-asks at most."""

from pydantic import JsonValue

from peersim.agents.base import Agent, ToolResult, Turn, Use
from peersim.answers import Answer, Chosen, Refused, Unparsed
from peersim.events.calls import Thought
from peersim.events.log import AnyEvent
from peersim.events.talk import Said
from peersim.models.asked import ToolSpec
from peersim.prompts.render import render
from peersim.prompts.sections import storable
from peersim.tasks.base import Ask
from peersim.tasks.moves import Move

# What putting an ask comes to: the events, in order, and the answer.
Put = tuple[list[AnyEvent], Answer]

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
        self.answer = Chosen(move=name, arguments={k: _kept(v) for k, v in arguments.items()})
        return ToolResult(text="Done.")


def _kept(value: JsonValue) -> JsonValue:
    return storable(value) if isinstance(value, str) else value


async def put(agent: Agent, ask: Ask, text: str, hearers: tuple[str, ...]) -> Put:
    """Put an ask to an agent until it moves, declines, fails, or was re-asked twice.

    Args:
        agent: Whom to ask.
        ask: The ask.
        text: What to tell the agent.
        hearers: Who hears what it says.

    Returns:
        What happened, in order, and the answer.
    """
    events: list[AnyEvent] = []
    for _ in range(1 + RE_ASKS):
        tools = MoveTools(ask.moves)
        turn = await agent.step(text, tools)
        if turn.called:
            events.append(turn.called)
            if turn.thought:
                number = turn.called.number
                events.append(Thought(agent=agent.name, number=number, text=turn.thought))
        if turn.said:
            events.append(Said(round=ask.round, speaker=agent.name, to=hearers, text=turn.said))
        answer = _answer(turn, tools)
        if answer:
            return events, answer
        text = render("re_ask.md.j2", moves=ask.moves, problems=_problems(turn.uses))
    return events, Unparsed(problem="; ".join(_problems(turn.uses)) or "no move", text=turn.said)


def _answer(turn: Turn, tools: MoveTools) -> Answer | None:
    """Return the answer that a turn amounts to, or None if it must be asked again."""
    if turn.failure:
        return turn.failure.as_failed()
    if turn.end == "blocked":
        return Refused(by="provider", reason="the provider blocked the reply")
    return tools.answer


def _problems(uses: tuple[Use, ...]) -> tuple[str, ...]:
    return tuple(f"{use.tool}: {use.result}" for use in uses if use.error)
