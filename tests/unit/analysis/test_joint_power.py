"""The power of a family that is judged by max-T is that of the analysis itself."""

import numpy as np
import pytest
from scipy import stats
from support.studies import arm, study

from peersim.analysis.arms import arm_key
from peersim.analysis.family import findings
from peersim.analysis.grouped import Grouped
from peersim.analysis.inference import work
from peersim.analysis.jointly import drawn_family, finder
from peersim.analysis.largest import Joined, joint, joint_t
from peersim.analysis.levels import held
from peersim.analysis.looks import final_look
from peersim.analysis.power import forecast_power
from peersim.memory.ledger import Ledger
from peersim.memory.none import NoMemory
from peersim.memory.summary import Summary
from peersim.memory.verbatim import Verbatim
from peersim.memory.window import Window
from peersim.readings.rows import TrialRow
from peersim.stats.power import Assumed, power_of
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.study.scopes import scope_of_factors

MEMORIES = (NoMemory(), Summary(), Verbatim(), Window(), Ledger())
PEERS = ("cooperative", "uncooperative", "neutral")


def declared(arms, replicates, trials, contrasts, **more):
    made = study(replicates, arms=arms, trials_per_history=trials)
    more = {"correction": "max_t"} | more
    protocol = Protocol(factors=scope_of_factors(made.arms), contrasts=contrasts, **more)
    return made.model_copy(update={"protocol": protocol})


def forked(replicates=24, trials=2, **more):
    """Four memories against the same one without any, all forked from the same histories."""
    arms = tuple(arm("cooperative", one, memory=one.kind) for one in MEMORIES)
    contrasts = tuple(
        Contrast(id=one.kind, a={"memory": one.kind}, b={"memory": "none"}) for one in MEMORIES[1:]
    )
    return declared(arms, replicates, trials, contrasts, **more)


def apart(replicates=30, trials=2, **more):
    """Two peers against the same third, each with histories of its own."""
    contrasts = tuple(
        Contrast(id=peer, a={"persona.peer": peer}, b={"persona.peer": "neutral"})
        for peer in PEERS[:2]
    )
    return declared(tuple(map(arm, PEERS)), replicates, trials, contrasts, **more)


def rows_of(made, values):
    found = []
    for one in made.arms:
        of = values[arm_key(one.levels)]
        for number, unit in enumerate(of):
            history = one.history(made.seed, number).history_id
            found += [
                TrialRow(
                    trial_id=f"{sorted(one.levels.items())}/{number}/{place}",
                    arm=one.levels,
                    history_id=history,
                    surface=f"s{number % 8}",
                    block=0,
                    invalid=None,
                    values={"protected": value},
                    models=("simulated/a",),
                    simulated=True,
                )
                for place, value in enumerate(of[unit])
            ]
    return found


def upheld(made, values):
    """What the whole analysis says of the first contrast."""
    first, *_ = findings(made.protocol, Grouped(rows_of(made, values)))
    assert "max-T" in first.adjustment
    return first.upheld


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "assumed"),
    [
        (forked(), Assumed(p0=0.3, rd=0.3, icc=0.2, rho=0.5)),
        (apart(looks=(0.5, 1.0)), Assumed(p0=0.3, rd=0.3, icc=0.1)),
    ],
    ids=["forked", "between, with a look"],
)
def test_the_forecast_of_a_max_t_family_is_the_power_of_the_whole_analysis(made, assumed):
    contrast, many, random = made.protocol.contrasts[0], 150, np.random.default_rng(9)
    family = held(made, contrast, assumed).family
    finds = finder(family, assumed, made.replicates)
    drawn = [drawn_family(family, assumed, made.replicates, random) for _ in range(many)]
    mine = [finds(seen) for seen in drawn]
    theirs = [upheld(made, seen.by_key) for seen in drawn]
    # On the same studies the two say the same but for few, and neither more often than the other.
    assert sum(one != other for one, other in zip(theirs, mine, strict=True)) <= 0.03 * many
    assert abs(sum(theirs) - sum(mine)) <= 0.02 * many
    forecast = forecast_power(made, contrast, assumed, draws=800)
    real, (value, error, _) = power_of(theirs), forecast.power
    assert forecast.how.startswith("max-T")
    assert abs(value - real.value) <= 3 * (error**2 + real.error**2) ** 0.5
    assert 0.2 < real.value < 0.95


@pytest.mark.parametrize("made", [forked(), apart()], ids=["forked", "between"])
def test_the_t_that_a_forecast_looks_at_is_that_of_max_t(made):
    family, assumed = held(made, made.protocol.contrasts[0]).family, Assumed(p0=0.3, rd=0.3)
    seen = drawn_family(family, assumed, made.replicates, np.random.default_rng(4))
    worked = [work(one, made.protocol, Grouped(rows_of(made, seen.by_key))) for one in family[0]]
    given = [Joined(of.finding.method, True, of.by_unit, of.pulls) for of in worked]
    assert joint_t(given) == list(joint(given, 0.05).t)


def test_contrasts_with_a_side_in_common_are_held_to_dunnett_s_critical_value():
    made = apart(replicates=100, trials=4)
    level = held(made, made.protocol.contrasts[0], Assumed(p0=0.4, rd=0.0, icc=0.1))
    # Two treatments against one control, two-sided .05, many degrees of freedom: 2.21.
    assert stats.norm.isf(level.alpha / 2) == pytest.approx(2.21, abs=0.03)
    assert level.how == "max-T over 2"


def test_forked_contrasts_with_an_arm_in_common_gain_by_it():
    made = forked(replicates=40, trials=4)
    level = held(made, made.protocol.contrasts[0], Assumed(p0=0.4, rd=0.0, icc=0.5, rho=0.0))
    # Four that correlate by a half: Dunnett's 2.44 with many degrees of freedom; t of 39 has more.
    assert level.alpha == pytest.approx(0.0155, abs=0.002)


def test_a_look_leaves_max_t_what_was_not_spent_before():
    made, looked = apart(replicates=60), apart(replicates=60, looks=(0.5, 1.0))
    alone, after = (held(one, one.protocol.contrasts[0]) for one in (made, looked))
    assert after.alpha < alone.alpha
    assert after.family.share == final_look(looked.protocol).own(0.05)
    assert alone.family.share == 0.05


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (apart(replicates=20, trials=1), "histories enough"),
        (forked(replicates=8, trials=1), "the paired test for each"),
    ],
)
def test_where_the_analysis_falls_back_on_holm_so_does_the_forecast(made, why):
    contrast = made.protocol.contrasts[0]
    level = held(made, contrast, Assumed(p0=0.02, rd=0.0))
    assert why in level.how
    assert level.alpha == pytest.approx(0.05 / len(made.protocol.contrasts))


def test_what_is_declared_to_wait_or_of_two_outcomes_is_held_by_holm():
    first, second = apart().protocol.contrasts
    waits = second.model_copy(update={"after": first.id})
    other = second.model_copy(update={"outcome": "refused"})
    arms = apart().arms
    for last, why in ((waits, "wait for none"), (other, "one outcome")):
        made = declared(arms, 30, 2, (first, last))
        assert why in held(made, first, Assumed()).how


def test_without_max_t_nothing_is_said_of_it():
    made = apart(correction="holm")
    assert held(made, made.protocol.contrasts[0]) == (0.025, "", None)
