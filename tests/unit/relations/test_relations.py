"""The relationship graph: a fold over acts, at any step, under any rule."""

import json

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.errors import ConfigError
from peersim.events.deeds import Act, Acted
from peersim.events.marks import Enrolled, RoundBegan
from peersim.relations.export import as_graphml, as_json, write
from peersim.relations.graph import at, steps
from peersim.relations.measures import asymmetry, strength

START = [
    Enrolled(agent="Ada", persona="neutral", model="simulated/x"),
    Enrolled(agent="Bo", persona="cooperative", model="simulated/x"),
]


def act(actor, target, amount, kind=Act.HELPED, number=1):
    return Acted(round=number, actor=actor, target=target, act=kind, amount=amount, maximum=10)


LOG = [
    *START,
    RoundBegan(round=1),
    act("Ada", "Bo", 10),
    act("Bo", "Ada", 5, Act.SHARED),
    RoundBegan(round=2),
    act("Bo", "Ada", 0),
]


def test_beta_weights_by_hand():
    graph = at(LOG)
    assert strength(graph, "Ada", "Bo") == pytest.approx(2 / 3)  # (1 + 1) / (2 + 1)
    assert strength(graph, "Bo", "Ada") == pytest.approx(1.5 / 4)  # (1 + .5 + 0) / (2 + 2)
    assert asymmetry(graph, "Ada", "Bo") == pytest.approx(2 / 3 - 1.5 / 4)


def test_ledger_weights_by_hand():
    lied = [*LOG, act("Bo", "Ada", 4, Act.LIED)]
    assert strength(at(lied, rule="ledger"), "Bo", "Ada") == pytest.approx(5 + 0 - 4)


def test_a_step_shows_what_had_happened_by_then():
    assert steps(LOG) == (2, 5, 7)
    assert at(LOG, 2).number_of_edges() == 0
    assert list(at(LOG, 2).nodes) == ["Ada", "Bo"]
    assert set(at(LOG, 5).edges) == {("Ada", "Bo"), ("Bo", "Ada")}
    assert at(LOG, 5).edges["Bo", "Ada"]["weight"] == pytest.approx(0.5)


def test_every_weight_lists_its_events():
    assert at(LOG).edges["Bo", "Ada"]["events"] == "e4 e6"
    assert at(LOG).edges["Bo", "Ada"]["helped_opportunities"] == 1
    assert at(LOG).edges["Bo", "Ada"]["helped_count"] == 0


def test_an_unknown_rule_is_named():
    with pytest.raises(ConfigError, match="choose one of beta, ledger"):
        at(LOG, rule="love")


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 10), st.sampled_from(Act)), max_size=9)
)
def test_a_beta_weight_is_a_mean_strictly_between_nothing_and_everything(deeds):
    events = [act(a, "B" if a == "A" else "A", n, kind) for a, n, kind in deeds]
    for _, _, edge in at(events).edges(data=True):
        assert 0 < edge["weight"] < 1


def test_files_read_back_as_the_same_graph(tmp_path):
    graph = at(LOG)
    back = nx.node_link_graph(json.loads(as_json(graph)), edges="edges")
    assert nx.utils.graphs_equal(back, graph)
    again = nx.parse_graphml(as_graphml(graph))
    assert dict(again.edges["Ada", "Bo"]) == dict(graph.edges["Ada", "Bo"])
    write(graph, tmp_path / "g.graphml")
    assert nx.read_graphml(tmp_path / "g.graphml").nodes["Bo"]["persona"] == "cooperative"
    with pytest.raises(ConfigError, match=r"end in \.graphml or \.json"):
        write(graph, tmp_path / "g.png")
    with pytest.raises(ConfigError, match="cannot be written"):
        write(graph, tmp_path / "nowhere" / "g.json")
