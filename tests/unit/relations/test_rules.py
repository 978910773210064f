"""Rules by hand: what counts, how much, and what a weight rests on."""

import pytest

from peersim.errors import ConfigError
from peersim.events.deeds import Act, Acted
from peersim.relations.dealings import dealings
from peersim.relations.rules import HALF_LIFE, RULES, SCALES, named


def act(amount, kind=Act.HELPED, maximum=10):
    return Acted(round=1, actor="Ada", target="Bo", act=kind, amount=amount, maximum=maximum)


def weigh(rule, *acts):
    items = [(f"e{number}", event) for number, event in enumerate(acts)]
    return named(rule)(dealings(items)["Ada", "Bo"])


def test_beta_counts_every_chance_as_one_whatever_its_size():
    assert weigh("beta", act(10)).value == pytest.approx(2 / 3)
    assert weigh("beta", act(1, maximum=1), act(0, maximum=30)).value == pytest.approx(2 / 4)
    assert weigh("beta", act(10, Act.BLAMED)).value == pytest.approx(1 / 3)
    assert weigh("beta", act(0, Act.BLAMED)).value == pytest.approx(2 / 3)


def test_beta_does_not_care_for_order_and_decay_does():
    ended_well = [act(0), act(0), act(10), act(10)]
    ended_ill = ended_well[::-1]
    assert weigh("beta", *ended_well).value == weigh("beta", *ended_ill).value == 0.5
    assert weigh("decay", *ended_well).value > 0.5 > weigh("decay", *ended_ill).value


def test_decay_halves_a_chance_after_so_many_more():
    assert HALF_LIFE == 4
    past = [act(10), act(0), act(0), act(0), act(0)]
    counts = [0.5 ** (age / 4) for age in (4, 3, 2, 1, 0)]
    assert counts[0] == 0.5
    assert weigh("decay", *past).value == pytest.approx((1 + 0.5) / (2 + sum(counts)))


def test_the_ledger_adds_amounts_up():
    assert weigh("ledger", act(5), act(0), act(4, Act.LIED)).value == 1


def test_promises_are_kept_or_broken_and_nothing_else_counts():
    kept, broken = act(1, Act.KEPT_PROMISE, 1), act(1, Act.BROKE_PROMISE, 1)
    found = weigh("promises", act(0), kept, kept, broken, act(10))
    assert found.value == pytest.approx(2 / 3)
    assert found.events == ("e1", "e2", "e3")


def test_a_transfer_is_of_payoff_alone():
    found = weigh(
        "transfer", act(5), act(3, Act.SHARED), act(2, Act.WITHHELD), act(9, Act.CREDITED)
    )
    assert found.value == 6
    assert found.events == ("e0", "e1", "e2")


def test_a_transfer_is_of_the_points_that_an_act_says_it_passed_on():
    credit = act(4, Act.CREDITED).model_copy(update={"points": 4})
    fine = act(1, Act.CREDITED).model_copy(update={"centred": True, "points": -6})
    sent = act(5).model_copy(update={"points": 15})
    warned = act(1).model_copy(update={"points": 0})
    found = weigh("transfer", credit, fine, sent, warned, act(9, Act.CREDITED))
    assert found.value == 4 - 6 + 15
    assert found.events == ("e0", "e1", "e2", "e3")


@pytest.mark.parametrize("rule", ["promises", "transfer"])
def test_without_a_chance_there_is_no_weight_which_is_not_zero(rule):
    found = weigh(rule, act(1, Act.CREDITED))
    assert found.value is None
    assert found.events == ()


def test_every_rule_has_a_scale():
    assert set(SCALES) == {*RULES, "stated", "judged"}


def test_an_unknown_rule_is_named():
    with pytest.raises(ConfigError, match="choose one of beta, ledger, decay, promises, transfer"):
        named("love")
