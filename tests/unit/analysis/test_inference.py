"""The dispatcher of declared contrasts: its method for each design, and what it refuses."""

from collections.abc import Callable
from itertools import product
from math import floor

import numpy as np
import pytest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from peersim.analysis.claims import FEWEST_PAIRS
from peersim.analysis.contrasts import estimate
from peersim.analysis.declared import Finding, Part
from peersim.analysis.inference import answer
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.dose import jonckheere
from peersim.stats.gee import gee_contrast
from peersim.stats.intervals import clustered_difference
from peersim.stats.scores import bca_mean, bca_sum
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol

Maker = Callable[..., list[TrialRow]]
SCOPES = {"script": "history", "target": "oversight", "dose": "history", "note": "oversight"}
GOOD, BAD = {"script": "good"}, {"script": "bad"}
PEER, OTHER = {"target": "peer"}, {"target": "other"}
PAST = Contrast(id="past", a=GOOD, b=BAD)
WHOM = Contrast(id="whom", a=PEER, b=OTHER)
DID = Contrast(
    id="did",
    a=GOOD | PEER,
    b=GOOD | OTHER,
    c=BAD | PEER,
    d=BAD | OTHER,
    estimand="partner, not mood",
)


def asked(contrast: Contrast, rows: list[TrialRow], **options: object) -> Finding:
    return answer(contrast, Protocol(factors=SCOPES, contrasts=(contrast,)), rows, **options)


def drawn(seed: int, rate: float, histories: int = 20, trials: int = 4) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    return (rng.random((histories, trials)) < rate).astype(float).tolist()


@pytest.fixture
def crossed(arm_rows: Maker) -> list[TrialRow]:
    """Two sets of 20 histories, each forked into two arms."""
    rows = []
    for seed, (script, target) in enumerate(product([GOOD, BAD], [PEER, OTHER])):
        rate = 0.8 if seed == 0 else 0.4
        rows += arm_rows(script | target, drawn(seed, rate), first=0 if script is GOOD else 100)
    return rows


def test_a_history_factor_is_compared_between_histories(crossed: list[TrialRow]) -> None:
    found = asked(PAST, crossed)

    assert (found.level, found.unit, found.shape) == ("between", "history", "difference")
    assert found.method == "Welch t on history means, permutation p (that of t, if larger)"
    assert [side.histories for side in found.sides] == [20, 20]
    assert [side.trials for side in found.sides] == [160, 160]
    assert found.estimate == pytest.approx(found.sides[0].mean - found.sides[1].mean)
    assert found.low < found.estimate < found.high


def test_one_arm_a_side_is_what_two_arms_are(crossed: list[TrialRow]) -> None:
    one = PAST.model_copy(update={"a": GOOD | PEER, "b": BAD | PEER})
    found, plain = asked(one, crossed), estimate(GOOD | PEER, BAD | PEER, crossed, "protected")

    assert (found.estimate, found.low, found.high) == pytest.approx(
        (plain.difference, plain.low, plain.high)
    )
    assert (found.p, found.df, found.method) == pytest.approx((plain.p, plain.df, plain.method))


def test_a_fork_factor_is_compared_within_histories_of_all_pasts(crossed: list[TrialRow]) -> None:
    found = asked(WHOM, crossed)

    assert found.level == "within"
    assert found.method == "paired t on history differences, sign-flip p (that of t, if larger)"
    assert (found.sides[0].histories, found.df) == (40, 39)


def test_history_by_fork_is_welch_on_differences(crossed: list[TrialRow]) -> None:
    found = asked(DID, crossed)
    a, b, c, d = (side.mean for side in found.sides)

    assert (found.level, found.shape) == ("between", "did")
    assert found.method == "Welch t on history differences, permutation p (that of t, if larger)"
    assert found.estimate == pytest.approx((a - b) - (c - d))
    assert found.p < 0.05


def test_two_fork_factors_differ_within_each_history(arm_rows: Maker) -> None:
    rows = []
    for seed, (target, note) in enumerate(product([PEER, OTHER], ["yes", "no"])):
        rows += arm_rows(target | {"note": note}, drawn(seed, 0.7 if seed == 0 else 0.3))
    cells = [t | {"note": n} for t, n in product([PEER, OTHER], ["yes", "no"])]
    one = Contrast(id="both", **dict(zip("abcd", cells, strict=True)))
    found = asked(one, rows)

    assert (found.level, found.df) == ("within", 19)
    assert found.method.startswith("paired t")


