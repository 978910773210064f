"""Layers: what is stated, what is recollected, and how far either is from the acts."""

import pytest
from pydantic import ValidationError

from peersim.errors import AnalysisRefusal
from peersim.events.deeds import Act, Acted
from peersim.events.log import EventLog
from peersim.relations.export import FORMATS
from peersim.relations.graph import at, recollected
from peersim.relations.layers import Judged, Stated, distortion, judged, stated


def act(actor, target, amount, kind=Act.HELPED):
    return Acted(round=1, actor=actor, target=target, act=kind, amount=amount, maximum=10)


# Under beta: Ada to Bo (1 + 2) / (2 + 2) = 3/4, Bo to Ada (1 + 0) / (2 + 1) = 1/3.
LOG = [act("Ada", "Bo", 10), act("Ada", "Bo", 10), act("Bo", "Ada", 0)]


def test_repeats_of_a_statement_are_averaged_and_their_spread_is_kept():
    says = [("Ada", "Bo", 0.2), ("Bo", "Ada", 1.0), ("Ada", "Bo", 0.6)]
    graph = stated([Stated(source=s, target=t, trust=w) for s, t, w in says], ("Bo", "Ada", "Cy"))
    assert list(graph.nodes) == ["Bo", "Ada", "Cy"]
    edge = graph.edges["Ada", "Bo"]
    assert edge["weight"] == pytest.approx(0.4)
    assert edge["spread"] == pytest.approx(0.4)
    assert edge["repeats"] == 2
    assert edge["layer"] == "stated"
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        Stated(source="Ada", target="Bo", trust=70)


def test_a_faithful_recollection_is_not_distorted():
    assert distortion(at(LOG), recollected(EventLog(LOG).items(), ["e0", "e1", "e2"])) == 0


def test_what_is_forgotten_counts_as_neutral():
    # One help forgotten: 3/4 becomes 2/3; the tie back forgotten: 1/3 becomes the prior's 1/2.
    found = distortion(at(LOG), recollected(EventLog(LOG).items(), ["e0"]))
    assert found == pytest.approx(((3 / 4 - 2 / 3) + (1 / 2 - 1 / 3)) / 2)


def test_without_observed_weights_there_is_no_distortion():
    assert distortion(at([]), recollected(EventLog(LOG).items(), ["e0"])) is None
    assert (
        distortion(at(LOG, rule="promises"), recollected(EventLog(LOG).items(), [], "promises"))
        is None
    )


def test_what_is_stated_is_compared_with_acts_on_the_same_scale_only():
    trust = stated([Stated(source="Ada", target="Bo", trust=0.75)])
    assert distortion(at(LOG), trust) == pytest.approx((0 + (1 / 2 - 1 / 3)) / 2)
    with pytest.raises(AnalysisRefusal, match="'ledger' and 'stated' are on different scales"):
        distortion(at(LOG, rule="ledger"), trust)
    with pytest.raises(AnalysisRefusal, match="different scales"):
        distortion(at(LOG, rule="ledger"), recollected(EventLog(LOG).items(), [], "transfer"))


def test_judged_weights_are_averaged_on_a_scale_that_compares_with_acts():
    votes = [Judged(source="Ada", target="Bo", weight=w) for w in (1.0, 0.5)]
    graph = judged(votes, ("Ada", "Bo", "Cy"))
    assert (graph.graph["layer"], graph.graph["neutral"]) == ("judged", 0.5)
    assert graph.edges["Ada", "Bo"]["weight"] == 0.75
    assert graph.edges["Ada", "Bo"]["spread"] == 0.5
    assert distortion(at(LOG), graph) == pytest.approx((0 + (1 / 2 - 1 / 3)) / 2)
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        Judged(source="Ada", target="Bo", weight=7)


@pytest.mark.parametrize("ending", FORMATS)
def test_a_judged_layer_goes_to_every_format(ending):
    text = FORMATS[ending](judged([Judged(source="Ada", target="Bo", weight=1.0)], ("Ada", "Bo")))
    assert "judged" in text
    assert "repeats" in text
