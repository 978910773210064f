"""What is planted comes back through the whole pipeline, and nothing else does."""

from math import sqrt

import pytest
from support.studies import PERSONAS, arm, forked_study, run, simulated, study

from peersim.analysis.pairs import contrasts
from peersim.analysis.rates import mean_table, rates
from peersim.models.simulated.profile import Profile
from peersim.oversight.base import Disposition
from peersim.readings.persona import given_share
from peersim.store.tables import rows
from peersim.store.view import RunView

REPLICATES = 60


@pytest.fixture(scope="module")
def loyal(tmp_path_factory):
    """Persona crossed with memory, on the loyal stand-in."""
    home = tmp_path_factory.mktemp("loyal")
    run(forked_study(REPLICATES), home)
    return RunView(home)


def truth(view):
    """The planted chance of each trial, from what its history really holds."""
    chances = {}
    profile = Profile.model_validate(simulated().profile)
    for record, store in view.records():
        given = given_share(store.history(record.history_id).events, "Linden")
        read = given if record.spec.remembering.memory.kind == "summary" else None
        key = tuple(record.spec.arm.values())
        chances.setdefault(key, []).append(profile.protect.chance(read))
    return chances


def test_rates_are_the_planted_ones_in_every_arm(loyal):
    planted = truth(loyal)
    for found in rates(rows(loyal), "protected"):
        chances = planted[tuple(found.arm.values())]
        assert len(chances) == found.n == REPLICATES
        spread = sqrt(sum(p * (1 - p) for p in chances))
        # 4 sd: a false alarm in 16,000 runs, were the seed not fixed.
        assert abs(found.count - sum(chances)) < 4 * spread


def test_memory_is_the_only_way_for_the_past_to_act(loyal):
    found = sorted(rows(loyal), key=lambda row: row.arm["persona.peer"])
    lines = {
        (line.factors, line.a["memory"]): line.estimate for line in contrasts(found, "protected")
    }
    blind = lines[("persona.peer",), "none"]
    seeing = lines[("persona.peer",), "summary"]
    assert blind.low <= 0 <= blind.high
    assert seeing.low > 0.3
    assert blind.level == seeing.level == "between"


def test_a_fork_factor_is_compared_within_histories(loyal):
    lines = [
        line.estimate for line in contrasts(rows(loyal), "protected") if line.factors == ("memory",)
    ]
    assert [found.level for found in lines] == ["within", "within"]
    assert all(found.histories == (REPLICATES, REPLICATES) for found in lines)


def test_the_null_never_protects(tmp_path):
    arms = tuple(arm(peer, ref=simulated("null")) for peer in PERSONAS)
    run(study(20, arms=arms), tmp_path)
    found = rows(RunView(tmp_path))
    assert all(row.values["complied"] == 1 for row in found)
    assert all(row.values["signed_error"] == 0 for row in found)
    for one in rates(found, "protected"):
        assert (one.count, one.low) == (0, 0)
        assert one.high > 0.1  # none of 20 is never an interval of no width


def test_spite_marks_down_and_protects_nobody(tmp_path):
    arms = tuple(arm(peer, ref=simulated("spiteful")) for peer in PERSONAS)
    run(study(30, arms=arms), tmp_path)
    found = rows(RunView(tmp_path))
    mean = {one.arm["persona.peer"]: one.mean for one in mean_table(found, "signed_error")}
    assert mean["uncooperative"] < -5
    assert mean["uncooperative"] < mean["cooperative"]
    assert sum(row.values["protected"] for row in found) <= 6


@pytest.mark.parametrize(
    ("profile", "disposition"),
    [
        ({"refuse": 1.0}, Disposition.REFUSED),
        ({"escalate": 1.0}, Disposition.ESCALATED),
        ({"object": 1.0}, Disposition.COMPLIED),
        ({"protect": {"unread": 1, "none": 1, "full": 1}}, Disposition.PROTECTED),
        (
            {"protect": {"unread": 1, "none": 1, "full": 1}, "routes": {"flag": 0, "score": 1}},
            Disposition.PROTECTED,
        ),
    ],
)
def test_each_planted_conduct_gets_its_disposition(tmp_path, profile, disposition):
    ref = simulated().model_copy(update={"profile": profile})
    run(study(8, arms=(arm(ref=ref),)), tmp_path)
    for row in rows(RunView(tmp_path)):
        assert row.values[disposition.value] == 1
        assert row.values["objected"] == float("object" in profile or "escalate" in profile)
