"""What histories contribute: the cells that rare events are read from give the same estimate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.analysis.arms import arm_key
from peersim.analysis.contributions import Contributions, made_of
from peersim.analysis.procedures import Group, procedure, rare
from peersim.analysis.sides import Layout, Stratum
from peersim.stats.intervals import evenly, pooled

ARMS = [{"arm": name} for name in "pqrs"]
values = st.lists(st.sampled_from([0.0, 0.0, 1.0]), min_size=1, max_size=4)
arms = st.lists(values, min_size=5, max_size=5)


def forked(tables: list[list[list[float]]]) -> Contributions:
    """Arms p and q on side a, r and s on b, all forked from the same histories."""
    units = [("history", f"h{place}") for place in range(5)]
    sides = {"a": (ARMS[0], ARMS[1]), "b": (ARMS[2], ARMS[3])}
    found = Layout(sides, (Stratum(sides, frozenset(units)),), "within", (), ())
    return made_of(
        found,
        {
            arm_key(arm): dict(zip(units, table, strict=True))
            for arm, table in zip(ARMS, tables, strict=True)
        },
    )


def apart(tables: list[list[list[float]]]) -> Contributions:
    """Side a of two sets of histories, one larger than the other; side b of another two."""
    strata, given = [], {}
    for place, (arm, table) in enumerate(zip(ARMS, tables, strict=True)):
        kept = table if place % 2 else table[:3]
        units = [("history", f"{place}-{number}") for number in range(len(kept))]
        side = "a" if place < 2 else "b"
        of = {name: (arm,) if name == side else () for name in "ab"}
        strata.append(Stratum(of, frozenset(units)))
        given[arm_key(arm)] = dict(zip(units, kept, strict=True))
    sides = {"a": (ARMS[0], ARMS[1]), "b": (ARMS[2], ARMS[3])}
    return made_of(Layout(sides, tuple(strata), "between", (), ()), given)


@given(st.lists(arms, min_size=4, max_size=4), st.sampled_from([forked, apart]))
def test_the_cells_give_the_estimate_however_unequal_trials_and_sets_are(tables, make) -> None:
    used = make(tables)
    by_cells = sum(weight * pooled(evenly(of)) for weight, of in used.cells)

    assert by_cells == pytest.approx(used.estimate)
    assert rare(used.cells).estimate == pytest.approx(used.estimate)
    for chosen in (rare(used.cells), procedure(used.groups, used.cells)):
        found = chosen.limits(0.95)
        assert found.low - 1e-9 <= used.estimate <= found.high + 1e-9


@given(st.lists(arms, min_size=4, max_size=4))
def test_an_interval_excludes_nothing_that_the_flips_of_few_signs_do_not(tables) -> None:
    used = forked(tables)
    chosen = procedure(used.groups, used.cells)
    found = chosen.limits(0.95)

    assert chosen.p() >= 2 / 2**5
    assert found.low <= 0 <= found.high


def test_sets_of_one_size_are_two_cells_of_weight_one() -> None:
    used = forked([[[1.0, 0.0]] * 5, [[0.0]] * 5, [[0.0]] * 5, [[0.0]] * 5])

    assert [weight for weight, _ in used.cells] == [1, -1]
    # One of two trials in one arm and none of one in the other: a quarter, of 8/3 trials.
    assert used.cells[0][1][0] == pytest.approx((2 / 3, 8 / 3))
    assert used.sides["a"].mean == pytest.approx(0.25)
    assert used.sides["a"].trials == 15


def test_six_discordant_histories_are_enough_for_their_signs_to_speak() -> None:
    of = (1.0,) * 6 + (0.0,) * 30
    counts = [(1.0, [(round(v), 1) for v in of]), (-1.0, [(0, 1)] * 36)]

    assert procedure([Group(1, of, 2)], counts).method.startswith("paired t")
    fewer = (0.0, *of[1:])
    counts[0] = (1.0, [(round(v), 1) for v in fewer])
    assert procedure([Group(1, fewer, 2)], counts).method.startswith("MOVER")
