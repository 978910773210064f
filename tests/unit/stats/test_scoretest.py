"""Cluster flips: against the sign-flip test, without spread, and their size with few surfaces."""

import numpy as np
import pytest

from peersim.stats import draws
from peersim.stats.permute import sign_flip_p
from peersim.stats.scoretest import score_flip_p

ARMS = {"a": 1.0, "b": -1.0}


def test_flips_of_histories_are_the_sign_flips_of_their_differences() -> None:
    # With equal histories the studentised statistic orders the flips as the mean does.
    rng = np.random.default_rng(3)
    d = rng.normal(0.4, 1, 9)
    y = np.stack([d, np.zeros(9)], axis=1).ravel().tolist()
    history = np.repeat(np.arange(9), 2).tolist()

    found = score_flip_p(y, ["a", "b"] * 9, ARMS, [history], history)
    assert found == pytest.approx(sign_flip_p(d.tolist()))


def test_nothing_to_flip() -> None:
    assert score_flip_p([1.0] * 8, ["a", "b"] * 4, ARMS, [[0, 0, 1, 1] * 2]) == 1


def study(rng, histories, surfaces, trials):
    """Two forked arms, no mean effect, histories and surfaces that differ in rate and effect."""
    h = np.repeat(np.arange(histories), 2 * trials)
    k = np.tile(np.repeat(np.arange(trials), 2), histories)
    s, a = (h * trials + k) % surfaces, np.tile([1, 0], histories * trials)
    rate = 0.4 + rng.normal(0, 0.15, histories)[h] + rng.normal(0, 0.1, surfaces)[s]
    rate += a * (rng.normal(0, 0.12, surfaces)[s] + rng.normal(0, 0.12, histories)[h])
    y = (rng.random(len(h)) < rate).astype(float)
    return y.tolist(), ["ab"[1 - of] for of in a], h.tolist(), s.tolist()


@pytest.mark.parametrize(("histories", "surfaces"), [(24, 8), (12, 16)])
def test_effects_that_vary_over_surfaces_are_no_effect(histories, surfaces, monkeypatch) -> None:
    # 300 draws: 3 errors at .05 are .038.
    monkeypatch.setattr(draws, "RESAMPLES", 199)
    rng, ps = np.random.default_rng(13), []
    for _ in range(300):
        y, arm, h, s = study(rng, histories, surfaces, 4)
        ps.append(score_flip_p(y, arm, ARMS, [h, s], list(zip(h, s, strict=True))))

    assert np.mean(np.array(ps) <= 0.05) <= 0.088
