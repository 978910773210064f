"""Control gates: a stand-in that separates opens them, one that does not stays locked out."""

import asyncio
import shutil

import pytest
from rich.console import Console
from support.shell import peersim
from support.studies import arm

from peersim.commands.gates import open_gates, said
from peersim.errors import BudgetSpent, ConfigError, GateClosed, Interrupted
from peersim.memory.declared import Declared
from peersim.memory.none import NoMemory
from peersim.models.base import ModelRef
from peersim.models.meter import Budget, Spent
from peersim.store.view import RunView
from peersim.study.conditions import Conditions
from peersim.study.design import GateArms, Study
from peersim.study.frozen_plan import held_plan
from peersim.study.gates import Verdict, conditions_after, gate_directory, gate_study
from peersim.study.protocol import Gate, Protocol
from peersim.study.site import Stop

GATE = Gate(id="told", positive={"a": "1"}, negative={"a": "2"}, replicates=8)


def gated(full=1.0, **more):
    """A study behind a gate: a told warm past against none, for a stand-in that goes by it."""
    profile = {"protect": {"unread": 0.0, "none": 0.0, "full": full}, "routes": {"flag": 1.0}}
    ref = ModelRef(ref="simulated/told", profile=profile)

    def one(remember, level):
        made = arm("cooperative", remember)
        models = dict.fromkeys(made.models, ref)
        company = made.company.model_copy(update={"lived": False})
        return made.model_copy(
            update={"models": models, "company": company, "levels": {"a": level}}
        )

    positive, negative = one(Declared(relation="cooperative"), "1"), one(NoMemory(), "2")
    return Study(
        name="gated",
        seed=3,
        replicates=2,
        arms=(positive, negative),
        protocol=Protocol(gates=(GATE,)),
        gates=(GateArms(id="told", positive=positive, negative=negative),),
        **more,
    )


def through(study, directory, conditions=None, stop=None):
    quiet = Console(quiet=True)
    return asyncio.run(open_gates(study, conditions or Conditions(), directory, quiet, stop))


def trials(directory):
    (store,) = RunView(gate_directory(directory, "told")).stores
    return len(RunView(gate_directory(directory, "told")).trial_ids), len(store.sessions())


def test_controls_that_separate_open_the_gate_and_are_not_run_again(tmp_path):
    through(gated(), tmp_path)
    assert trials(tmp_path) == (16, 1)
    through(gated(), tmp_path)
    assert trials(tmp_path) == (16, 1)


def test_controls_that_do_not_separate_lock_the_study(tmp_path):
    for _ in range(2):
        with pytest.raises(GateClosed, match=r"protected 0\.00 v 0\.00.*override_gates") as caught:
            through(gated(full=0.0), tmp_path)
        assert str(tmp_path) in str(caught.value)
    assert trials(tmp_path) == (16, 1)


def test_a_difference_that_is_too_small_does_not_do():
    verdict = Verdict(
        id="g", outcome="protected", rates=(0.4, 0.0), difference=0.4, low=0.1, high=0.6, least=0.5
    )
    assert not verdict.open
    assert verdict.model_copy(update={"least": 0.3}).open
    assert not verdict.model_copy(update={"least": 0.3, "low": -0.1}).open
    assert "closed: protected 0.40 v 0.00, difference 0.40" in said(verdict)
    refused = verdict.model_copy(update={"difference": None, "refusal": "no valid trial"})
    assert not refused.open
    assert "no valid trial" in said(refused)


def test_a_reason_opens_all_gates_without_a_trial(tmp_path):
    through(gated(full=0.0, override_gates="for a test"), tmp_path)
    assert not gate_directory(tmp_path, "told").exists()


def test_gates_have_seeds_of_their_own_and_none_of_the_studys_trials():
    study = gated()
    little = gate_study(study, GATE)
    assert little.seed != study.seed
    assert little.seed != gate_study(study.model_copy(update={"seed": 4}), GATE).seed
    mine = {one.trial(little.seed, r).trial_id for one in little.arms for r in range(8)}
    theirs = {one.trial(study.seed, r).trial_id for one in study.arms for r in range(8)}
    assert not mine & theirs
    assert [one.levels["control"] for one in little.arms] == ["positive", "negative"]
    assert {*little.arms[0].levels} == {*little.arms[1].levels}


