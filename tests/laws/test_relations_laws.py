"""Laws of the relationship graph, over logs of any acts between up to four agents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.events.acts import fold
from peersim.events.deeds import UNKIND, Act, Acted
from peersim.events.log import EventLog, event_id
from peersim.events.marks import Ended, Enrolled, RoundBegan
from peersim.relations.export import as_json
from peersim.relations.graph import at, at_end_of_interaction, recollected
from peersim.relations.layers import distortion
from peersim.relations.rules import PAYOFF, PROMISES, RULES, SCALES

NAMES = ("Ada", "Bo", "Cy", "Di")
COUNTED = {"promises": PROMISES, "transfer": PAYOFF}  # the others count every act
PAIRS = [(a, b) for a in NAMES for b in NAMES if a != b]


@st.composite
def acts(draw):
    """One act, done in part, wholly or not at all."""
    actor, target = draw(st.sampled_from(PAIRS))
    maximum = draw(st.integers(1, 30))
    return Acted(
        round=1,
        actor=actor,
        target=target,
        act=draw(st.sampled_from(Act)),
        amount=draw(st.integers(0, maximum)),
        maximum=maximum,
    )


ENROLLED = [Enrolled(agent=name, persona="neutral", model="simulated/x") for name in NAMES]
marks = st.integers(1, 9).map(lambda number: RoundBegan(round=number))
tails = st.lists(st.one_of(acts(), marks), max_size=25)
logs = tails.map(lambda tail: [*ENROLLED, *tail])
rules = st.sampled_from(list(RULES))


@given(tails, tails)
def test_a_log_folded_in_two_parts_is_the_log_folded_whole(a, b):
    assert fold([*a, *b]) == fold(b, len(a), fold(a))


@given(logs, tails, rules, st.data())
def test_a_step_depends_on_what_came_before_it_alone(log, other, rule, data):
    step = data.draw(st.integers(0, len(log)))
    assert as_json(at(log, step, rule)) == as_json(at([*log[:step], *other], step, rule))
    assert as_json(at(log, step, rule)) == as_json(at(log[:step], rule=rule))


@given(logs, tails, rules)
def test_the_end_of_the_interaction_depends_on_nothing_later(log, later, rule):
    done = [*log, Ended(phase="interaction", reason="done")]
    whole = [*done, *later, Ended(phase="oversight", reason="done")]
    assert as_json(at_end_of_interaction(whole, rule)) == as_json(at_end_of_interaction(done, rule))


@given(logs, rules)
def test_a_weight_keeps_to_its_scale_and_lists_its_acts(log, rule):
    counted = COUNTED.get(rule, frozenset(Act))
    for source, target, edge in at(log, rule=rule).edges(data=True):
        own = [
            event_id(position)
            for position, event in enumerate(log)
            if isinstance(event, Acted)
            and (event.actor, event.target) == (source, target)
            and event.act in counted
        ]
        assert edge["events"].split() == own
        assert ("weight" in edge) == bool(own)
        scale = SCALES[rule]
        if own and scale.low is not None:
            assert scale.low <= edge["weight"] <= scale.high
        if rule in {"beta", "decay"}:
            assert 0 < edge["weight"] < 1


@given(logs, rules, rules)
def test_another_rule_leaves_who_dealt_with_whom_alone(log, one, other):
    first, second = at(log, rule=one), at(log, rule=other)
    assert list(first.nodes) == list(second.nodes)
    assert list(first.edges) == list(second.edges)
    free = {"weight", "rule", "events"}
    for pair in first.edges:
        a, b = first.edges[pair], second.edges[pair]
        assert {k: a[k] for k in a.keys() - free} == {k: b[k] for k in b.keys() - free}


@given(logs, rules, st.permutations(NAMES))
def test_renaming_agents_renames_the_graph(log, rule, names):
    new = dict(zip(NAMES, names, strict=True))

    def renamed(event):
        fields = ("agent", "actor", "target")
        changed = {f: new[getattr(event, f)] for f in fields if hasattr(event, f)}
        return event.model_copy(update=changed)

    old, found = at(log, rule=rule), at([renamed(event) for event in log], rule=rule)
    assert [new[name] for name in old.nodes] == list(found.nodes)
    assert [(new[a], new[b], edge) for a, b, edge in old.edges(data=True)] == list(
        found.edges(data=True)
    )


@given(logs, acts(), rules)
def test_one_more_act_changes_its_own_tie_alone_and_moves_a_reputation_towards_it(log, last, rule):
    pair = (last.actor, last.target)
    before, after = at(log, rule=rule), at([*log, last], rule=rule)
    for other in before.edges:
        if other != pair:
            assert after.edges[other] == before.edges[other]
    if rule == "beta":
        old = before.edges[pair]["weight"] if before.has_edge(*pair) else 0.5
        done = last.amount / last.maximum
        kindness = 1 - done if last.act in UNKIND else done
        low, high = sorted((old, kindness))
        assert low - 1e-9 <= after.edges[pair]["weight"] <= high + 1e-9


@given(logs, rules)
def test_who_recollects_everything_is_not_distorted(log, rule):
    everything = [event_id(position) for position in range(len(log))]
    assert distortion(at(log, rule=rule), recollected(EventLog(log).items(), everything, rule)) in {
        0,
        None,
    }


@pytest.mark.parametrize("rule", ["beta", "decay"])
@given(tail=tails)
def test_the_order_of_ties_among_each_other_does_not_matter(rule, tail):
    kept = [event for event in tail if isinstance(event, Acted)]
    sorted_by_pair = sorted(kept, key=lambda event: (event.actor, event.target))
    one, other = at(kept, rule=rule), at(sorted_by_pair, rule=rule)
    for pair in one.edges:
        assert one.edges[pair]["weight"] == other.edges[pair]["weight"]
