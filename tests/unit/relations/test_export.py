"""Files read back as the same graph, in each format."""

import json

import networkx as nx
import pytest

from peersim.errors import ConfigError
from peersim.events.deeds import Act, Acted
from peersim.events.marks import Enrolled
from peersim.relations.export import FORMATS, as_gexf, as_graphml, as_json, write
from peersim.relations.graph import at

NAMES = ["Ada", "Bo", "Zoë <&>"]


def act(actor, target, amount, kind=Act.HELPED):
    return Acted(round=1, actor=actor, target=target, act=kind, amount=amount, maximum=10)


LOG = [
    *(Enrolled(agent=name, persona="neutral", model="simulated/x") for name in NAMES),
    act("Ada", "Bo", 10),
    act("Bo", "Ada", 5, Act.KEPT_PROMISE),
    act("Zoë <&>", "Ada", 0, Act.LIED),
]


def read(path):
    if path.suffix == ".json":
        data = json.loads(path.read_text(encoding="utf-8"))
        return nx.node_link_graph(data, edges="edges")
    return nx.read_graphml(path) if path.suffix == ".graphml" else nx.read_gexf(path)


@pytest.mark.parametrize("rule", ["beta", "ledger", "promises"])
@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_reads_back(tmp_path, ending, rule):
    graph = at(LOG, rule=rule)
    write(graph, tmp_path / f"g{ending}")
    back = read(tmp_path / f"g{ending}")
    assert list(back.nodes) == NAMES
    assert set(back.edges) == set(graph.edges)
    for name in NAMES:
        assert dict(back.nodes[name]).items() >= dict(graph.nodes[name]).items()
    for source, target, edge in graph.edges(data=True):
        assert dict(back.edges[source, target]).items() >= edge.items()
        assert ("weight" in back.edges[source, target]) == ("weight" in edge)
    if ending != ".gexf":
        assert back.graph.items() >= graph.graph.items()


@pytest.mark.parametrize("export", [as_json, as_graphml, as_gexf])
def test_what_is_not_known_is_left_out(export):
    graph = at(LOG)
    plain = export(graph)
    graph.graph["note"] = graph.nodes["Ada"]["note"] = graph.edges["Ada", "Bo"]["note"] = None
    assert export(graph) == plain
    assert graph.nodes["Ada"]["note"] is None  # the graph itself is left alone


def test_gexf_has_no_date_that_would_change_its_bytes():
    assert "lastmodified" not in as_gexf(at(LOG))
    assert "<creator>" in as_gexf(at(LOG))


def test_a_wrong_ending_or_place_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"end in \.graphml or \.gexf or \.json"):
        write(at(LOG), tmp_path / "g.png")
    with pytest.raises(ConfigError, match="cannot be written"):
        write(at(LOG), tmp_path / "nowhere" / "g.json")
