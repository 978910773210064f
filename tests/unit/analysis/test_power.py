"""The forecast of power runs the declared analysis, and gives the published sizes."""

import numpy as np
import pytest
from scipy.stats import norm
from support.studies import arm, forked_study, study

from peersim.analysis.arms import arm_key
from peersim.analysis.clusters import crossed
from peersim.analysis.contributions import contributions, made_of
from peersim.analysis.deciding import decides
from peersim.analysis.designs import Design, design_of
from peersim.analysis.drawn import drawn, procedure_for
from peersim.analysis.family import findings
from peersim.analysis.grouped import Even, Grouped
from peersim.analysis.inference import work
from peersim.analysis.levels import alpha_of, waited_for
from peersim.analysis.looks import final_look
from peersim.analysis.pilots import piloted
from peersim.analysis.power import forecast_power, forecast_powers, simulate
from peersim.analysis.sides import layout
from peersim.errors import AnalysisRefusal, ConfigError
from peersim.readings.rows import TrialRow
from peersim.stats.power import Assumed
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.study.scopes import scope_of_factors

PEERS = Contrast(id="peers", a={"persona.peer": "cooperative"}, b={"persona.peer": "uncooperative"})
MEMORY = Contrast(
    id="memory",
    a={"persona.peer": "cooperative", "memory": "summary"},
    b={"persona.peer": "cooperative", "memory": "none"},
)
BOTH = Contrast(
    id="both",
    a={"persona.peer": "cooperative", "memory": "summary"},
    b={"persona.peer": "uncooperative", "memory": "summary"},
    c={"persona.peer": "cooperative", "memory": "none"},
    d={"persona.peer": "uncooperative", "memory": "none"},
)
X, Y = {"f": "x"}, {"f": "y"}
PAIR = Contrast(id="pair", a=X, b=Y)
RARE = Assumed(p0=0.02, rd=0.08, icc=0.3, rho=0.8)


def planned(replicates, trials, *contrasts):
    made = forked_study(replicates, trials_per_history=trials)
    protocol = Protocol(factors=scope_of_factors(made.arms), contrasts=contrasts)
    return made.model_copy(update={"protocol": protocol})


def between(trials):
    strata = ({"a": (X,), "b": ()}, {"a": (), "b": (Y,)})
    return Design({"a": (X,), "b": (Y,)}, strata, (True, True), "between", trials)


def within(trials):
    return Design({"a": (X,), "b": (Y,)}, ({"a": (X,), "b": (Y,)},), (True,), "within", trials)


def rows_of(made, contrast, seen, replicates):
    """The rows that a real store would give for a simulated study."""
    found = []
    for one in made.arms:
        if arm_key(one.levels) not in seen.by_key:
            continue
        names = [one.history(made.seed, r).history_id for r in range(replicates)]
        for (unit, of), history in zip(
            seen.values(one.levels, contrast.outcome).items(), names, strict=True
        ):
            found += [
                TrialRow(
                    trial_id=f"{sorted(one.levels.items())}/{unit[1]}/{number}",
                    arm=one.levels,
                    history_id=history,
                    surface=f"s{int(unit[1][-6:]) % seen.surfaces}",
                    block=0,
                    invalid=None,
                    values={contrast.outcome: value},
                    models=("simulated/a",),
                    simulated=True,
                )
                for number, value in enumerate(of)
            ]
    return found


@pytest.mark.parametrize("contrast", [PEERS, MEMORY, BOTH], ids=lambda one: one.id)
@pytest.mark.parametrize("outcome", ["protected", "signed_error"])
def test_a_simulated_study_is_read_as_the_analysis_reads_a_stored_one(contrast, outcome):
    scale = "rd" if outcome == "protected" else "mean_diff"
    contrast = contrast.model_copy(update={"outcome": outcome, "scale": scale})
    if contrast.id == "peers":  # one memory, so that both sides are single arms
        contrast = contrast.model_copy(
            update={
                "a": contrast.a | {"memory": "summary"},
                "b": contrast.b | {"memory": "summary"},
            }
        )
    made = planned(20, 2, contrast)
    design = design_of(made, contrast)
    assumed = Assumed(p0=0.3, rd=0.3, icc=0.2, rho=0.5)
    random = np.random.default_rng(4)
    for _ in range(3):
        seen = drawn(contrast, design, assumed, 20, random)
        mine = procedure_for(contrast, design, seen, 20)
        theirs = work(contrast, made.protocol, Grouped(rows_of(made, contrast, seen, 20))).finding
        assert mine.estimate == pytest.approx(theirs.estimate)
        assert mine.p() == pytest.approx(theirs.p, abs=0.01)
        limits = mine.limits(0.95)
        assert (limits.low, limits.high) == pytest.approx((theirs.low, theirs.high))


