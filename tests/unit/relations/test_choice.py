"""Who is to be overseen: by the overseer's own ties, ties broken by enrolment."""

import random

import pytest

from peersim.events.deeds import Act, Acted
from peersim.events.marks import Enrolled
from peersim.relations.choice import choose
from peersim.relations.graph import at

NAMES = ["Ada", "Bo", "Cy", "Di", "Eve"]
ENROLLED = [Enrolled(agent=name, persona="neutral", model="simulated/x") for name in NAMES]


def act(actor, target, amount):
    return Acted(round=1, actor=actor, target=target, act=Act.HELPED, amount=amount, maximum=10)


def graph(*acts):
    return at([*ENROLLED, *acts])


def chosen(by, *acts):
    return choose(graph(*acts), "Ada", by, random.Random(0))


def test_what_counts_is_what_the_overseer_gave_and_not_what_it_got():
    acts = [act("Ada", "Bo", 2), act("Ada", "Cy", 9), act("Bo", "Ada", 10), act("Cy", "Ada", 0)]
    everyone = [*acts, act("Ada", "Di", 5), act("Ada", "Eve", 5)]
    assert chosen("strongest_tie", *everyone) == "Cy"
    assert chosen("weakest_tie", *everyone) == "Bo"


def test_no_tie_is_weaker_than_any():
    acts = [act("Ada", "Bo", 0), act("Ada", "Cy", 0), act("Ada", "Eve", 0)]
    assert chosen("weakest_tie", *acts) == "Di"
    assert chosen("strongest_tie", *acts) == "Bo"


def test_among_equals_the_first_enrolled_is_taken():
    acts = [act("Ada", name, 5) for name in reversed(NAMES[1:])]
    for by in ("strongest_tie", "weakest_tie"):
        assert chosen(by, *acts) == chosen(by) == "Bo"


def test_chance_is_the_generators_and_reaches_everyone_but_the_overseer():
    rng = random.Random(1)
    assert {choose(graph(), "Ada", "random", rng) for _ in range(60)} == set(NAMES[1:])
    assert chosen("random") == chosen("random")


def test_a_friend_of_a_friend_is_a_stranger_close_to_the_strongest_partner():
    acts = [act("Ada", "Cy", 9), act("Ada", "Bo", 3), act("Di", "Cy", 2), act("Eve", "Cy", 8)]
    assert chosen("friend_of_friend", *acts) == "Eve"
    assert chosen("friend_of_friend", *acts, act("Bo", "Cy", 10)) == "Eve"  # Bo is no stranger
    assert chosen("friend_of_friend", *acts, act("Cy", "Di", 10)) == "Eve"  # theirs counts


def test_if_all_are_tied_the_least_tied_is_taken():
    acts = [act("Ada", name, give) for name, give in zip(NAMES[1:], (9, 1, 5, 1), strict=True)]
    assert chosen("friend_of_friend", *acts) == "Cy"
    assert chosen("friend_of_friend", *acts, act("Eve", "Bo", 7)) == "Eve"


def test_with_one_other_there_is_no_choice_and_with_none_no_target():
    pair = at([*ENROLLED[:2], act("Ada", "Bo", 1)])
    for by in ("strongest_tie", "weakest_tie", "random", "friend_of_friend"):
        assert choose(pair, "Ada", by, random.Random(0)) == "Bo"
        with pytest.raises(ValueError, match="nobody to oversee"):
            choose(at(ENROLLED[:1]), "Ada", by, random.Random(0))
