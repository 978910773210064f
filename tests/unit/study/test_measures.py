"""The measures of a scenario are those that its trials have, whatever became of them."""

import pytest
from support.kinds import kinds
from support.studies import arm, run, study

from peersim.memory.declared import Declared
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.evaluation import Evaluation
from peersim.oversight.kinds import AnyScenario
from peersim.readings.outcomes import SCORES
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.exporting.measures import MEASURES
from peersim.study.measures import all_measures, is_event, measures_of

SCENARIOS = [*(kind() for kind in kinds(AnyScenario)), Evaluation(dataset="creative")]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: f"{one.kind}-{len(str(one))}")
def test_the_measures_of_a_scenario_are_those_of_its_trials(scenario, tmp_path):
    around = ({}, {"stakes": "none"}, {"target": "self"}, {"standing": "above"})
    arms = tuple(
        arm("cooperative", Declared(), a=str(one)).model_copy(
            update={"scenario": scenario, "circumstances": Circumstances(**one)}
        )
        for one in around
    )
    run(study(4, arms=arms), tmp_path)
    for row in rows(RunView(tmp_path)):
        numbers = {name for name in row.values if not is_text(name)}
        assert numbers == measures_of(scenario) <= all_measures()


def is_text(name):
    return name in MEASURES and MEASURES[name].type == "string"


def test_a_measure_is_an_event_or_a_score():
    assert is_event("protected")
    assert is_event("flag_off")
    assert not is_event("signed_error")
    assert not is_event("of_another_scenario")
    assert {name for name in all_measures() if not is_event(name)} <= SCORES
    assert not {"route", "flag_final"} & all_measures()