def test_a_trend_is_put_through_its_own_analysis():
    made = study(
        12,
        trials_per_history=2,
        arms=tuple(
            arm(peer).model_copy(update={"levels": {"dose": dose}})
            for peer, dose in (("uncooperative", "0"), ("neutral", "1"), ("cooperative", "2"))
        ),
    )
    trend = Contrast(id="slope", dose="dose")
    made = made.model_copy(
        update={"protocol": Protocol(factors={"dose": "history"}, contrasts=(trend,))}
    )
    assumed = Assumed(p0=0.2, rd=0.6)
    design = design_of(made, trend)
    seen = drawn(trend, design, assumed, 12, np.random.default_rng(0))
    mine = procedure_for(trend, design, seen, 12)
    theirs = work(trend, made.protocol, Grouped(rows_of(made, trend, seen, 12))).finding
    assert mine.estimate == pytest.approx(theirs.estimate)
    assert mine.p() == pytest.approx(theirs.p)
    line = forecast_power(made, trend, assumed, draws=60)
    assert line.power[0] > 0.8
    assert line.needed[0] >= 6


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("design", "histories", "assumed"),
    [
        (between(3), 40, Assumed(p0=0.2, rd=0.2)),
        (between(1), 40, Assumed(p0=0.1, rd=0.25)),
        (between(3), 40, RARE),
        (within(2), 24, Assumed(p0=0.2, rd=0.2)),
        (within(1), 7, Assumed(p0=0.2, rd=0.5)),
    ],
    ids=["welch", "boschloo", "rare", "forked", "few"],
)
def test_the_short_way_to_a_decision_comes_to_the_same(design, histories, assumed):
    random, apart = np.random.default_rng(5), 0
    for _ in range(40):
        chosen = procedure_for(
            PAIR, design, drawn(PAIR, design, assumed, histories, random), histories
        )
        apart += decides(PAIR, chosen) != decides(PAIR, chosen, near=0)
    assert apart <= 1


def test_the_short_way_is_not_lax_with_few_histories_of_single_trials():
    # Their permutations have p of twice that of t and more.
    made, assumed = planned(24, 1, BOTH), Assumed(p0=0.1, rd=0.5, icc=0.0, rho=0.0)
    both, random = BOTH.model_copy(update={"alpha": 0.025}), np.random.default_rng([0, 24])
    design, found = design_of(made, BOTH), []
    for _ in range(120):
        seen = drawn(both, design, assumed, 24, random)
        chosen = procedure_for(both, design, seen, 24)
        found.append((decides(both, chosen), decides(both, chosen, near=0)))
    assert all(short == whole for short, whole in found)
    assert 0.5 < np.mean([short for short, _ in found]) < 0.95


def test_permutations_are_not_drawn_where_the_interval_tells(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "peersim.analysis.procedures.permutation_p", lambda *_: asked.append(1) or 0.001
    )
    random, assumed = np.random.default_rng(5), Assumed(p0=0.2, rd=0.6)
    for effect in (0.6, 0.0):
        for _ in range(30):
            seen = drawn(PAIR, between(3), assumed._replace(rd=effect), 40, random)
            decides(PAIR, procedure_for(PAIR, between(3), seen, 40))
    assert len(asked) <= 3


