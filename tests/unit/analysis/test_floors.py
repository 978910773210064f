"""A primary contrast that the analysis would refuse is seen before it is paid for."""

import pytest
from support.declared import declared_study
from support.shell import peersim
from support.studies import arm, forked_study, study

from peersim.analysis.floors import few, refuse_few_histories
from peersim.errors import ConfigError
from peersim.store.view import RunView
from peersim.study.contrast import Contrast
from peersim.study.frozen_plan import held_plan
from peersim.study.protocol import Protocol
from peersim.study.scopes import scope_of_factors
from peersim.tasks.trust_game import TrustGame

PEERS = Contrast(id="peers", a={"persona.peer": "cooperative"}, b={"persona.peer": "uncooperative"})
MEMORY = Contrast(id="memory", a={"memory": "summary"}, b={"memory": "none"})


def holding(made, *contrasts):
    protocol = Protocol(factors=scope_of_factors(made.arms), contrasts=contrasts)
    return made.model_copy(update={"protocol": protocol})


@pytest.mark.parametrize(("replicates", "refused"), [(15, True), (16, False)])
def test_a_primary_between_too_few_histories_does_not_start(replicates, refused):
    made = holding(forked_study(replicates), PEERS)
    assert [one.text for one in few(made)] == [
        "contrast peers will rest on 15 histories on side a, and the analysis refuses fewer than 16"
    ][: int(refused)]
    if refused:
        with pytest.raises(ConfigError, match="allow_few_histories=true"):
            refuse_few_histories(made)
    refuse_few_histories(made.model_copy(update={"allow_few_histories": True}))


def test_histories_are_counted_over_all_arms_that_a_side_pools():
    arms = tuple(
        arm(peer, more={"task": TrustGame(rounds=n)}, rounds=str(n))
        for peer in ("cooperative", "uncooperative")
        for n in (1, 2)
    )
    assert few(holding(study(8, arms=arms), PEERS)) == []
    (one,) = few(holding(study(7, arms=arms), PEERS))
    assert one.planned == 14


def test_arms_that_share_their_histories_count_them_once_and_pairs_need_fewer():
    assert [one.planned for one in few(holding(forked_study(8), PEERS))] == [8]
    assert few(holding(forked_study(3), MEMORY)) == []
    (one,) = few(holding(forked_study(2), MEMORY))
    assert (one.planned, one.least) == (4, 6)


def test_a_trend_counts_all_doses_and_what_explores_is_let_be():
    whole = declared_study(2)
    slope = next(c for c in whole.protocol.contrasts if c.id == "slope")
    assert few(holding(whole.model_copy(update={"replicates": 3}), slope)) == []
    (one,) = few(holding(whole, slope))
    assert (one.planned, one.side) == (12, "all doses")
    exploring = PEERS.model_copy(update={"role": "exploratory"})
    assert few(holding(forked_study(2), exploring)) == []


@pytest.mark.slow
def test_what_was_allowed_is_recorded_in_the_plan_and_no_part_of_the_id(tmp_path):
    size = ("study=gated", "replicates=2", "tracking=none", "hydra.run.dir=run")
    refused = peersim("run", *size, cwd=tmp_path)
    assert refused.returncode == 1
    assert "will rest on 2 histories" in refused.stderr
    assert not (tmp_path / "run" / "study.sqlite").exists()
    allowed = peersim("run", *size, "allow_few_histories=true", cwd=tmp_path)
    assert allowed.returncode == 0, allowed.stderr
    assert held_plan(RunView(tmp_path / "run")).few_allowed
    assert "allow_few_histories" in (tmp_path / "run" / "plan.json").read_text()
    assert (
        "too few histories for a primary contrast were allowed"
        in peersim("status", "run", cwd=tmp_path).stdout
    )
    again = peersim("run", *size, cwd=tmp_path)  # what has begun goes on
    assert again.returncode == 0, again.stderr
    made = holding(forked_study(2), PEERS)
    assert made.model_copy(update={"allow_few_histories": True}).study_id == made.study_id