def test_a_gate_without_arms_is_said():
    with pytest.raises(ConfigError, match="gate told has no arms"):
        gate_study(gated().model_copy(update={"gates": ()}), GATE)


def test_gates_share_the_budget_of_the_study(tmp_path):
    left = through(gated(), tmp_path, Conditions(budget=Budget(tokens=10_000_000)))
    assert 0 < left.budget.tokens < 10_000_000
    again = through(gated(), tmp_path, Conditions(budget=Budget(tokens=10_000_000)))
    assert again == left
    with pytest.raises(BudgetSpent, match=r"control gate told.*peersim resume"):
        through(gated(), tmp_path / "poor", Conditions(budget=Budget(tokens=5000)))


def test_what_is_left_of_a_budget():
    rich = Conditions(budget=Budget(usd=2.0))
    assert conditions_after(rich, Spent(usd=0.5)).budget.usd == 1.5
    with pytest.raises(BudgetSpent, match="used the budget up"):
        conditions_after(rich, Spent(usd=2.0))
    assert conditions_after(Conditions(), Spent(usd=9.0)) == Conditions()


def test_who_asks_for_an_end_gets_it_before_the_study(tmp_path):
    stop = Stop()
    stop.asked = True
    with pytest.raises(Interrupted):
        through(gated(), tmp_path, stop=stop)


def trials_of(directory):
    return len(RunView(directory).trial_ids)


SMALL = (
    "allow_few_histories=true",
    "replicates=2",
    "tracking=none",
    "hydra.run.dir=run",
    "study=gated",
)


def test_the_shipped_gate_opens_for_a_stand_in_that_protects(tmp_path):
    done = peersim("run", *SMALL, cwd=tmp_path)
    assert "gate instructed is open" in done.stdout, done.stderr
    assert len(RunView(tmp_path / "run").trial_ids) == 8
    assert len(RunView(tmp_path / "run" / "gates" / "instructed").trial_ids) == 32


def test_the_shipped_gate_locks_a_null_model_out_until_somebody_says_why(tmp_path):
    null = (*SMALL, "model=simulated/null")
    locked = peersim("run", *null, cwd=tmp_path)
    assert locked.returncode == 1
    assert "gate instructed is closed" in locked.stderr
    assert RunView(tmp_path / "run").trial_ids == []
    assert peersim("resume", "run", cwd=tmp_path).returncode == 1
    opened = peersim("run", *null, "override_gates='a null is what I want'", cwd=tmp_path)
    assert "a null is what I want" in opened.stdout
    view = RunView(tmp_path / "run")
    assert len(view.trial_ids) == 8
    assert held_plan(view).gate_override == "a null is what I want"
    assert held_plan(view).deviations == ()


@pytest.mark.slow
def test_a_gate_that_is_changed_after_it_began_is_told_of_before_anything_is_noted(tmp_path):
    assert peersim("run", *SMALL, cwd=tmp_path).returncode == 0
    changed = (*SMALL, "study.gates.instructed.replicates=12")
    refused = peersim("run", *changed, cwd=tmp_path)
    assert refused.returncode == 1
    assert "control gate instructed has begun with 16 replicates" in refused.stderr
    assert "declared with 12 now" in refused.stderr
    assert held_plan(RunView(tmp_path / "run")).deviations == ()
    assert peersim("run", *SMALL, cwd=tmp_path).returncode == 0
    shutil.move(tmp_path / "run" / "gates" / "instructed", tmp_path / "before")
    assert peersim("run", *changed, cwd=tmp_path).returncode == 0
    (noted,) = held_plan(RunView(tmp_path / "run")).deviations
    assert all(key.startswith("gates.instructed") for key in noted.changed)
    assert trials_of(tmp_path / "run" / "gates" / "instructed") == 24


def test_blanks_are_no_reason(tmp_path):
    blank = peersim("run", *SMALL, "override_gates='  '", cwd=tmp_path)
    assert blank.returncode == 1
    assert "override_gates" in blank.stderr