@pytest.mark.parametrize("contrast", [PEERS, MEMORY, BOTH], ids=lambda one: one.id)
@pytest.mark.parametrize("outcome", ["protected", "signed_error"])
def test_units_of_one_size_are_read_at_once_as_they_are_one_by_one(contrast, outcome):
    scale = "rd" if outcome == "protected" else "mean_diff"
    contrast = contrast.model_copy(update={"outcome": outcome, "scale": scale})
    made = planned(9, 3, contrast)
    seen = drawn(contrast, design_of(made, contrast), Assumed(p0=0.4), 9, np.random.default_rng(1))
    found = layout(contrast, made.protocol.factors, Grouped(rows_of(made, contrast, seen, 9)))
    at_once = [seen.values(one, outcome) for one in found.arms]
    assert all(isinstance(of, Even) for of in at_once)
    own = {arm_key(one): of for one, of in zip(found.arms, at_once, strict=True)}
    laid = found._replace(
        strata=tuple(
            one._replace(
                units=frozenset(next(own[arm_key(each)] for of in one.arms.values() for each in of))
            )
            for one in found.strata
        )
    )
    quick, slow = made_of(laid, own), made_of(laid, {key: dict(of) for key, of in own.items()})
    assert quick.units == slow.units
    assert (quick.sizes, quick.lost) == (slow.sizes, slow.lost)
    for one, other in zip(quick.groups, slow.groups, strict=True):
        assert one.values == pytest.approx(other.values, abs=1e-12)
        assert (one.weight, one.sides) == (other.weight, other.sides)
    if outcome == "protected":
        assert quick.cells == slow.cells


def test_a_power_that_is_clear_takes_fewer_studies():
    sure = simulate(PAIR, between(4), Assumed(p0=0.05, rd=0.9), 40, 400, 1)
    open_ = simulate(PAIR, between(4), Assumed(p0=0.2, rd=0.15), 40, 400, 1)
    assert (sure.value, sure.draws) == (1.0, 100)
    assert sure.error < 0.01
    assert open_.draws == 400


def test_contrasts_that_are_alike_are_drawn_once(monkeypatch):
    other = PEERS.model_copy(update={"id": "again", "after": None, "estimand": "The same."})
    made = planned(20, 2, PEERS, other, MEMORY)
    calls, told = [], []

    def counted(*args):
        calls.append(args[0].id)
        return simulate(*args)

    monkeypatch.setattr("peersim.analysis.power.simulate", counted)
    given = {one.id: Assumed(p0=0.2, rd=0.4) for one in made.protocol.contrasts}
    lines = forecast_powers(made, given, draws=30, told=told.append)
    assert [line.id for line in lines] == ["peers", "again", "memory"]
    assert lines[1] == lines[0].model_copy(update={"id": "again"})
    assert set(calls) == {"peers", "memory"}
    assert told[0] == "peers: an effect of 0.4 with 20 histories an arm"
    apart = {**given, "again": Assumed(p0=0.2, rd=0.3)}
    assert forecast_powers(made, apart, draws=30)[1].power != lines[0].power


def test_the_p_of_crossed_surfaces_is_that_of_the_analysis():
    made = planned(24, 2, MEMORY)
    design = design_of(made, MEMORY)
    assert design.surfaces == 8  # as many as the scenario has
    design = design._replace(surfaces=16)
    assumed = Assumed(p0=0.2, rd=0.3)
    seen = drawn(MEMORY, design, assumed, 24, np.random.default_rng(1))
    grouped = Grouped(rows_of(made, MEMORY, seen, 24))
    found = layout(MEMORY, made.protocol.factors, grouped)
    theirs = crossed(found, contributions(found, "protected", grouped), "protected", grouped)
    # Both draw their flips, over surfaces in another order.
    assert procedure_for(MEMORY, design, seen, 24).p() == pytest.approx(theirs.p(), abs=0.005)


def test_without_an_effect_power_is_the_level():
    for design in (between(4), within(4)):
        found = simulate(PAIR, design, Assumed(p0=0.3, rd=0.0), 24, 300, 2)
        assert found.value <= 0.05 + 3 * max(found.error, 0.012)


@pytest.mark.slow
def test_power_grows_with_histories_and_falls_with_losses():
    def at(histories, **more):
        assumed = Assumed(p0=0.2, rd=0.25)._replace(**more)
        return simulate(PAIR, between(3), assumed, histories, 100, 3).value

    assert at(20) < at(40) < at(70)
    assert at(40, invalid=0.5) < at(40)
    assert at(40, icc=0.6) < at(40, icc=0.0)


@pytest.mark.slow
def test_one_sided_and_equivalence_claims_are_tested_as_such():
    greater = PAIR.model_copy(update={"alternative": "greater"})
    less = PAIR.model_copy(update={"alternative": "less"})
    assumed = Assumed(p0=0.2, rd=0.25)
    two = simulate(PAIR, between(3), assumed, 30, 150, 3).value
    assert simulate(greater, between(3), assumed, 30, 150, 3).value > two
    assert simulate(less, between(3), assumed, 30, 150, 3).value < 0.03
    none = Assumed(p0=0.3, rd=0.0, icc=0.0)
    wide = PAIR.model_copy(update={"alternative": "equivalent", "margin": 0.25})
    tight = PAIR.model_copy(update={"alternative": "equivalent", "margin": 0.02})
    assert simulate(wide, between(4), none, 60, 100, 3).value > 0.9
    assert simulate(tight, between(4), none, 60, 100, 3).value < 0.1