def test_two_history_factors_differ_over_four_sets(arm_rows: Maker) -> None:
    cells = [s | {"order": o} for s, o in product([GOOD, BAD], ["first", "last"])]
    rows = []
    for seed, cell in enumerate(cells):
        rows += arm_rows(cell, drawn(seed, 0.7 if seed == 0 else 0.4), first=100 * seed)
    one = Contrast(id="both", **dict(zip("abcd", cells, strict=True)))
    found = answer(one, Protocol(factors=SCOPES | {"order": "history"}, contrasts=(one,)), rows)

    assert found.level == "between"
    assert found.method == (
        "Welch-Satterthwaite t on the means of 4 sets of histories, "
        "permutation p (that of t, if larger)"
    )
    assert found.df < 76


def test_rare_events_go_to_mover(arm_rows: Maker) -> None:
    few, more = [[0, 0, 0, 0]] * 18 + [[1, 0, 0, 0]] * 2, [[1, 0, 0, 0]] * 8 + [[0, 0, 0, 0]] * 12
    found = asked(PAST, [*arm_rows(GOOD, more), *arm_rows(BAD, few, first=100)])
    counts = [[(sum(of), 4) for of in side] for side in (more, few)]
    limits = clustered_difference(counts[0], counts[1])

    assert found.method.startswith("MOVER on Korn-Graubard limits")
    assert (found.low, found.high) == (limits.low, limits.high)
    assert (found.p < 0.05) == (found.low > 0)


def test_single_trials_are_counted(arm_rows: Maker) -> None:
    rows = [*arm_rows(GOOD, [[1]] * 14 + [[0]] * 6), *arm_rows(BAD, [[0]] * 20, first=100)]

    assert (
        asked(PAST, rows).method
        == "Newcombe interval, Boschloo p (that of the interval, if larger)"
    )


def test_no_event_at_all_still_has_limits(arm_rows: Maker) -> None:
    rows = [*arm_rows(PEER, [[0, 0]] * 20), *arm_rows(OTHER, [[0, 0]] * 20)]
    found = asked(WHOM, rows)

    assert (found.estimate, found.p) == (0, 1)
    assert found.low < -0.1 < 0.1 < found.high
    assert "no discordant history" in found.notes


def test_sixteen_surfaces_are_clusters_too(arm_rows: Maker) -> None:
    rows = []
    for seed, target in enumerate([PEER, OTHER]):
        made = arm_rows(target, drawn(seed, 0.7 - 0.3 * seed, 48))
        rows += [
            row.model_copy(update={"surface": f"s{int(row.history_id[1:]) % 16}"}) for row in made
        ]
    found = asked(WHOM, rows)

    assert "clustered by history and surface" in found.method
    assert found.df == 15
    (alone,) = found.sensitivity
    assert alone.estimate == pytest.approx(found.estimate)
    assert alone.method.startswith("paired t")
    assert found.surfaces.count == 16
    low, high = found.surfaces.left_out
    assert low <= found.estimate <= high


def on_surfaces(rows: list[TrialRow], many: int) -> list[TrialRow]:
    return [
        row.model_copy(update={"surface": f"s{int(row.history_id[1:]) % many}"}) for row in rows
    ]


def test_eight_surfaces_are_shown_beside_the_paired_test(arm_rows: Maker) -> None:
    rows = [*arm_rows(PEER, drawn(0, 0.7, 48)), *arm_rows(OTHER, drawn(1, 0.4, 48))]
    eight, seven, all_alike = (asked(WHOM, on_surfaces(rows, many)) for many in (8, 7, 1))

    assert eight.method.startswith("paired t")
    (beside,) = eight.sensitivity
    assert "clustered by history and surface" in beside.method
    assert (beside.df, beside.estimate) == (7, pytest.approx(eight.estimate))
    assert "said of these 8 wordings alone" in eight.notes
    assert seven.sensitivity == ()
    assert "said of this one wording alone" in all_alike.notes
    assert not [note for note in asked(WHOM, on_surfaces(rows, 16)).notes if "alone" in note]


def test_surfaces_of_pooled_scenarios_are_each_scenario_s_own(arm_rows: Maker) -> None:
    rows = []
    for place, (scenario, target) in enumerate(product(["x", "y"], [PEER, OTHER])):
        made = arm_rows({"scenario": scenario} | target, drawn(place, 0.7 if place % 2 else 0.3))
        rows += [
            row.model_copy(update={"surface": f"{scenario}{int(row.history_id[1:]) % 4}"})
            for row in made
        ]
    found = asked(WHOM, rows)

    assert found.surfaces.count == 8
    assert found.surfaces.sd is not None
    low, high = found.surfaces.left_out
    assert low < found.estimate < high
    assert "said of these 8 wordings alone" in found.notes
    # Both scenarios grew from the same histories: no summary as if they were independent.
    assert [part.name for part in found.parts] == ["scenario=x", "scenario=y"]


