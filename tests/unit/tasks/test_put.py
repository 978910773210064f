"""The moves of one ask as tools."""

from peersim.answers import Chosen
from peersim.events.deeds import Moved
from peersim.tasks.moves import Move, Text
from peersim.tasks.put import MoveTools

MOVE = Move(name="write", description="Write.", fields=(Text(name="text", longest=20),))


def test_half_an_emoji_in_an_argument_can_be_stored():
    tools = MoveTools((MOVE,))
    assert not tools.call("write", {"text": "x\ud83d"}).error
    assert isinstance(tools.answer, Chosen)
    moved = Moved(round=1, agent="Ada", move="write", arguments=tools.answer.arguments)
    assert moved.model_dump_json()
