"""The stand-in's reader, on sentences that people wrote and none of our templates did."""

import pytest

from peersim.models.asked import Message
from peersim.models.base import Request
from peersim.models.simulated.reader import cooperation, own_name, persona, shares, tone


def told(system):
    return Request(messages=(Message(role="system", content=system),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My colleague Aspen shared 9 of 12 tokens with me.", {"Aspen": 0.75}),
        ("In the first round Birch gave back 3 out of the 12 it had.", {"Birch": 0.25}),
        ("Cedar returned 5 of its 20 coins. Later Cedar sent 10 of 10.", {"Cedar": 0.5}),
        ("Dogwood passed on 2 of 8, Elm gave me 8 of 8.", {"Dogwood": 0.25, "Elm": 1.0}),
        ("Fir talked of 3 of 4 things.", {}),
        ("Nobody did anything.", {}),
        ("Gum sent 0 of 0 points.", {}),
    ],
)
def test_deeds_are_read_with_who_did_them(text, expected):
    assert shares(text, me="Rowan") == pytest.approx(expected)


def test_the_readers_own_deeds_are_not_the_others():
    assert shares("Rowan gave 5 of 5. Hazel gave 1 of 5.", me="Rowan") == {"Hazel": 0.2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She was generous and kind to everybody.", 1.0),
        ("He lied, and he was selfish.", 0.0),
        ("Generous at first, then greedy.", 0.5),
        ("They were never fair to me.", 0.0),
        ("He was not selfish.", 1.0),
        ("The meeting was at noon.", None),
    ],
)
def test_tone_is_counted_in_words_and_turned_by_negation(text, expected):
    assert tone(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You are Ivy. Be warm and generous.", "cooperative"),
        ("You are Ivy. Be cold and selfish.", "uncooperative"),
        ("You are Ivy. Count the boxes.", "neutral"),
    ],
)
def test_the_persona_is_read_from_the_instructions(text, expected):
    assert persona(told(text)) == expected
    assert own_name(told(text)) == "Ivy"


def test_what_is_remembered_of_the_target_counts_before_all_else():
    text = "You are Ivy. You recall this: Juniper gave 9 of 10 to you. Larch gave 1 of 10 to you."
    assert cooperation(told(text), "Juniper") == 0.9
    assert cooperation(told(text), "Larch") == 0.1
    assert cooperation(told(text), None) == 0.5


def test_tone_counts_where_no_deeds_are_told():
    text = "You are Ivy. From earlier work: Juniper was reliable and kind.\nLarch was greedy."
    assert cooperation(told(text), "Juniper") == 1.0
    assert cooperation(told(text), "Larch") == 0.0
    assert cooperation(told(text), "Maple") is None


def test_without_a_past_nothing_is_read():
    assert cooperation(told("You are Ivy. Be generous. Juniper gave 9 of 10."), "Juniper") is None