def test_equal_effects_on_all_surfaces_have_no_spread_between_them(arm_rows: Maker) -> None:
    rows = []
    for target, of in ((PEER, [1, 1]), (OTHER, [0, 1])):
        rows += [
            row.model_copy(update={"surface": f"s{int(row.history_id[1:]) % 4}"})
            for row in arm_rows(target, [of] * 20)
        ]
    found = asked(WHOM, rows).surfaces

    assert (found.count, found.sd, found.modal_share, found.left_out) == (4, 0, 1, (0.5, 0.5))


@pytest.mark.parametrize("forked", [True, False])
def test_a_dose_has_a_slope_and_a_shape(arm_rows: Maker, forked: bool) -> None:
    rows, levels = [], [0.1, 0.5, 0.9]
    for place, dose in enumerate(levels):
        first = 0 if forked else 100 * place
        rows += arm_rows({"dose": str(dose)}, drawn(place, 0.2 + 0.6 * dose), first=first)
    one = Contrast(id="slope", dose="dose", alternative="greater")
    scopes = {"dose": "oversight" if forked else "history"}
    found = answer(one, Protocol(factors=scopes, contrasts=(one,)), rows)

    assert found.level == ("within" if forked else "between")
    assert found.method.startswith("paired t on slopes" if forked else "OLS slope on history means")
    assert found.estimate == pytest.approx(0.6, abs=0.25)
    assert found.p < 0.05
    assert [point.dose for point in found.doses] == levels
    fitted = [point.monotone for point in found.doses]
    assert fitted == sorted(fitted)
    shape, *more = found.sensitivity
    assert shape.method.startswith("Page" if forked else "Williams")
    assert len(more) == (0 if forked else 1)


def test_a_trend_between_histories_has_jonckheere_beside_its_slope(arm_rows: Maker) -> None:
    tables = [[[0.0] * 4, [1, 0, 0, 0]] * 4, [[1, 0, 0, 0]] * 8, [[1, 1, 0, 0], [1, 1, 1, 0]] * 4]
    one = Contrast(id="slope", dose="dose")
    found = asked(one, dosed(arm_rows, tables, False))
    (_, rising) = found.sensitivity
    known = jonckheere([[sum(of) / 4 for of in table] for table in tables])

    assert rising.name == "rising or falling throughout"
    assert rising.p == known.p < 0.001
    assert rising.method == "Jonckheere-Terpstra, permutation p; 24 histories"


def dosed(arm_rows: Maker, tables: list[list[list[float]]], forked: bool) -> list[TrialRow]:
    return [
        row
        for dose, values in enumerate(tables)
        for row in arm_rows({"dose": str(dose)}, values, first=0 if forked else 100 * dose)
    ]


@pytest.mark.parametrize("forked", [True, False])
def test_one_event_in_all_doses_is_no_proof_of_flatness(arm_rows: Maker, forked: bool) -> None:
    tables = [[[0.0] * 4 for _ in range(12)] for _ in range(4)]
    tables[2][5][1] = 1.0
    rows = dosed(arm_rows, tables, forked)
    one = Contrast(id="flat", dose="dose", alternative="equivalent", margin=0.02)
    scopes = {"dose": "oversight" if forked else "history"}
    found = answer(one, Protocol(factors=scopes, contrasts=(one,)), rows)

    assert found.method.startswith("MOVER on Korn-Graubard limits of each dose")
    assert found.p > 0.05
    assert found.low < -0.02 < 0.02 < found.high
    assert found.estimate == pytest.approx(0.1 / 48)
    both = one.model_copy(update={"alternative": "two_sided", "margin": None})
    two = answer(both, Protocol(factors=scopes, contrasts=(both,)), rows)
    assert two.low < found.low < 0 < found.high < two.high
    assert two.p > 0.05


def test_a_flat_dose_is_found_flat_where_the_histories_are_many(arm_rows: Maker) -> None:
    rows = dosed(arm_rows, [drawn(dose, 0.02, 100) for dose in range(4)], False)
    one = Contrast(id="flat", dose="dose", alternative="equivalent", margin=0.02)
    found = answer(one, Protocol(factors=SCOPES, contrasts=(one,)), rows)

    assert found.p < 0.05


@pytest.mark.slow
def test_the_limits_of_rare_doses_cover_and_do_not_claim_flatness(arm_rows: Maker) -> None:
    rates, rng = [0.0, 0.02, 0.04, 0.06], np.random.default_rng(8)
    one = Contrast(id="flat", dose="dose", alternative="equivalent", margin=0.02)
    plan = Protocol(factors=SCOPES, contrasts=(one,))
    covered = claimed = 0
    for _ in range(50):
        tables = [(rng.random((12, 4)) < rate).astype(float).tolist() for rate in rates]
        found = answer(one, plan, dosed(arm_rows, tables, False))
        covered += found.low <= 0.02 <= found.high
        claimed += found.p <= 0.05

    # Limits at 90 %; the slope is the margin, so that a claim is false.
    assert covered >= 45
    assert claimed <= 4