@pytest.mark.slow
def test_a_line_tells_power_effect_and_size():
    made = planned(20, 3, BOTH)
    line = forecast_power(made, BOTH, Assumed(p0=0.2, rd=0.4, icc=0.1), draws=200)
    assert (line.level, line.forked, line.histories, line.trials) == ("between", True, 20, 3)
    power, error, draws = line.power
    assert 0.3 < power < 1
    assert 0 < error < 0.05
    assert draws == 200
    effect, there = line.detectable
    assert there == pytest.approx(0.8, abs=0.15)
    assert (effect > 0.4) == (power < 0.75) or power == pytest.approx(0.8, abs=0.1)
    assert line.needed[0] >= 16
    assert line.refusal is None


@pytest.mark.slow
def test_too_few_histories_are_refused_and_the_needed_ones_told():
    line = forecast_power(planned(8, 3, BOTH), BOTH, Assumed(rd=0.5), draws=20)
    assert "fewer than 16" in line.refusal
    assert line.needed[0] >= 16


def test_equivalence_of_rare_events_is_forecast_by_the_test_that_is_made():
    none = MEMORY.model_copy(update={"alternative": "equivalent", "margin": 0.06})
    made = planned(60, 2, none)
    design, rare = design_of(made, none), Assumed(p0=0.035, rd=0.0, icc=0.0, rho=0.0)
    random, apart = np.random.default_rng(11), 0
    for _ in range(25):
        seen = drawn(none, design, rare, 60, random)
        theirs = work(none, made.protocol, Grouped(rows_of(made, none, seen, 60))).finding
        mine = procedure_for(none, design, seen, 60)
        assert decides(none, mine) == (theirs.p <= none.alpha)
        lax = procedure_for(none.model_copy(update={"alternative": "less"}), design, seen, 60)
        apart += decides(none, lax) != decides(none, mine)
    assert apart > 0  # the paired test would have claimed more


def test_a_contrast_that_waits_gets_what_the_graph_leaves_it():
    first, second = PEERS, MEMORY.model_copy(update={"after": "peers"})
    made = planned(20, 1, first, second)
    assert [alpha_of(made, one) for one in (first, second)] == [0.05, 0.05]
    assert [waited_for(made.protocol, one) for one in (first, second)] == [(), ("peers",)]


def test_secondaries_wait_for_all_primaries_and_exploratory_ones_for_none():
    after = BOTH.model_copy(update={"role": "secondary"})
    again = after.model_copy(update={"id": "again"})
    free = after.model_copy(update={"id": "free", "role": "exploratory"})
    made = planned(20, 1, PEERS, MEMORY, after, again, free)
    assert [alpha_of(made, one) for one in (after, again, free)] == [0.025, 0.025, 0.05]
    assert waited_for(made.protocol, after) == ("peers", "memory")
    assert waited_for(made.protocol, free) == ()


def test_looks_before_the_last_leave_it_less():
    made = planned(20, 1, MEMORY)
    looks = made.protocol.model_copy(update={"looks": (0.33, 0.67, 1.0)})
    made = made.model_copy(update={"protocol": looks})
    assert alpha_of(made, MEMORY) == pytest.approx(2 * norm.sf(1.993), abs=5e-4)
    greater = MEMORY.model_copy(update={"alternative": "greater"})
    other = made.model_copy(update={"protocol": looks.model_copy(update={"contrasts": (greater,)})})
    least = final_look(looks).p(alpha_of(other, greater), "greater")
    assert least == pytest.approx(0.05, abs=1e-6)


