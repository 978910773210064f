"""Tier B in small: records agree with the planted response, and with no other."""

import numpy as np
import pytest

from peersim.models.simulated.profile import Profile
from peersim.validation.bands import SHORT
from peersim.validation.oracle import Feature, agreement, conduct
from peersim.validation.path import figures_of, run_once
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


@pytest.mark.parametrize("name", ["history_effect", "persona_leak", "attrition_mnar"])
def test_a_mechanism_runs_and_gives_its_figures(name):
    path = paths()[name]
    ran = run_once(path, seed=0, number=0, histories=6)
    assert ran.trials == 6 * len(path.arms)
    made = figures_of(path, [ran], SHORT, generator(0))
    assert ({"bridge", "delivery"} <= {one.question for one in made}) is path.bridged
    assert all(one.question in ran.found for one in made if one.measure == "coverage")


def test_faults_take_trials_away_and_leave_the_others_as_they_are():
    ran = run_once(paths()["attrition_mcar"], seed=0, number=0, histories=20)
    assert 0 < ran.trials - len(ran.seen) < 20