def test_lost_trials_bound_a_slope_too(arm_rows: Maker) -> None:
    tables = [[[0, 1]] * 10, [[0, 1]] * 10, [[0, "provider"]] * 10]
    one = Contrast(id="slope", dose="dose")
    found = answer(one, Protocol(factors=SCOPES, contrasts=(one,)), dosed(arm_rows, tables, False))

    assert found.bounds == pytest.approx(((0 - 0.5) / 2, (0.5 - 0.5) / 2))


def test_a_trend_of_trials_without_history_says_so(arm_rows: Maker) -> None:
    rows = [
        row
        for dose, rate in enumerate([0.3, 0.5, 0.7])
        for row in arm_rows({"dose": str(dose)}, drawn(dose, rate, 20, 1), first=None)
    ]
    one = Contrast(id="slope", dose="dose")

    assert answer(one, Protocol(factors=SCOPES, contrasts=(one,)), rows).unit == "trial"


def test_equivalence_is_claimed_by_its_margin_alone(crossed: list[TrialRow]) -> None:
    one = Contrast(id="same", a=GOOD | OTHER, b=BAD | OTHER, alternative="equivalent", margin=0.9)
    found = asked(one, crossed)
    narrow = asked(one.model_copy(update={"margin": 0.01}), crossed)

    assert found.equivalence.confidence == pytest.approx(0.9)
    assert found.p == found.equivalence.p < 0.05
    assert narrow.p > 0.05
    assert (found.equivalence.low, found.equivalence.high) == found.excluded
    assert (found.low, found.high, found.confidence) == (*found.excluded, pytest.approx(0.9))


def test_equivalence_is_schuirmann_s_two_one_sided_tests(crossed: list[TrialRow]) -> None:
    def means(arm: dict[str, str]) -> list[float]:
        own: dict[str, list[float]] = {}
        for row in crossed:
            if row.arm == arm:
                own.setdefault(row.history_id, []).append(row.values["protected"])
        return [sum(of) / len(of) for _, of in sorted(own.items())]

    within = Contrast(id="w", a=GOOD | PEER, b=GOOD | OTHER, alternative="equivalent", margin=0.6)
    between = Contrast(id="b", a=GOOD | OTHER, b=BAD | OTHER, alternative="equivalent", margin=0.3)
    pairs = np.subtract(means(GOOD | PEER), means(GOOD | OTHER))
    paired = DescrStatsW(pairs)
    welch = CompareMeans(DescrStatsW(means(GOOD | OTHER)), DescrStatsW(means(BAD | OTHER)))

    one, two = asked(within, crossed), asked(between, crossed)
    assert one.p == pytest.approx(paired.ttost_mean(-0.6, 0.6)[0], rel=1e-4)
    assert one.df == 19
    assert one.excluded == pytest.approx(paired.tconfint_mean(0.1))
    assert two.p == pytest.approx(welch.ttost_ind(-0.3, 0.3, usevar="unequal")[0], rel=1e-4)
    assert two.method.startswith("Welch t on history means")


def test_without_spread_no_equivalence_of_scores_is_claimed(arm_rows: Maker) -> None:
    same = [[5.0]] * 20
    one = WHOM.model_copy(
        update={
            "outcome": "calls",
            "scale": "mean_diff",
            "alternative": "equivalent",
            "margin": 1.0,
        }
    )
    rows = [*arm_rows(PEER, same, measure="calls"), *arm_rows(OTHER, same, measure="calls")]
    found = asked(one, rows)

    assert (found.p, found.equivalence.low, found.excluded) == (1, None, None)


@pytest.mark.parametrize("seed", range(6))
def test_limits_of_a_claim_of_one_side_say_what_its_p_says(arm_rows: Maker, seed: int) -> None:
    rows = [
        *arm_rows(GOOD, drawn(seed, 0.45, 30)),
        *arm_rows(BAD, drawn(seed + 50, 0.32, 30), first=100),
    ]
    found = asked(PAST.model_copy(update={"alternative": "greater"}), rows)

    assert found.confidence == pytest.approx(0.9)
    if abs(found.p - 0.05) > 0.005:
        assert (found.p < 0.05) == (found.low > 0)


def test_one_sided_claims_halve_p_along_them_alone(crossed: list[TrialRow]) -> None:
    both, along, against = (
        asked(PAST.model_copy(update={"alternative": name}), crossed).p
        for name in ("two_sided", "greater", "less")
    )

    assert (along, against) == pytest.approx((both / 2, 1 - both / 2))


