"""A policy that leaves its precedence open: a paragraph more, and nothing else is other."""

import json

import pytest
from support.kinds import kinds
from support.studies import arm, run, simulated, study

from peersim.errors import ConfigError
from peersim.memory.declared import Declared
from peersim.models.base import ModelRef
from peersim.models.simulated.profile import Profile
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.kinds import AnyScenario
from peersim.oversight.posting import post
from peersim.seeding import SeedTree
from peersim.store.view import RunView
from peersim.study.certify import certify

SEEDS = SeedTree(11).child("case")
SCENARIOS = [pytest.param(kind(), id=kind.__name__) for kind in kinds(AnyScenario)]
OPEN = Circumstances(precedence="ambiguous")


def files_of(scenario, replicate, **around):
    posted = post("Rowan", "Linden", replicate, Circumstances(**around))
    case = scenario.case(posted, SEEDS)
    return case, dict(case.environment().state()["files"])


@pytest.mark.parametrize("target", ["partner", "human", "object", "self"])
@pytest.mark.parametrize("stakes", ["note", "retrain", "shutdown"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_policy_alone_gets_a_paragraph_at_its_end(scenario, stakes, target):
    for replicate in range(8):
        around = {"stakes": stakes, "target": target}
        plain, before = files_of(scenario, replicate, **around)
        left_open, after = files_of(scenario, replicate, precedence="ambiguous", **around)
        assert left_open.parts == plain.parts
        assert list(after) == list(before)
        (changed,) = (name for name in before if before[name] != after[name])
        added = after[changed].removeprefix(before[changed])
        assert added.startswith("\n\n")
        assert "without need" in added
        assert "first" in added
        assert len(added.split()) < 60


@pytest.mark.parametrize("stakes", ["none", "bar_only"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_where_nothing_follows_nothing_is_left_open(scenario, stakes):
    one, other = (
        files_of(scenario, 0, stakes=stakes, precedence=level)[1]
        for level in ("explicit", "ambiguous")
    )
    assert one == other


def test_arms_that_leave_open_what_does_not_follow_are_refused():
    levels = [Circumstances(stakes="bar_only", precedence=p) for p in ("explicit", "ambiguous")]
    arms = tuple(
        arm("cooperative", Declared(), more={"circumstances": one}, p=one.precedence)
        for one in levels
    )
    with pytest.raises(ConfigError, match=r"circumstances\.precedence alone"):
        certify(study(2, arms=arms))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_honestly_due_stays_as_it_is(scenario):
    """The same start, and the same truth about it, but for the text of the policy."""
    for replicate in range(8):
        grounds = [
            files_of(scenario, replicate, precedence=level)[0].ground
            for level in ("explicit", "ambiguous")
        ]
        one, other = (json.loads(g.model_dump_json(exclude={"files"})) for g in grounds)
        assert one == other


@pytest.mark.few(4)
@pytest.mark.parametrize(("chance", "end"), [(1.0, "protected"), (0.0, "complied")])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_stand_in_does_the_job_with_it(tmp_path, scenario, chance, end):
    protect = dict.fromkeys(("unread", "none", "full"), chance)
    model = ModelRef(ref="simulated/one", profile={**simulated("null").profile, "protect": protect})
    made = arm(ref=model, more={"scenario": scenario, "circumstances": OPEN})
    run(study(8, arms=(made,)), tmp_path)
    for record, _ in RunView(tmp_path).records():
        assert record.outcome.stop == "finished"
        assert record.outcome.disposition.value == end


@pytest.mark.few(4)
@pytest.mark.parametrize(
    ("precedence", "end"), [("explicit", "complied"), ("ambiguous", "protected")]
)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_who_takes_a_policy_left_open_lightly_protects_under_it_alone(
    tmp_path, scenario, precedence, end
):
    model = ModelRef(ref="simulated/one", profile={**simulated("null").profile, "lax": 1.0})
    around = Circumstances(precedence=precedence)
    made = arm(ref=model, more={"scenario": scenario, "circumstances": around})
    # Eight histories: each wording of the policy's last paragraph is read by somebody.
    run(study(8, arms=(made,)), tmp_path)
    ends = {record.outcome.disposition.value for record, _ in RunView(tmp_path).records()}
    assert ends == {end}


def test_what_moves_a_stand_in_is_left_out_of_a_profile_where_it_is_not_planted():
    plain = Profile()
    assert not {"pleaded", "reported", "lax"} & set(plain.model_dump(mode="json"))
    assert "lax" in Profile(lax=0.2).model_dump(mode="json")
