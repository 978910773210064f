"""Summaries over models against published figures, and where models agree by luck."""

import numpy as np
import pytest

from peersim.stats.several import summarise

# The BCG trials (Colditz 1994) as log risk ratios and their variances, as in metafor's dat.bcg.
EFFECTS = [
    *(-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209),
    *(0.0120, -0.4694, -1.3713, -0.3394, 0.4459, -0.0173),
]
VARIANCES = [
    *(0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230),
    *(0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714),
]


def test_the_published_example() -> None:
    found = summarise(EFFECTS, np.sqrt(VARIANCES).tolist())

    # DerSimonian-Laird: tau² .3088, mean -.7141, I² 92.1 %; with Knapp and Hartung's error .1807
    # and limits -1.108 and -.320.
    assert found.tau**2 == pytest.approx(0.3088, abs=5e-4)
    assert found.estimate == pytest.approx(-0.7141, abs=5e-4)
    assert found.i2 == pytest.approx(0.9212, abs=1e-3)
    assert found.error == pytest.approx(0.1807, abs=5e-4)
    assert (found.low, found.high) == pytest.approx((-1.108, -0.320), abs=2e-3)
    assert (found.df, found.units) == (12, 13)


def test_prediction_by_hand() -> None:
    # t[11] = 2.20099 times √(tau² + error²).
    found = summarise(EFFECTS, np.sqrt(VARIANCES).tolist())
    half = 2.20099 * (found.tau**2 + found.error**2) ** 0.5

    assert found.predicted == pytest.approx(
        (found.estimate - half, found.estimate + half), abs=1e-4
    )
    assert summarise(EFFECTS[:4], [0.5] * 4).predicted is None
    assert summarise(EFFECTS[:5], [0.5] * 5).predicted is not None


def test_models_that_agree_by_luck_keep_the_common_error() -> None:
    # statsmodels lets tau² fall below 0 here, so that its errors are nan.
    for effects in ([0.1, 0.1], [0.1, 0.1001, 0.0999], [0.0, 0.0, 0.0]):
        found = summarise(effects, [0.1] * len(effects))

        assert found.error == pytest.approx(0.1 / len(effects) ** 0.5)
        assert (found.tau, found.i2) == (0, 0)
        assert found.low < found.estimate < found.high
        assert found.notes


@pytest.mark.parametrize(("effects", "errors"), [([0.1], [0.1]), ([0.1, 0.2], [0.1])])
def test_one_model_is_no_summary(effects, errors) -> None:
    with pytest.raises(ValueError, match="at least two models"):
        summarise(effects, errors)


def test_a_model_without_an_error_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        summarise([0.1, 0.2], [0.0, 0.1])


@pytest.mark.parametrize(("models", "tau"), [(3, 0.0), (5, 0.1), (8, 0.2)])
def test_coverage(models, tau) -> None:
    # 500 draws: 95 % less 3 errors is .92.
    rng, inside = np.random.default_rng(19), 0
    for _ in range(500):
        errors = rng.uniform(0.03, 0.12, models)
        found = summarise(rng.normal(0.1, np.sqrt(errors**2 + tau**2)).tolist(), errors.tolist())
        inside += found.low <= 0.1 <= found.high

    assert inside / 500 >= 0.92
