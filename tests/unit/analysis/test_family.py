"""What the number of contrasts, their order and the looks cost."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from peersim.analysis import family
from peersim.analysis.declared import Finding, Refused, Worked
from peersim.analysis.family import findings
from peersim.analysis.gates import graph_p, graph_steps
from peersim.analysis.looks import Look, NotYet, may_look, rows_at, unplanned
from peersim.readings.rows import TrialRow
from peersim.stats.looks import boundaries, spending
from peersim.stats.multiplicity import bonferroni_level, holm, max_t_between
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol

Maker = Callable[..., list[TrialRow]]
LEVELS = ["none", "a", "b", "c"]
SCOPES = {"memory": "recollection"}
RATES = {"none": 0.25, "a": 0.6, "b": 0.45, "c": 0.27}


def against_none(level: str, **options: object) -> Contrast:
    return Contrast(id=level, a={"memory": level}, b={"memory": "none"}, **options)


@pytest.fixture
def rows(arm_rows: Maker) -> list[TrialRow]:
    rng = np.random.default_rng(5)
    made = []
    for level in LEVELS:
        values = (rng.random((30, 4)) < RATES[level]).astype(float).tolist()
        made += [
            row.model_copy(update={"block": int(row.history_id[1:])})
            for row in arm_rows({"memory": level}, values)
        ]
    return made


def found(rows: list[TrialRow], *contrasts: Contrast, **options: object) -> list[Finding | Refused]:
    look = options.pop("look", None)
    return findings(Protocol(factors=SCOPES, contrasts=contrasts, **options), rows, look=look)


def test_a_graph_without_waiting_is_holm() -> None:
    ps = [0.011, 0.02, 0.9, 0.001]

    assert graph_p(ps, [None] * 4) == pytest.approx(holm(ps))
    assert graph_p([0.03], [None]) == [0.03]


def holm_levels(ps: list[float]) -> list[float]:
    return [1 - 0.05 * step.share for step in graph_steps(ps, [None] * len(ps), 0.05)]


def test_levels_by_hand() -> None:
    # .01 <= .05/3 is rejected; .03 > .05/2 is not, nor is .04 then.
    assert holm_levels([0.01, 0.04, 0.03]) == pytest.approx([1 - 0.05 / 3, 0.975, 0.975])


@pytest.mark.slow
@given(st.lists(st.floats(0.0001, 1), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_an_interval_at_its_level_leaves_out_0_just_where_holm_rejects(raw: list[float]) -> None:
    for p, corrected, level in zip(raw, holm(raw), holm_levels(raw), strict=True):
        if abs(corrected - 0.05) > 1e-9:
            assert (corrected <= 0.05) == (p <= 1 - level)


def test_a_graph_of_one_chain_is_the_fixed_sequence() -> None:
    assert graph_p([0.01, 0.04, 0.02], [None, 0, 1]) == pytest.approx([0.01, 0.04, 0.04])
    assert graph_p([0.01, 0.2, 0.001], [None, 0, 1]) == pytest.approx([0.01, 0.2, 0.2])


def test_what_waits_inherits_its_gate_s_share_and_no_more() -> None:
    # Two heads at half each; the follower of the first has half until the second is rejected.
    assert graph_p([0.001, 0.5, 0.02], [None, None, 0]) == pytest.approx([0.002, 0.5, 0.04])
    assert graph_p([0.2, 0.001, 0.001], [None, None, 0])[2] == pytest.approx(0.2)


@pytest.mark.slow
def test_a_graph_keeps_the_familywise_level() -> None:
    rng = np.random.default_rng(1)
    false = 0
    for ps in rng.random((20_000, 3)):
        # The first is a true effect that is always found; the other two are null.
        adjusted = graph_p([1e-6, ps[1], ps[2]], [None, None, 0])
        false += min(adjusted[1:]) <= 0.05

    assert false / 20_000 <= 0.05 + 3 * (0.05 * 0.95 / 20_000) ** 0.5


def test_primaries_are_adjusted_together(rows: list[TrialRow]) -> None:
    lines = found(rows, *(against_none(level) for level in "abc"))

    assert [line.p_adjusted for line in lines] == pytest.approx(holm([line.p for line in lines]))
    assert {line.adjustment for line in lines} == {"Holm over 3"}
    for line in lines:
        low, high = line.simultaneous
        assert low <= line.low < line.high <= high
        assert line.upheld == (line.p_adjusted <= 0.05) == (low > 0)
    levels = holm_levels([line.p for line in lines])
    assert [line.simultaneous_confidence for line in lines] == pytest.approx(levels)
    assert lines[0].verdict == "found"
    low, high = lines[2].excluded
    assert lines[2].verdict == (
        f"not found; differences below {low:+.3g} and above {high:+.3g} are excluded"
    )


def test_a_refused_contrast_keeps_its_place(rows: list[TrialRow]) -> None:
    alone, _ = found(rows, against_none("b"), against_none("missing"))
    both = found(rows, against_none("b"), against_none("c"))

    assert alone.p_adjusted == pytest.approx(min(1, 2 * alone.p))
    assert alone.p_adjusted == both[0].p_adjusted
    assert isinstance(found(rows, against_none("missing"))[0], Refused)


def test_max_t_is_sharper_than_holm_on_the_same_histories(rows: list[TrialRow]) -> None:
    declared = [against_none(level) for level in "abc"]
    sharp, blunt = found(rows, *declared, correction="max_t"), found(rows, *declared)

    assert {line.adjustment for line in sharp} == {"max-T by sign flips over 3"}
    assert sharp[0].simultaneous[0] > blunt[0].simultaneous[0]
    for one in sharp:
        assert one.p <= one.p_adjusted
        assert one.upheld == (one.simultaneous[0] > 0)


def test_max_t_where_it_does_not_apply_is_holm_and_says_so(rows: list[TrialRow]) -> None:
    lines = found(rows, against_none("a"), against_none("missing"), correction="max_t")

    assert lines[0].adjustment.startswith("Holm over 2 (max-T needs")


def test_secondaries_stand_behind_all_primaries(rows: list[TrialRow]) -> None:
    behind = against_none("a", role="secondary")
    good, second = found(rows, against_none("b"), behind)
    bad, locked = found(rows, against_none("c"), behind)

    assert good.upheld
    assert second.p_adjusted == pytest.approx(max(good.p_adjusted, second.p))
    assert not bad.upheld
    assert locked.p_adjusted == bad.p_adjusted
    assert not locked.upheld


def test_secondaries_share_the_alpha_behind_the_gate() -> None:
    plan = [declared("primary", name) for name in "pq"]
    plan += [declared("secondary", name) for name in "st"]
    found = adjusted({"p": 0.01, "q": 0.02, "s": 0.001, "t": 0.04}, *plan)

    assert [one.p_adjusted for one in found.values()] == pytest.approx([0.02, 0.02, 0.02, 0.04])
    shut = adjusted({"p": 0.01, "q": 0.06, "s": 0.001, "t": 0.04}, *plan)
    assert shut["s"].p_adjusted == pytest.approx(0.06)


def test_joint_limits_hold_for_the_whole_family(rows: list[TrialRow]) -> None:
    lines = found(rows, *(against_none(level) for level in "abc"))

    for line in lines:
        half = (line.high - line.low) / 2
        wide = (line.joint[1] - line.joint[0]) / 2
        ratio = stats.t.isf(0.05 / 6, line.df) / stats.t.isf(0.025, line.df)
        assert bonferroni_level(3) == pytest.approx(1 - 0.05 / 3)
        assert wide / half == pytest.approx(ratio)
        assert line.joint[0] <= line.simultaneous[0]
    (alone,) = found(rows, against_none("a"))
    assert alone.joint == pytest.approx((alone.low, alone.high))


def test_limits_of_a_stopped_study_are_the_repeated_interval(rows: list[TrialRow]) -> None:
    looks = (0.5, 1.0)
    (half,) = found(rows, against_none("b"), looks=looks, look=Look(shares=(0.5,), of=2))
    (free,) = found(rows, against_none("b"))

    error = (free.high - free.estimate) / stats.t.isf(0.025, free.df)
    reach = stats.t.isf(boundaries(looks).p[0] / 2, free.df) * error
    assert half.simultaneous == pytest.approx((half.estimate - reach, half.estimate + reach))


def triads(arm_rows: Maker, forks: int = 3, seed: int = 2) -> list[TrialRow]:
    """Two crossed history factors, 20 histories a cell; only the first one has an effect."""
    rng, made = np.random.default_rng(seed), []
    for place, (us, them) in enumerate((u, t) for u in "+-" for t in "+-"):
        values = (rng.random((20, forks)) < (0.75 if us == "+" else 0.45)).astype(float)
        made += arm_rows({"us": us, "them": them}, values.tolist(), first=100 * place)
    return made


MAIN = Contrast(id="main", a={"us": "+"}, b={"us": "-"})
SIDES = {name: {"us": us, "them": them} for name, us, them in ("a++", "b+-", "c-+", "d--")}
CROSS = Contrast(id="cross", **SIDES)


def between(
    rows: list[TrialRow], *contrasts: Contrast, look: Look | None = None, **options: object
) -> list[Finding | Refused]:
    scopes = {"us": "history", "them": "history"}
    return findings(Protocol(factors=scopes, contrasts=contrasts, **options), rows, look=look)


def test_max_t_between_histories_hands_out_their_means(arm_rows: Maker) -> None:
    rows = triads(arm_rows)
    main, cross = between(rows, MAIN, CROSS, correction="max_t")
    blunt = between(rows, MAIN, CROSS)

    means = [
        [float(np.mean([r.values["protected"] for r in rows if r.history_id == h])) for h in of]
        for of in (sorted({r.history_id for r in rows if r.arm == arm}) for arm in SIDES.values())
    ]
    known = max_t_between(means, [(0.5, 0.5, -0.5, -0.5), (1, -1, -1, 1)])
    assert main.adjustment == "max-T by permutation over 2"
    assert (main.estimate, cross.estimate) == pytest.approx(known.estimates)
    assert main.p_adjusted == pytest.approx(max(known.p[0], main.p), abs=2e-3)
    assert cross.p_adjusted == pytest.approx(max(known.p[1], cross.p), abs=0.02)
    assert main.simultaneous == pytest.approx((known.low[0], known.high[0]), abs=5e-3)
    for one in (main, cross):
        assert one.joint[0] <= one.simultaneous[0] <= one.low
        assert one.high <= one.simultaneous[1] <= one.joint[1]
    assert main.upheld
    assert not cross.upheld
    assert main.p_adjusted <= blunt[0].p_adjusted + 1e-9
    assert cross.p_adjusted == pytest.approx(blunt[1].p_adjusted, abs=0.05)


def test_max_t_between_histories_keeps_its_looks(arm_rows: Maker) -> None:
    rows, looks = triads(arm_rows), (0.5, 1.0)
    one, _ = between(rows, MAIN, CROSS, correction="max_t")
    two, null = between(rows, MAIN, CROSS, correction="max_t", looks=looks)
    half, _ = between(
        rows, MAIN, CROSS, correction="max_t", looks=looks, look=Look(shares=(0.5,), of=2)
    )

    assert two.adjustment == "max-T by permutation over 2; O'Brien-Fleming spending"
    assert one.p_adjusted <= two.p_adjusted < half.p_adjusted
    assert half.simultaneous[0] < two.simultaneous[0] <= one.simultaneous[0]
    assert two.upheld == (two.simultaneous[0] > 0)
    assert null.upheld == (not null.simultaneous[0] <= 0 <= null.simultaneous[1])
    last = Look(shares=looks, of=2)
    assert last.own(0.05) == pytest.approx(0.05 - spending(0.5))
    assert last.p_of_any(last.own(0.05)) == pytest.approx(0.05)
    assert last.p_of_any(0.9) == 1


def test_max_t_between_histories_steps_back_where_events_are_rare(arm_rows: Maker) -> None:
    rare = [
        row.model_copy(update={"values": {"protected": float(row.trial_id.endswith("/3/0"))}})
        for row in triads(arm_rows)
    ]
    one, _ = between(rare, MAIN, CROSS, correction="max_t")

    assert one.adjustment == (
        "Holm over 2 (max-T needs histories enough with and without the event, and one has too few)"
    )


@pytest.mark.slow
def test_max_t_between_histories_keeps_the_level_of_the_family(arm_rows: Maker) -> None:
    # The first factor has an effect; the interaction has none: 3 errors of 200 draws are .046.
    wrong = [
        between(triads(arm_rows, seed=seed), MAIN, CROSS, correction="max_t")[1].upheld
        for seed in range(200)
    ]

    assert np.mean(wrong) <= 0.05 + 0.046


def test_what_waits_is_not_found_before_what_it_waits_for(rows: list[TrialRow]) -> None:
    null, after = found(rows, against_none("c"), against_none("a", role="secondary", after="c"))

    assert null.p_adjusted == null.p
    assert after.p_adjusted == null.p_adjusted
    assert after.adjustment == "Holm, in the declared order over 2"


def test_exploratory_ones_claim_nothing_and_cost_nothing(rows: list[TrialRow]) -> None:
    primary, extra = found(rows, against_none("b"), against_none("a", role="exploratory"))

    assert primary.p_adjusted == primary.p
    assert extra.upheld is None
    assert extra.verdict == "exploratory: no claim"
    assert extra.adjustment == "Benjamini-Hochberg, exploratory"


def test_looks_are_due_when_their_share_is_finished() -> None:
    plan = Protocol(contrasts=(against_none("a"),), looks=(0.5, 1.0))

    early = may_look(plan, 4, 10)
    assert isinstance(early, NotYet)
    assert (early.share, early.due) == (0.4, 0.5)
    assert may_look(plan, 5, 10) == may_look(plan, 9, 10) == Look(shares=(0.5,), of=2)
    assert may_look(plan, 10, 10).shares == (0.5, 1.0)
    assert isinstance(may_look(Protocol(), 1, 10), Look)
    assert unplanned(plan, 3, 10).shares == (0.3,)
    assert not unplanned(plan, 3, 10).declared


def test_an_interim_look_rests_on_its_own_share_of_histories(rows: list[TrialRow]) -> None:
    look, blocks = Look(shares=(0.5,), of=2), [{place} for place in range(28)]

    assert {row.block for row in rows_at(look, rows, blocks, 30)} == {*range(15)}
    assert rows_at(Look(shares=(0.5, 1.0), of=2), rows, blocks, 30) == rows


def test_early_looks_are_charged_for(rows: list[TrialRow]) -> None:
    one, looks = against_none("b"), (0.5, 1.0)
    (free,) = found(rows, one)
    (half,) = found(rows, one, looks=looks, look=Look(shares=(0.5,), of=2))
    (last,) = found(rows, one, looks=looks)

    assert free.p_adjusted == free.p
    assert half.p_adjusted > last.p_adjusted > free.p_adjusted
    assert "O'Brien-Fleming" in half.adjustment
    assert (
        "look 1 of 2, at 50% of the histories: one contrast alone needs p <= 0.00305" in half.notes
    )
    low, high = half.simultaneous
    assert low < last.simultaneous[0] < free.low
    assert high > last.simultaneous[1] > free.high


def test_a_look_without_plan_is_a_deviation(rows: list[TrialRow]) -> None:
    plan = Protocol(factors=SCOPES, contrasts=(against_none("a"),))
    (line,) = findings(plan, rows, look=unplanned(plan, 10, 30))

    assert "this look is a deviation from the plan" in line.notes
    assert line.p_adjusted > line.p


def declared(role: str, own: str, **options: object) -> Contrast:
    return Contrast(id=own, a={"memory": "a"}, b={"memory": "none"}, role=role, **options)


def adjusted(ps: dict[str, float], *contrasts: Contrast) -> dict[str, Finding]:
    """The findings of contrasts whose p are given."""
    answers = [
        Worked(
            finding=Finding(
                **one.model_dump(
                    include={"id", "estimand", "role", "outcome", "scale", "alternative", "alpha"}
                ),
                shape="difference",
                level="within",
                unit="history",
                sides=(),
                estimate=0.1,
                low=None,
                high=None,
                confidence=0.95,
                p=ps[one.id],
                method="given",
                df=None,
            ),
            limits=lambda level: (-level, level),
            outer=lambda level: (-level, level),
            by_unit={},
        )
        for one in contrasts
    ]
    plan = Protocol(contrasts=contrasts)
    found = family.adjust(plan, answers, family.final_look(plan))
    return {one.id: one for one in found if isinstance(one, Finding)}


def test_a_secondary_that_waits_for_a_plain_one_stands_behind_all_primaries() -> None:
    plan = (
        declared("primary", "p"),
        declared("secondary", "s1"),
        declared("secondary", "s2", after="s1"),
    )

    shut = adjusted({"p": 0.9, "s1": 0.9, "s2": 0.01}, *plan)
    assert not any(one.upheld for one in shut.values())
    assert shut["s2"].simultaneous is None
    open_gate = adjusted({"p": 0.04, "s1": 0.9, "s2": 0.9}, *plan)
    assert open_gate["p"].p_adjusted == pytest.approx(0.04)
    assert open_gate["p"].upheld
    waits = adjusted({"p": 0.01, "s1": 0.9, "s2": 0.01}, *plan)
    assert waits["p"].upheld
    assert not waits["s2"].upheld
    all_three = adjusted({"p": 0.01, "s1": 0.02, "s2": 0.03}, *plan)
    assert [one.p_adjusted for one in all_three.values()] == pytest.approx([0.01, 0.02, 0.03])


def test_alpha_that_a_chained_secondary_holds_is_not_spent_again() -> None:
    plan = (
        declared("primary", "p"),
        declared("secondary", "chained", after="p"),
        declared("secondary", "plain"),
    )

    stuck = adjusted({"p": 0.001, "chained": 0.5, "plain": 0.001}, *plan)
    assert not stuck["plain"].upheld
    assert stuck["plain"].p_adjusted == 0.5
    passed = adjusted({"p": 0.001, "chained": 0.03, "plain": 0.02}, *plan)
    assert passed["plain"].p_adjusted == pytest.approx(0.03)


def test_two_tests_that_share_alpha_keep_the_familywise_level() -> None:
    rng, false = np.random.default_rng(3), 0
    plan = (
        declared("primary", "p"),
        declared("secondary", "chained", after="p"),
        declared("secondary", "plain"),
    )
    for chained, plain in rng.random((2000, 2)):
        found = adjusted({"p": 1e-9, "chained": chained, "plain": plain}, *plan)
        false += any(found[name].upheld for name in ("chained", "plain"))

    assert false / 2000 <= 0.05 + 3 * (0.05 * 0.95 / 2000) ** 0.5


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("secondary", "primary", "is primary and comes after"),
        ("exploratory", "secondary", "exploratory: never found"),
        ("primary", "exploratory", "waits for nothing"),
    ],
)
def test_a_wait_that_no_test_could_honour_is_refused(first: str, second: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Protocol(contrasts=(declared(first, "x"), declared(second, "y", after="x")))


def test_limits_are_of_the_level_that_the_test_held_each_to() -> None:
    ps = {"a": 0.01, "b": 0.03, "c": 0.6}
    sides = [declared("primary", name, alternative="greater") for name in ps]
    found = adjusted(ps, *sides)

    shares = [1 - level for level in holm_levels([*ps.values()])]
    levels = [one.simultaneous_confidence for one in found.values()]
    assert levels == pytest.approx([1 - 2 * share for share in shares])
    assert found["c"].excluded[1] == pytest.approx(1 - 2 * shares[2])


def test_what_is_excluded_pays_for_looks_and_family(rows: list[TrialRow]) -> None:
    (alone,) = found(rows, against_none("c"))
    several, *_ = found(rows, against_none("c"), against_none("missing"))
    (looked,) = found(rows, against_none("c"), looks=(0.5, 1.0), look=Look(shares=(0.5,), of=2))

    for wider in (several, looked):
        assert wider.excluded[0] < alone.excluded[0] < alone.excluded[1] < wider.excluded[1]
        low, high = wider.excluded
        assert f"below {low:+.3g} and above {high:+.3g} are excluded" in wider.verdict


def test_max_t_is_refused_where_another_test_was_chosen(
    rows: list[TrialRow], arm_rows: Maker
) -> None:
    many = [row.model_copy(update={"surface": f"s{int(row.history_id[1:]) % 16}"}) for row in rows]
    one, *_ = found(many, against_none("a"), against_none("b"), correction="max_t")

    assert "clustered by history and surface" in one.method
    assert one.adjustment == (
        "Holm over 2 (max-T needs the paired test for each, and one has another)"
    )
