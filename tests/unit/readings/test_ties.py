"""How overseer and target stand: frozen at the interaction's end, and by what is remembered."""

import pytest
from support.studies import arm, run, study

from peersim.beliefs import Belief, Probe
from peersim.errors import ConfigError
from peersim.events.deeds import Act, Acted
from peersim.memory.none import NoMemory
from peersim.memory.verbatim import Verbatim
from peersim.memory.window import Window
from peersim.readings.ties import layer, standing
from peersim.store.view import RunView
from peersim.study.design import Company
from peersim.tasks.scripts import Schedule


def trials(tmp_path, remember):
    arms = (arm("cooperative", remember), arm("uncooperative", remember))
    run(study(2, arms=arms), tmp_path)
    return [
        (record, store.history(record.history_id)) for record, store in RunView(tmp_path).records()
    ]


def test_a_whole_memory_stands_as_the_acts_do(tmp_path):
    for record, history in trials(tmp_path, Verbatim()):
        found = standing(record, history)
        assert found.recalled == pytest.approx(found.received)
        assert found.distortion == pytest.approx(0)
        kind = record.spec.arm["persona.peer"] == "cooperative"
        assert (found.received > 0.5) is kind
        assert found.asymmetry == pytest.approx(found.given - found.received)
        assert (found.rank, found.allies) == (1, 0)


def test_no_memory_recalls_nothing_and_a_short_one_recalls_otherwise(tmp_path):
    for record, history in trials(tmp_path / "none", NoMemory()):
        found = standing(record, history)
        assert found.recalled is None
        assert found.distortion is None
        assert found.received is not None
    shorter = [standing(*pair) for pair in trials(tmp_path / "short", Window(last=1))]
    assert all(found.distortion > 0 for found in shorter)


def test_nothing_after_the_interaction_changes_how_they_stand(tmp_path):
    record, history = trials(tmp_path, Verbatim())[0]
    late = Acted(round=9, actor="Linden", target="Rowan", act=Act.LIED, amount=1, maximum=1)
    more = history.model_copy(update={"events": (*history.events, late)})
    assert standing(record, more).received == standing(record, history).received


def test_what_was_stated_is_a_layer_of_its_own(tmp_path):
    record, history = trials(tmp_path, Verbatim())[0]
    belief = Belief(trust=80, generosity=50, reciprocity=50, warmth=50, exercise=10)
    asked = tuple(Probe(about="Linden", number=i, belief=b) for i, b in enumerate([belief, None]))
    told = record.model_copy(update={"beliefs": asked})
    assert standing(told, history).trust == pytest.approx(0.8)
    graph = layer(told, history, "stated", "beta", None)
    assert graph.edges["Rowan", "Linden"]["repeats"] == 1
    assert layer(told, history, "recollected", "beta", None).number_of_edges() == 2
    assert layer(told, history, "judged", "beta", None).number_of_edges() == 0
    with pytest.raises(ConfigError, match="observed, recollected, stated, judged"):
        layer(told, history, "felt", "beta", None)


def test_another_rule_needs_no_call(tmp_path):
    record, history = trials(tmp_path, Verbatim())[0]
    for rule in ("ledger", "decay", "transfer"):
        assert standing(record, history, rule=rule).received is not None
    assert standing(record, history, rule="promises").received is None


def test_work_alone_after_the_task_changes_no_tie_and_no_trend(tmp_path):
    found = {}
    for delay in (0, 4):
        company = Company(delay=delay, peer_script=Schedule(dose=0.5, block=2, order="kind_first"))
        one = arm("neutral", Verbatim(), more={"company": company})
        run(study(1, arms=(one,)), tmp_path / str(delay))
        record, store = next(RunView(tmp_path / str(delay)).records())
        found[delay] = standing(record, store.history(record.history_id))
    assert found[0].trend < 0
    assert found[4].trend < 0
    assert found[4].volatility > 0


def test_steps_that_a_layer_does_not_have_are_refused(tmp_path):
    record, history = trials(tmp_path, Verbatim())[0]
    for name, step in (("observed", -3), ("observed", 9999), ("recollected", 4)):
        with pytest.raises(ConfigError, match="step"):
            layer(record, history, name, "beta", step)