@pytest.mark.slow
def test_the_forecast_finds_what_the_whole_analysis_upholds():
    second = MEMORY.model_copy(update={"id": "waits", "after": "memory"})
    made = planned(20, 2, MEMORY, second)
    looks = made.protocol.model_copy(update={"looks": (0.5, 1.0)})
    made = made.model_copy(update={"protocol": looks})
    design, random = design_of(made, MEMORY), np.random.default_rng(3)
    tested = MEMORY.model_copy(update={"alpha": alpha_of(made, MEMORY)})
    seen = [drawn(MEMORY, design, Assumed(p0=0.2, rd=0.3), 20, random) for _ in range(15)]
    mine = [decides(tested, procedure_for(MEMORY, design, one, 20), near=0) for one in seen]
    found = [findings(looks, Grouped(rows_of(made, MEMORY, one, 20))) for one in seen]
    assert mine == [first.upheld for first, _ in found] == [last.upheld for _, last in found]
    assert 0 < sum(mine) < 15


@pytest.mark.slow
def test_a_line_says_what_must_be_found_before():
    second = MEMORY.model_copy(update={"after": "peers"})
    line = forecast_power(planned(20, 1, PEERS, second), second, Assumed(), draws=10)
    assert line.after == ("peers",)
    assert line.alpha == 0.05


def test_primaries_share_the_level():
    made = planned(20, 1, PEERS, MEMORY, BOTH.model_copy(update={"role": "secondary"}))
    secondary = made.protocol.contrasts[2]
    assert alpha_of(made, PEERS) == 0.025
    assert alpha_of(made, MEMORY) == 0.025
    assert alpha_of(made, secondary) == 0.05


def test_rates_that_cannot_be_are_refused():
    made = planned(20, 1, MEMORY)
    with pytest.raises(ConfigError, match="outside 0 to 1"):
        forecast_power(made, MEMORY, Assumed(p0=0.95, rd=0.2))
    with pytest.raises(ConfigError, match="icc=2"):
        forecast_power(made, MEMORY, Assumed(icc=2.0))


def test_a_pilot_gives_rates_and_correlations_but_not_the_effect():
    made = planned(60, 4, MEMORY)
    truth = Assumed(p0=0.3, rd=0.2, icc=0.3, rho=0.7)
    seen = drawn(MEMORY, design_of(made, MEMORY), truth, 60, np.random.default_rng(2))
    rows = rows_of(made, MEMORY, seen, 60)
    found, said = piloted(rows, MEMORY, Assumed(rd=0.123))
    assert found.rd == 0.123
    assert found.p0 == pytest.approx(0.3, abs=0.1)
    assert found.icc == pytest.approx(0.3, abs=0.15)
    assert found.rho == pytest.approx(0.7, abs=0.3)
    assert found.invalid == 0
    assert [text.split()[0] for text in said] == ["p0", "ICC", "rho"]
    assert "(0." in said[0]


def test_what_a_pilot_cannot_show_stays_assumed():
    made = planned(20, 1, MEMORY)
    seen = drawn(MEMORY, design_of(made, MEMORY), Assumed(p0=0.4), 20, np.random.default_rng(2))
    found, said = piloted(rows_of(made, MEMORY, seen, 20), MEMORY, Assumed(icc=0.11, rho=0.22))
    assert (found.icc, found.rho) == (0.11, 0.22)
    assert sum("as assumed" in text for text in said) == 2
    with pytest.raises(AnalysisRefusal, match="no trial on side b"):
        piloted(rows_of(made, MEMORY, seen, 20)[:0], MEMORY, Assumed())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "histories"),
    [(between(3), 72), (between(10), 48), (within(3), 48), (within(1), 120)],
    ids=["between m3", "between m10", "forked m3", "forked m1"],
)
def test_the_sizes_of_the_standard_by_its_own_tests(design, histories):
    """2 v 10 % at ICC .3, Welch and paired t: the sizes at which power first passes .8."""
    from scipy import stats

    random, found = np.random.default_rng(7), 0
    for _ in range(1000):
        seen = drawn(PAIR, design, RARE, histories, random)
        a, b = (
            [float(np.mean(of)) for of in seen.values(one, "protected").values()] for one in (X, Y)
        )
        test = (
            stats.ttest_rel(a, b)
            if design.level == "within"
            else stats.ttest_ind(a, b, equal_var=False)
        )
        found += bool(test.pvalue < 0.05)
    assert 0.77 <= found / 1000 <= 0.88


@pytest.mark.slow
def test_the_dispatcher_has_less_power_with_rare_events_as_the_standard_says():
    found = simulate(PAIR, between(4), RARE, 48, 600, 1)
    assert 0.5 <= found.value <= 0.73
