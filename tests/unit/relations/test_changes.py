"""The difference of two graphs, tie by tie."""

from peersim.events.deeds import Act, Acted
from peersim.relations.changes import Change, diff
from peersim.relations.graph import at


def act(actor, target, amount, kind=Act.HELPED):
    return Acted(round=1, actor=actor, target=target, act=kind, amount=amount, maximum=10)


LOG = [act("Ada", "Bo", 10), act("Bo", "Cy", 5), act("Ada", "Bo", 10), act("Cy", "Ada", 0)]


def test_ties_are_added_and_changed():
    found = diff(at(LOG, 2, "ledger"), at(LOG, rule="ledger"))
    assert found.added == (Change(source="Cy", target="Ada", old=None, new=0, events=("e3",)),)
    assert found.removed == ()
    assert found.changed == (Change(source="Ada", target="Bo", old=10, new=20, events=("e2",)),)


def test_the_other_way_round_ties_are_removed():
    there, back = diff(at(LOG, 1), at(LOG)), diff(at(LOG), at(LOG, 1))
    assert [(c.source, c.target) for c in back.removed] == [("Bo", "Cy"), ("Cy", "Ada")]
    assert [(c.old, c.new) for c in back.removed] == [(c.new, c.old) for c in there.added]


def test_a_graph_does_not_differ_from_itself():
    found = diff(at(LOG), at(LOG))
    assert (found.added, found.removed, found.changed) == ((), (), ())


def test_to_gain_a_weight_is_a_change():
    promised = [*LOG, act("Bo", "Cy", 10, Act.KEPT_PROMISE)]
    found = diff(at(LOG, rule="promises"), at(promised, rule="promises"))
    assert found.changed == (Change(source="Bo", target="Cy", old=None, new=1, events=("e4",)),)
