"""Simulated histories: the rates they are given, the classes they make, the truth behind them."""

import numpy as np
import pytest

from peersim.validation.mechanism import chance, hide_rates
from peersim.validation.population import (
    Response,
    classes,
    draw,
    draw_lost,
    draw_traits,
    logit_for,
    many_traits,
    means,
    sd_for,
)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.4, 0.9])
@pytest.mark.parametrize("sd", [0.0, 0.9, 2.5])
def test_logits_leave_the_rate_that_was_wanted_on_average(rate, sd):
    (logit,) = logit_for(np.array([rate]), sd)
    noise = sd * np.random.default_rng(0).standard_normal(400_000)
    assert abs((1 / (1 + np.exp(-(logit + noise)))).mean() - rate) < 0.002


def test_classes_and_marks_share_what_is_left():
    half = np.full((1, 2, 1), 0.5)
    found = classes(Response({"protected": half, "refused": half}, {"covert": ("protected", half)}))
    assert found["protected"][0, 0, 0] == 0.5
    assert found["refused"][0, 0, 0] == found["covert"][0, 0, 0] == 0.25
    assert found["complied"][0, 0, 0] == 0.25


def test_what_is_drawn_is_what_was_planted():
    rng = np.random.default_rng(1)
    traits = draw_traits(2, 3_000, 1, rng)
    response = Response({"protected": chance(hide_rates([[0.3], [0.1]], sd_for(0.2)), traits)})
    drawn = draw(response, 4, rng)
    assert np.allclose(drawn["protected"].mean(axis=(1, 2, 3)), [0.3, 0.1], atol=0.02)
    assert (drawn["protected"] + drawn["complied"] == 1).all()


def test_the_truth_of_equal_arms_is_equal_to_the_last_digit():
    traits = many_traits(2, 2, np.random.default_rng(2), draws=500)
    same = hide_rates([[0.2, 0.2], [0.2, 0.2]], sd_for(0.2))
    found = means(Response({"protected": chance(same, traits)}))["protected"]
    assert np.ptp(found) == 0


def test_losses_go_by_the_outcome_where_that_is_planted():
    rng = np.random.default_rng(3)
    half = np.full((1, 500, 1), 0.5)
    response = Response({"protected": half}, lost=(np.zeros_like(half), np.ones_like(half)))
    drawn = draw(response, 4, rng)
    assert (draw_lost(response, drawn, rng) == drawn["protected"]).all()
    assert draw_lost(Response({"protected": half}), drawn, rng) is None
