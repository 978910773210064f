"""Signed triads: all eight by hand, and what has no sign."""

from itertools import product

import pytest

from peersim.events.deeds import Act, Acted
from peersim.relations.graph import at
from peersim.relations.triads import balance, balanced, sign, triad_type

EDGES = (("Ada", "Bo"), ("Ada", "Cy"), ("Bo", "Cy"))


def act(actor, target, amount, kind=Act.HELPED):
    return Acted(round=1, actor=actor, target=target, act=kind, amount=amount, maximum=10)


def of(signs, edges=EDGES):
    return [act(*edge, 10 if s == "+" else 0) for edge, s in zip(edges, signs, strict=True)]


@pytest.mark.parametrize("signs", ["".join(s) for s in product("+-", repeat=3)])
def test_all_eight_triads(signs):
    graph = at(of(signs))
    assert triad_type(graph, "Ada", "Bo", "Cy") == signs
    assert triad_type(graph, "Ada", "Cy", "Bo") == signs[1] + signs[0] + signs[2]
    assert balanced(signs) == (signs in {"+++", "+--", "-+-", "--+"})
    assert balance(graph) == balanced(signs)


def test_a_sign_is_of_the_mean_of_both_ways():
    log = [act("Ada", "Bo", 10), act("Bo", "Ada", 4)]
    assert sign(at(log), "Ada", "Bo") == sign(at(log), "Bo", "Ada") == "+"
    assert sign(at([*log, act("Bo", "Ada", 0)]), "Ada", "Bo") == "+"
    worse = [*log, *(act("Bo", "Ada", 0) for _ in range(4))]
    assert sign(at(worse), "Ada", "Bo") == "-"


def test_neutral_and_absent_have_no_sign_and_no_triad():
    assert sign(at([act("Ada", "Bo", 5)]), "Ada", "Bo") is None
    assert sign(at([]), "Ada", "Bo") is None
    graph = at([*of("++", EDGES[:2]), act("Bo", "Cy", 5)])
    assert triad_type(graph, "Ada", "Bo", "Cy") is None
    assert balance(graph) is None


def test_balance_is_the_share_of_complete_triads():
    more = [act("Ada", "Di", 10), act("Bo", "Di", 0)]  # Ada, Bo, Di: ++-; two lack Cy to Di
    assert balance(at([*of("+++"), *more])) == 0.5
