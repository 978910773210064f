"""The relationship graph: a fold over acts, at any step, and at the end of the interaction."""

import pytest

from peersim.errors import AnalysisRefusal, ConfigError
from peersim.events.deeds import Act, Acted
from peersim.events.log import EventLog
from peersim.events.marks import Began, Ended, Enrolled, RoundBegan
from peersim.relations.export import FORMATS
from peersim.relations.graph import (
    at,
    at_end_of_interaction,
    by_rule,
    course,
    recollected,
    recollected_by_rule,
    steps,
)
from peersim.relations.rules import RULES

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
LATER = [
    Began(phase="oversight"),
    act("Bo", "Ada", 10),
    Enrolled(agent="Eve", persona="neutral", model="simulated/x"),
    Ended(phase="oversight", reason="done"),
]
DONE = [*LOG, Ended(phase="interaction", reason="done")]


def test_a_step_shows_what_had_happened_by_then():
    assert steps(LOG) == (2, 5, 7)
    assert at(LOG, 2).number_of_edges() == 0
    assert list(at(LOG, 2).nodes) == ["Ada", "Bo"]
    assert set(at(LOG, 5).edges) == {("Ada", "Bo"), ("Bo", "Ada")}
    assert at(LOG, 5).edges["Bo", "Ada"]["weight"] == pytest.approx(0.5)
    assert [graph.number_of_edges() for graph in course(LOG)] == [0, 2, 2]


def test_an_edge_says_all_it_rests_on():
    edge = at(LOG).edges["Bo", "Ada"]
    assert edge["weight"] == pytest.approx(1.5 / 4)  # (1 + .5 + 0) / (2 + 2)
    assert edge["events"] == "e4 e6"
    assert edge["last_event"] == "e6"
    assert edge["layer"] == "observed"
    assert edge["helped_opportunities"] == 1
    assert edge["helped_count"] == 0
    assert edge["shared_maximum"] == 10


def test_the_last_event_is_of_any_kind_and_the_events_are_those_of_the_rule():
    edge = at([*LOG, act("Ada", "Bo", 1, Act.CREDITED)], rule="transfer").edges["Ada", "Bo"]
    assert edge["events"] == "e3"
    assert edge["last_event"] == "e7"


def test_a_tie_without_a_weight_is_a_tie_without_that_attribute():
    graph = at(LOG, rule="promises")
    assert set(graph.edges) == set(at(LOG).edges)
    assert "weight" not in graph.edges["Ada", "Bo"]


def test_the_graph_says_up_to_where_it_looked():
    assert at([]).graph["max_event_seq"] == -1
    assert at(LOG, 5).graph["max_event_seq"] == 4
    assert at(LOG).graph["step"] == 7
    assert at_end_of_interaction([*DONE, *LATER]).graph["max_event_seq"] == 7


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("rule", ["beta", "promises", "ledger"])
def test_nothing_after_the_interaction_can_change_its_graph(ending, rule):
    export = FORMATS[ending]
    whole = [*DONE, *LATER]
    frozen = export(at_end_of_interaction(whole, rule))
    for length in range(len(DONE), len(whole)):
        assert export(at_end_of_interaction(whole[:length], rule)) == frozen
    assert export(at(whole, rule=rule)) != frozen


def test_an_interaction_that_has_not_ended_has_no_end():
    with pytest.raises(AnalysisRefusal, match="has no end"):
        at_end_of_interaction(LOG)
    with pytest.raises(AnalysisRefusal, match="has no end"):
        at_end_of_interaction([*LOG, Ended(phase="oversight", reason="done")])


def test_what_is_cited_is_recollected_and_nothing_else():
    graph = recollected(EventLog(LOG).items(), ["e0", "e4", "e99"])
    assert list(graph.nodes) == ["Ada", "Bo"]
    assert list(graph.edges) == [("Bo", "Ada")]
    assert graph.edges["Bo", "Ada"]["events"] == "e4"
    assert graph.edges["Bo", "Ada"]["layer"] == graph.graph["layer"] == "recollected"


def test_an_unknown_rule_is_named():
    with pytest.raises(ConfigError, match="no rule named 'love'"):
        at(LOG, rule="love")


def plain(graph):
    return dict(graph.graph), list(graph.nodes(data=True)), list(graph.edges(data=True))


def test_several_rules_at_once_give_what_each_gives_alone():
    cited = ["e3", "e6"]
    items = EventLog(DONE).items()
    at_once, remembered = by_rule(DONE, RULES), recollected_by_rule(items, cited, RULES)
    for rule in RULES:
        assert plain(at_once[rule]) == plain(at_end_of_interaction(DONE, rule))
        alone = recollected(EventLog(DONE).items(), cited, rule)
        assert plain(remembered[rule]) == plain(alone)
    with pytest.raises(AnalysisRefusal, match="has no end"):
        by_rule(LOG, RULES)
