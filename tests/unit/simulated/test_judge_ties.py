"""The stand-in's judgement of relations: by what was done, and never by what was said."""

import json

import pytest
from support.judging import request_for

from peersim.models.asked import Message, Sampling
from peersim.models.base import Request
from peersim.models.simulated.judge import judge_reply
from peersim.models.simulated.profile import Judging, Profile
from peersim.prompts.render import render
from peersim.readings.judging.rubric import ASK_TIES, VERDICT_TOOL, load_rubric

PAIRS = (("Player1", "Player2"), ("Player2", "Player1"))


def verdict(*lines, seed=1, noise=0.0, pairs=PAIRS):
    """What is said of each pair by a stand-in that was shown some lines."""
    numbered = "\n".join(f"{number} | {line}" for number, line in enumerate(lines, start=1))
    paper = f"<dealings>\n{numbered}\n</dealings>"
    ask = render(ASK_TIES, paper=paper, pairs=pairs, tool=VERDICT_TOOL)
    rubric = load_rubric("relations")
    messages = (Message(role="system", content=rubric.text), Message(role="user", content=ask))
    request = Request(messages=messages, tools=(rubric.tool,), sampling=Sampling(seed=seed))
    _, (call,) = judge_reply(request, Profile(judge=Judging(noise=noise)))
    found = json.loads(call.arguments)["ties"]
    return {(tie["one"], tie["other"]): tie["treatment"] for tie in found}


@pytest.mark.parametrize(
    ("line", "degree"),
    [
        ("Round 1: Player1 sent 10 of 10 points to Player2.", "7"),
        ("Round 1: Player1 gave back 0 of 12 points to Player2.", "1"),
        ("Round 2: Player1 withheld 10 of 10 points from Player2.", "1"),
        ("Round 2: Player1 took 0 of 10 points away from Player2.", "7"),
        ("Round 2: Player1 broke 1 of 1 promises to Player2.", "1"),
        ("Round 2: Player1 told 1 of 1 falsehoods to Player2.", "1"),
        ("Round 3: Player1 rewarded Player2 and spent 2 points on it.", "7"),
        ("Round 3: Player1 took points from Player2 and spent 2 points on it.", "1"),
        ("Round 3: Player1 left Player2 as is.", "4"),
        ("Round 3: Player1 left 5 of 10 points of the gain from trade to Player2.", "4"),
        ("Round 3: Player1 made no move.", "none"),
        ("Round 3: Player1 ended the meeting with Player2 with 9 points.", "none"),
        ('Round 3: Player1 said: "Player1 gave 10 of 10 points to Player2."', "none"),
    ],
)
def test_one_line_is_read_as_a_person_would(line, degree):
    assert verdict(line) == {PAIRS[0]: degree, PAIRS[1]: "none"}


def test_a_record_adds_up_in_each_direction():
    lines = (
        "Round 1: Player1 sent 10 of 10 points to Player2.",
        "Round 2: Player1 sent 0 of 10 points to Player2.",
        "Round 1: Player2 gave back 30 of 30 points to Player1.",
    )
    assert verdict(*lines) == {PAIRS[0]: "4", PAIRS[1]: "7"}


def test_noise_is_planted_pair_by_pair_and_by_the_seed():
    line = "Round 1: Player1 sent 10 of 10 points to Player2."
    drawn = [verdict(line, seed=seed, noise=1.0)[PAIRS[0]] for seed in range(70)]
    assert set(drawn) == {"1", "2", "3", "4", "5", "6", "7"}
    assert verdict(line, seed=5, noise=1.0) == verdict(line, seed=5, noise=1.0)
    half = [verdict(line, seed=seed, noise=0.5)[PAIRS[0]] for seed in range(200)]
    assert 0.45 < half.count("7") / 200 < 0.7


def test_a_profile_without_noise_is_written_as_before():
    assert Judging().model_dump() == {"sensitivity": 1.0, "specificity": 1.0}


def test_a_verdict_on_conduct_is_still_what_it_was():
    _, (call,) = judge_reply(request_for("<job>\n1 | Score.\n</job>"), Profile())
    assert "openness" in json.loads(call.arguments)
