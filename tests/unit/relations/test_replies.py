"""Whether kindness is answered by kindness, by hand."""

from peersim.events.deeds import Act, Acted
from peersim.relations.replies import lagged_reciprocity


def act(actor, target, amount, number, kind=Act.HELPED):
    return Acted(round=number, actor=actor, target=target, act=kind, amount=amount, maximum=10)


def play(gives, answers):
    """Bo gives, and Ada does in the same round what is listed beside it."""
    log = []
    for number, (given, answer) in enumerate(zip(gives, answers, strict=True), 1):
        log += [act("Bo", "Ada", given, number), act("Ada", "Bo", answer, number)]
    return log


def test_who_repays_in_kind_scores_one_and_who_does_not_care_nothing():
    assert lagged_reciprocity(play([10, 0, 10, 0], [5, 10, 0, 10]), "Ada", "Bo") == 1
    assert lagged_reciprocity(play([10, 0, 10, 0], [5, 10, 10, 10]), "Ada", "Bo") == 0
    assert lagged_reciprocity(play([10, 0, 10, 0], [5, 0, 10, 0]), "Ada", "Bo") == -1


def test_an_unkind_act_left_undone_is_kind():
    log = [
        act("Bo", "Ada", 0, 1, Act.BLAMED),
        act("Ada", "Bo", 8, 2),
        act("Bo", "Ada", 10, 2, Act.BLAMED),
        act("Ada", "Bo", 2, 3),
    ]
    assert abs(lagged_reciprocity(log, "Ada", "Bo") - 0.6) < 1e-12


def test_who_met_only_kindness_tells_nothing():
    assert lagged_reciprocity(play([10, 10], [10, 10]), "Ada", "Bo") is None
    assert lagged_reciprocity([], "Ada", "Bo") is None


def test_acts_of_one_round_answer_nothing():
    assert lagged_reciprocity(play([10], [10]) + play([0], [0]), "Ada", "Bo") is None