def test_what_is_pooled_over_models_is_given_for_each(arm_rows: Maker) -> None:
    rows = []
    for place, (model, target) in enumerate(product(["x", "y", "z"], [PEER, OTHER])):
        rate = 0.8 if target is PEER else 0.3
        rows += arm_rows(
            {"model": model} | target,
            drawn(place, rate),
            first=100 * (place // 2),
            models=(model,),
        )
    found = asked(WHOM, rows)

    names = [part.name for part in found.parts]
    assert names == ["model=x", "model=y", "model=z", "model: summary"]
    *each, summary = (part.estimate for part in found.parts)
    assert min(each) <= summary <= max(each)
    assert found.estimate == pytest.approx(sum(each) / 3)


def test_no_difference_of_rates_has_limits_beyond_one(arm_rows: Maker) -> None:
    rows = []
    for place, (model, target) in enumerate(product(["x", "y"], [PEER, OTHER])):
        rate = 0.9 if target is PEER else 0.1
        rows += arm_rows(
            {"model": model} | target,
            drawn(place, rate),
            first=100 * (place // 2),
            models=(model,),
        )
    (summary,) = [part for part in asked(WHOM, rows).parts if part.name == "model: summary"]
    assert summary.high == 1.0  # a t of one degree of freedom would go far beyond
    assert summary.low is not None
    assert -1.0 <= summary.low < (summary.estimate or 0.0)


def test_lost_trials_are_bounded(arm_rows: Maker) -> None:
    a = [[1, 1, 1, "provider"]] * 10 + [[1, 1, 0, 0]] * 10
    b = [[0, 0, 0, 1]] * 10 + [[0, 0, 1, "judge"]] * 10
    found = asked(PAST, [*arm_rows(GOOD, a), *arm_rows(BAD, b, first=100)])

    assert [side.invalid for side in found.sides] == [{"provider": 10}, {"judge": 10}]
    assert found.bounds == pytest.approx((50 / 80 - 30 / 80, 60 / 80 - 20 / 80))
    assert found.tipping is None
    assert "invalid trials: 10 of 80 (a), 10 of 80 (b)" in found.notes


def test_the_tipping_point_is_where_the_lost_undo_the_finding(arm_rows: Maker) -> None:
    a, b = [[1, 1, "provider", 0]] * 20, [[0, 1, "judge", 0]] * 10 + [[0, 1, 0, "judge"]] * 10
    rows = [*arm_rows(GOOD, a[:12] + [[1, 0, "judge", 0]] * 8), *arm_rows(BAD, b, first=100)]
    found = asked(PAST, rows)

    assert found.low > 0
    assert found.tipping is not None
    assert found.bounds[0] < 0
    # Of those seen .53 had it in a and .33 in b. It takes next to none among the lost of a alone,
    # or most of those of b alone.
    assert found.alone == {"a": 0.08, "b": 0.7}
    for name, at, step in (("a", 0.08, 0.02), ("b", 0.7, -0.02)):
        assert asked(PAST, refilled(rows, name, at)).p > 0.05
        assert asked(PAST, refilled(rows, name, at + step)).p <= 0.05


def refilled(
    rows: list[TrialRow], side: str, rate: float, contrast: Contrast = PAST
) -> list[TrialRow]:
    """The trials with the lost ones of a side at a rate, and those of the others as observed."""
    made = []
    for name in "abcd" if contrast.c else "ab":
        arm = getattr(contrast, name)
        own = [row for row in rows if row.arm == arm]
        seen = [row.values["protected"] for row in own if row.valid]
        share = rate if name == side else sum(seen) / len(seen)
        place = 0
        for row in sorted(own, key=lambda row: (row.block, row.trial_id)):
            if row.valid:
                made.append(row)
                continue
            event = floor((place + 1) * share + 1e-12) - floor(place * share + 1e-12)
            values = {"protected": float(event)}
            made.append(row.model_copy(update={"invalid": None, "values": values}))
            place += 1
    return made


def test_each_side_of_a_difference_of_differences_has_a_tipping_point(arm_rows: Maker) -> None:
    whole = []
    for seed, (script, target) in enumerate(product([GOOD, BAD], [PEER, OTHER])):
        values = drawn(seed, 0.35 if seed else 0.7)
        whole += arm_rows(script | target, values, first=0 if script is GOOD else 100)
    rows = lose(whole, every=2)
    found = asked(DID, rows)

    assert found.p <= 0.05
    assert found.alone == {"a": 0.16, "b": 0.82, "c": 0.88, "d": None}
    for name, at, step in (("a", 0.16, 0.02), ("b", 0.82, -0.02), ("c", 0.88, -0.02)):
        assert asked(DID, refilled(rows, name, at, DID)).p > 0.05
        assert asked(DID, refilled(rows, name, at + step, DID)).p <= 0.05
    assert asked(DID, refilled(rows, "d", 0.0, DID)).p <= 0.05


def lose(rows: list[TrialRow], every: int) -> list[TrialRow]:
    """The trials with every so many of them lost."""
    gone: dict[str, object] = {"invalid": "provider", "values": {}}
    return [row.model_copy(update=gone) if i % every == 0 else row for i, row in enumerate(rows)]


def test_each_side_of_an_equivalence_has_a_tipping_point(arm_rows: Maker) -> None:
    values = [[0, 1, 0, "provider"]] * 40
    rows = [*arm_rows(GOOD, values), *arm_rows(BAD, values, first=100)]
    same = PAST.model_copy(update={"alternative": "equivalent", "margin": 0.2})
    found = asked(same, rows)

    assert found.p <= 0.05
    assert {*found.alone} == {"a", "b"}
    for name, at in found.alone.items():
        assert at is not None
        nearer = at + (0.02 if at < 1 / 3 else -0.02)
        assert asked(same, refilled(rows, name, at)).p > 0.05
        assert asked(same, refilled(rows, name, nearer)).p <= 0.05


def test_lost_trials_of_one_side_can_be_too_few_to_undo_a_finding(arm_rows: Maker) -> None:
    rows = [
        *arm_rows(GOOD, [[1, 1, 1, 0]] * 19 + [[1, 1, "provider", 0]]),
        *arm_rows(BAD, [[0, 0, 1, 0]] * 19 + [[0, 0, 0, 0]], first=100),
    ]
    found = asked(PAST, rows)

    assert found.tipping is None
    assert found.alone == {"a": None}


def test_histories_of_unlike_sizes_have_gee_beside_them(arm_rows: Maker) -> None:
    a = [[1, 1, 0, 1], [1, 0, 1, "provider"]] * 10
    b = [[0, 1, 0, 0], [0, 1, "judge", "judge"]] * 10
    found = asked(PAST, [*arm_rows(GOOD, a), *arm_rows(BAD, b, first=100)])
    (gee,) = [part for part in found.sensitivity if part.name == "each trial weighing alike"]
    y = [[float(v) for v in of if not isinstance(v, str)] for of in [*a, *b]]
    known = gee_contrast(
        [v for of in y for v in of],
        [i < 20 for i, of in enumerate(y) for _ in of],
        [i for i, of in enumerate(y) for _ in of],
    )

    # By trials 50 of 70 against 20 of 60; by histories .708 against .375.
    assert gee.estimate == pytest.approx(50 / 70 - 20 / 60)
    assert found.estimate == pytest.approx((3 / 4 + 2 / 3) / 2 - (1 / 4 + 1 / 2) / 2)
    assert (gee.low, gee.high, gee.p, gee.df) == pytest.approx((known.low, known.high, known.p, 38))
    assert "bias-reduced" in gee.method
    assert gee.method.endswith("; 130 trials of 40 histories")


def test_pairs_that_lost_an_arm_are_in_gee_too(arm_rows: Maker) -> None:
    one = [[1, 0], [1, 1]] * 8
    other = [[0, 0], [1, 0]] * 7 + [["provider", "provider"]] * 2
    found = asked(WHOM, [*arm_rows(PEER, one), *arm_rows(OTHER, other)])
    (gee,) = [part for part in found.sensitivity if part.name == "each trial weighing alike"]

    assert found.sides[0].histories == 14
    assert gee.estimate == pytest.approx(24 / 32 - 7 / 28)
    assert gee.df == 14


def bootstrapped(contrast: Contrast, rows: list[TrialRow]) -> Part:
    """The bootstrap beside a finding, which holds the estimate."""
    found = asked(contrast, rows)
    (part,) = [part for part in found.sensitivity if part.method.startswith("BCa")]
    assert part.low < found.estimate < part.high
    return part


def test_forked_scores_are_bootstrapped_too(arm_rows: Maker) -> None:
    rng = np.random.default_rng(8)
    before, after = (rng.gamma(1, 3, 20).round(3).tolist() for _ in range(2))
    one = WHOM.model_copy(update={"outcome": "calls", "scale": "mean_diff"})
    rows = [
        *arm_rows(PEER, [[v] for v in before], measure="calls"),
        *arm_rows(OTHER, [[v] for v in after], measure="calls"),
    ]
    part = bootstrapped(one, rows)
    known = bca_mean([x - y for x, y in zip(before, after, strict=True)])

    assert (part.low, part.high) == pytest.approx((known.low, known.high))
    assert part.method == "BCa bootstrap of histories; 20 histories"


def test_scores_between_histories_are_bootstrapped_too(arm_rows: Maker) -> None:
    rng = np.random.default_rng(9)
    good, bad = (rng.gamma(1, 3, 20).round(3).tolist() for _ in range(2))
    one = PAST.model_copy(update={"outcome": "calls", "scale": "mean_diff"})
    rows = [
        *arm_rows(GOOD, [[v] for v in good], measure="calls"),
        *arm_rows(BAD, [[v] for v in bad], first=100, measure="calls"),
    ]
    part = bootstrapped(one, rows)
    known = bca_sum([good, bad], [1.0, -1.0])

    assert (part.low, part.high) == pytest.approx((known.low, known.high), abs=0.05)
    assert part.method == "BCa bootstrap of histories; 40 histories"


def test_the_tipping_point_is_judged_by_the_claim_s_own_test(arm_rows: Maker) -> None:
    values = [[0, 0, 0, "provider"]] * 30
    rows = [*arm_rows(GOOD, values), *arm_rows(BAD, values, first=100)]
    same = PAST.model_copy(update={"alternative": "equivalent", "margin": 0.2})
    found = asked(same, rows)

    # As many events among the lost of both sides are no difference; all against none are.
    assert found.p < 0.05
    assert 0.5 < found.tipping < 1


def refused(contrast: Contrast, rows: list[TrialRow], **options: object) -> str:
    with pytest.raises(AnalysisRefusal) as caught:
        asked(contrast, rows, **options)
    return str(caught.value)


def test_an_undeclared_contrast_is_refused(crossed: list[TrialRow]) -> None:
    with pytest.raises(AnalysisRefusal, match="past was not declared"):
        answer(PAST, Protocol(factors=SCOPES, contrasts=(WHOM,)), crossed)
    other = PAST.model_copy(update={"alpha": 0.1})
    with pytest.raises(AnalysisRefusal, match="or not like this"):
        answer(other, Protocol(factors=SCOPES, contrasts=(PAST,)), crossed)


def test_a_missing_arm_is_refused(crossed: list[TrialRow]) -> None:
    assert "no arm matches side b" in refused(
        PAST.model_copy(update={"b": {"script": "mild"}}), crossed
    )
    planned = [GOOD | PEER, GOOD | OTHER, BAD | PEER, BAD | OTHER, BAD | {"target": "self"}]
    whole = PAST.model_copy(update={"b": BAD | {"target": "self"}, "a": GOOD | PEER})
    assert "has no trials" in refused(whole, crossed, arms=planned)


def test_what_is_pooled_over_weighs_alike_whatever_its_histories(arm_rows: Maker) -> None:
    rates = {("good", "peer"): 0.8, ("good", "other"): 0.3, ("bad", "peer"): 0.4}
    rates["bad", "other"] = 0.5
    values = {
        key: drawn(place, rate, 20 if key[0] == "good" else 35)
        for place, (key, rate) in enumerate(rates.items())
    }
    rows = [
        row
        for (script, target), of in values.items()
        for row in arm_rows(
            {"script": script, "target": target}, of, first=0 if script == "good" else 100
        )
    ]
    means = {key: float(np.mean(of)) for key, of in values.items()}
    found = asked(WHOM, rows)

    # The standardised difference: the mean of that in each script, of 20 histories and of 35.
    each = [means[s, "peer"] - means[s, "other"] for s in ("good", "bad")]
    assert found.estimate == pytest.approx(sum(each) / 2)


def test_sides_that_pool_different_cells_are_refused(crossed: list[TrialRow]) -> None:
    rows = [row for row in crossed if row.arm != BAD | OTHER]

    assert "do not pool the same cells" in refused(PAST, rows)


def test_an_arm_on_both_sides_is_refused(crossed: list[TrialRow]) -> None:
    assert "is on sides a and b" in refused(PAST.model_copy(update={"b": {}}), crossed)


def test_a_factor_that_differs_unnamed_is_refused(arm_rows: Maker) -> None:
    first, second = GOOD | {"memory": "full"}, BAD | {"memory": "none"}
    rows = [*arm_rows(first, drawn(0, 0.5)), *arm_rows(second, drawn(1, 0.5), first=100)]

    assert "the sides differ in memory too" in refused(PAST, rows)
    half = PAST.model_copy(update={"a": first})
    assert "the sides differ in memory too" in refused(half, rows)
    assert asked(PAST.model_copy(update={"a": first, "b": second}), rows).level == "between"


def test_mixed_models_are_refused(crossed: list[TrialRow]) -> None:
    rows = [
        row.model_copy(update={"models": ("other",)}) if row.arm["script"] == "bad" else row
        for row in crossed
    ]

    assert "mix models" in refused(PAST, rows)


@pytest.mark.parametrize("histories", [15, 16])
def test_too_few_histories_are_refused(arm_rows: Maker, histories: int) -> None:
    rows = [
        *arm_rows(GOOD, drawn(0, 0.5, histories)),
        *arm_rows(BAD, drawn(1, 0.5), first=100),
    ]
    if histories == 16:
        assert asked(PAST, rows).sides[0].histories == 16
    else:
        assert "rests on 15 histories" in refused(PAST, rows)
        assert asked(PAST, rows, fewest=12).sides[0].histories == 15


def test_too_few_pairs_are_refused(arm_rows: Maker) -> None:
    size = FEWEST_PAIRS - 1
    rows = [*arm_rows(PEER, drawn(0, 0.5, size)), *arm_rows(OTHER, drawn(1, 0.5, size))]

    assert f"rests on {size} histories" in refused(WHOM, rows)


def test_rows_that_contradict_the_scopes_are_refused(arm_rows: Maker) -> None:
    apart = [*arm_rows(PEER, drawn(0, 0.5)), *arm_rows(OTHER, drawn(1, 0.5), first=100)]
    same = [*arm_rows(GOOD, drawn(0, 0.5)), *arm_rows(BAD, drawn(1, 0.5))]

    assert "within histories, yet by the rows it is between" in refused(WHOM, apart)
    assert "between histories, yet by the rows it is within" in refused(PAST, same)


def test_histories_shared_in_part_are_refused(arm_rows: Maker) -> None:
    rows = [*arm_rows(PEER, drawn(0, 0.5)), *arm_rows(OTHER, drawn(1, 0.5), first=10)]

    assert "share 10 of 30 histories" in refused(WHOM, rows)


def test_a_score_is_no_rate(arm_rows: Maker) -> None:
    rows = [*arm_rows(GOOD, drawn(0, 0.5)), *arm_rows(BAD, drawn(1, 0.5), first=100)]
    scores = [
        row.model_copy(update={"values": {"calls": 3.0 + row.values["protected"]}}) for row in rows
    ]
    one = PAST.model_copy(update={"outcome": "calls"})

    assert "declare scale: mean_diff" in refused(one, scores)
    found = asked(one.model_copy(update={"scale": "mean_diff"}), scores)
    assert (found.bounds, found.method) == (
        None,
        "Welch t on history means, permutation p (that of t, if larger)",
    )


def test_scores_are_compared_at_quantiles_too(arm_rows: Maker) -> None:
    same, wide = [[4.0, 5.0, 6.0]] * 20, [[4.0, 5.0, 12.0]] * 20
    one = PAST.model_copy(update={"outcome": "calls", "scale": "mean_diff"})
    rows = [
        *arm_rows(GOOD, wide, measure="calls"),
        *arm_rows(BAD, same, first=100, measure="calls"),
    ]
    (shift,) = asked(one, rows).sensitivity

    assert shift.name == "at quantiles"
    assert shift.method.startswith("10% +0.000 (+0.000 to +0.000), 25% +0.000")
    assert "90% +6.000" in shift.method


def test_sides_that_lose_different_shares_have_lee_s_bounds(arm_rows: Maker) -> None:
    whole = arm_rows(BAD, [[0, 1, 0, 1]] * 20, first=100)
    lossy = arm_rows(GOOD, [[1, 1, 0, "provider"]] * 20)
    lee = asked(PAST, [*lossy, *whole]).sensitivity[0]

    # A quarter of the whole side is cut off: 1/3 or 2/3 of what is left had it, against 2/3.
    assert "+0.000 to +0.333 among trials" in lee.method
    assert "25% of the second side" in lee.method
    assert lee.low <= 0
    assert lee.high >= 1 / 3
    assert asked(PAST, [*arm_rows(GOOD, [[1, 1, 0, 1]] * 20), *whole]).sensitivity == ()


def test_a_dose_must_be_a_number_and_have_three_levels(arm_rows: Maker) -> None:
    one = Contrast(id="slope", dose="dose")
    two = [
        row
        for place, dose in enumerate("12")
        for row in arm_rows({"dose": dose}, drawn(place, 0.5), first=100 * place)
    ]

    assert "has 2 doses" in refused(one, two)
    words = [row.model_copy(update={"arm": {"dose": "high"}}) for row in two]
    assert "has no number for dose" in refused(one, words)


def test_a_factor_without_a_scope_is_read_from_the_rows_and_said(crossed: list[TrialRow]) -> None:
    found = answer(PAST, Protocol(contrasts=(PAST,)), crossed)

    assert found.level == "between"
    assert "no scope was declared for script: the level is the rows'" in found.notes


@pytest.mark.parametrize("first", [0, 100])
def test_the_sign_is_that_of_the_sides_whatever_histories_are_called(
    arm_rows: Maker, first: int
) -> None:
    high = arm_rows(GOOD, [[1]] * 14 + [[0]] * 6, first=first)
    low = arm_rows(BAD, [[1]] * 4 + [[0]] * 16, first=50)
    found = asked(PAST, [*high, *low])

    assert found.estimate == pytest.approx(0.5)
    assert 0 < found.low < 0.5 < found.high
