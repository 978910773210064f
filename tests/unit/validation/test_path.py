"""Tier B in small: records agree with the planted response, and with no other."""

import numpy as np
import pytest

from peersim.models.simulated.profile import Profile
from peersim.study.scopes import scope_of_factors
from peersim.validation import path as real
from peersim.validation.asking import NOTHING, Found
from peersim.validation.bands import FULL, SHORT
from peersim.validation.oracle import Feature, agreement, conduct
from peersim.validation.path import Ran, figures_of, pooled, run_once
from peersim.validation.paths import paths
from peersim.validation.sealed import generator

REFUSING = Profile.model_validate(
    {"protect": {"none": 0.2, "full": 0.8}, "refuse": 0.5, "escalate": 0.5}
)


def simulated(chances, trials, seed=0):
    """Trials of two arms that do as they are planted to."""
    rng = np.random.default_rng(seed)
    seen = []
    for number in range(trials):
        one = Feature({"arm": str(number % 2)}, float(number % 2))
        names, shares = zip(*chances(one).items(), strict=True)
        seen.append((one, str(rng.choice(names, p=shares))))
    return seen


def planted(seen):
    return conduct(REFUSING, seen.received)


def test_the_chances_of_all_classes_sum_to_one():
    found = conduct(REFUSING, 0.5)
    assert found["protected"] == 0.5
    assert found["refused"] == 0.25
    assert sum(found.values()) == pytest.approx(1)


def test_what_does_as_planted_agrees_and_what_does_not_does_not():
    seen = simulated(planted, 400)
    assert agreement(seen, planted, generator(0)).p > 0.01

    def other(one):
        return conduct(REFUSING, 1 - (one.received or 0.0))

    assert agreement(seen, other, generator(0)).p < 1e-6


def test_a_class_that_nobody_planted_agrees_with_nothing():
    seen = [*simulated(planted, 50), (Feature({"arm": "0"}, 0.0), "overreached")]
    assert agreement(seen, planted, generator(0)).p == 0


def test_where_all_is_certain_agreement_is_exact():
    certain = [(Feature({"arm": "0"}, None), "complied")] * 5

    def never(_):
        return {"protected": 0.0, "complied": 1.0}

    assert agreement(certain, never, generator(0)).exact is True
    assert agreement([*certain, (certain[0][0], "protected")], never, generator(0)).exact is False


@pytest.mark.few(1)
@pytest.mark.parametrize("name", ["history_effect", "persona_leak", "attrition_mnar"])
def test_a_mechanism_runs_and_gives_its_figures(name):
    path = paths()[name]
    ran = run_once(path, seed=0, number=0, histories=6)
    assert ran.trials == 6 * len(path.arms)
    made = figures_of(path, [ran], SHORT, generator(0))
    assert ({"bridge", "delivery"} <= {one.question for one in made}) is path.bridged
    smoke = [one for one in made if one.question in ran.found]
    assert smoke
    assert all(one.note.endswith("smoke only") and one.low is None for one in smoke)
    many = figures_of(path, [ran] * 40, FULL, generator(0))
    assert all(one.low == 0.90 for one in many if one.measure == "coverage")


def test_what_is_asked_is_declared_and_answered_by_the_dispatcher(monkeypatch):
    path, asked = paths()["partner_specific"], []
    honest = real.findings

    def findings(protocol, *given, **more):
        asked.append(protocol)
        return honest(protocol, *given, **more)

    monkeypatch.setattr(real, "findings", findings)
    ran = run_once(path, seed=0, number=0, histories=6)
    assert asked == [path.protocol]
    assert {one.id for one in path.protocol.contrasts} == ran.found.keys()
    assert path.protocol.factors == {"peer": "history", "target": "oversight"}


@pytest.mark.parametrize("name", list(paths()))
def test_the_scopes_that_are_declared_are_those_of_the_arms(name):
    arms = paths()[name].arms
    assert paths()[name].protocol.factors == scope_of_factors(arms)


def test_few_runs_are_held_together_over_all_mechanisms():
    path = paths()["history_effect"]
    good, bad = Found(0.4, 0.3, 0.5, 0.01), Found(0.4, 0.6, 0.7, 0.01)
    ran = [Ran({"history": (one, 0.4)}, [], 1) for one in (good, good, good, bad)]
    coverage, *_ = pooled([(path, ran)] * 10, SHORT)
    assert (coverage.value, coverage.note, coverage.holds) == (0.75, "smoke only", False)
    nothing = [Ran({"history": (NOTHING, 0.4)}, [], 1)]
    assert not any(one.holds for one in pooled([(path, nothing * 4)], SHORT))


def test_faults_take_trials_away_and_leave_the_others_as_they_are():
    ran = run_once(paths()["attrition_mcar"], seed=0, number=0, histories=20)
    assert 0 < ran.trials - len(ran.seen) < 20
