"""The point at which missing trials would remove significance."""

import pytest

from peersim.stats.tipping import shares_p, tipping_point


def threshold(a, b) -> float:
    """A made-up test that is significant from a difference of .2 on."""
    rates = [sum(c for c, _ in arm) / sum(m for _, m in arm) for arm in (a, b)]
    return 0.01 if abs(rates[0] - rates[1]) >= 0.2 else 0.5


def test_the_rate_by_hand() -> None:
    # 40 of 80 with 20 missing, against 10 of 100: (40 + 20 q) / 100 - .1 = .2 at no q >= 0;
    # with 40 of 80 and 80 missing it is (40 + 80 q) / 160 = .3 at q = .1.
    few = tipping_point([(40, 80, 20)], [(10, 100, 0)], p_of=threshold)
    many = tipping_point([(40, 80, 80)], [(10, 100, 0)], p_of=threshold)

    assert (few.first, few.second, few.robust) == (None, None, True)
    assert many.first == pytest.approx(0.1, abs=0.002)
    assert (many.second, many.robust, many.worst) == (None, False, 0.5)


def test_either_arm_can_tip_and_the_sign_does_not_matter() -> None:
    # 30 of 60 with none missing, against 6 of 60 with 40: (6 + 40 q) / 100 = .3 at q = .6.
    found = tipping_point([(30, 60, 0)], [(6, 60, 40)], p_of=threshold)
    turned = tipping_point([(6, 60, 40)], [(30, 60, 0)], p_of=threshold)

    assert found.second == turned.first == pytest.approx(0.6, abs=0.002)
    assert found.first is turned.second is None


def test_by_default_it_is_the_test_between_histories() -> None:
    a, b = [(2, 4, 0)] * 10 + [(1, 3, 1)] * 10, [(0, 4, 0)] * 10 + [(1, 2, 2)] * 10
    found = tipping_point(a, b)

    assert found.p == shares_p([(c, m) for c, m, _ in a], [(c, m) for c, m, _ in b]) <= 0.05
    assert found.second is not None
    assert 0.25 < found.second < 1
    assert not found.robust


def test_without_significance_there_is_nothing_to_tip() -> None:
    found = tipping_point([(0, 4, 0)] * 20, [(0, 3, 1)] * 20)

    assert (found.p, found.first, found.second, found.robust) == (1, None, None, False)
    assert found.notes


def test_an_arm_without_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="valid trial"):
        tipping_point([(0, 0, 3)], [(1, 2, 0)])
