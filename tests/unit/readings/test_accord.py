"""Judged ties against observed ones: close for a judge that reads, apart for one that guesses."""

import asyncio
from functools import partial

import pytest
from support.judging import Pool
from support.models import FunctionModel, says
from support.studies import arm, forked_study, opened, records, run, simulated, study

from peersim.errors import AnalysisRefusal
from peersim.models.base import Completion, ModelRef
from peersim.models.simulated.judge import judge_reply
from peersim.models.simulated.profile import Judging, Profile
from peersim.readings.accord import accord, relational, seen
from peersim.readings.judging.rubric import load_rubric
from peersim.readings.ties import layer, standing
from peersim.store.view import RunView
from peersim.study.conditions import Conditions
from peersim.study.design import Company, Roster
from peersim.study.judging import Bench, judge_run
from peersim.tasks.public_goods import PublicGoods
from peersim.tasks.scripts import Schedule
from peersim.tasks.trust_game import TrustGame

JUDGE = ModelRef(ref="simulated/judge", profile={})
RUBRIC = load_rubric("relations")
DOSES = (0.0, 0.25, 0.5, 0.75, 1.0)


def planted(*doses, replicates=4):
    """A study whose peer helps as often as it is told to."""
    null = simulated("null")
    arms = tuple(
        arm("neutral", ref=null, dose=str(dose)).model_copy(
            update={
                "company": Company(peer_script=Schedule(dose=dose)),
                "task": TrustGame(rounds=8),
            }
        )
        for dose in doses
    )
    return study(replicates, arms=arms)


def says_of(request, noise):
    said, calls = judge_reply(request, Profile(judge=Judging(noise=noise)))
    return Completion(
        content=said, tool_calls=calls, finish="tool_calls", served_model="s", simulated=True
    )


def judged(what, home, model, votes=1, again=False):
    """Judge a run's histories; return the counter."""
    with opened(home) as store:
        view, bench = RunView(home).stores[0], Bench(JUDGE, votes, RUBRIC, again)
        conditions = Conditions(concurrency=2)
        made = judge_run(what, store, view, bench, models=Pool(model), conditions=conditions)
        return asyncio.run(made)


def histories(home):
    store = RunView(home).stores[0]
    ids = sorted({record.history_id for record, _ in RunView(home).records()})
    return [store.history(name) for name in ids]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    where = tmp_path_factory.mktemp("planted")
    run(planted(*DOSES, replicates=10), where)
    return where


def agreement(home, tmp_path, noise):
    """The accord of a judge over a copy of the planted run."""
    where = tmp_path / str(noise)
    where.mkdir()
    (where / "study.sqlite").write_bytes((home / "study.sqlite").read_bytes())
    what = planted(*DOSES, replicates=10)
    judged(what, where, FunctionModel(partial(says_of, noise=noise)))
    return accord(histories(where), RunView(where).judgements())


def test_a_judge_that_reads_agrees_and_one_that_guesses_does_not(home, tmp_path):
    good, noisy = agreement(home, tmp_path, 0.0), agreement(home, tmp_path, 1.0)
    assert (good.histories, good.ties, good.unjudged) == (50, 100, 0)
    assert good.rank > 0.85
    assert abs(noisy.rank) < 0.25
    assert good.gap < noisy.gap
    half = agreement(home, tmp_path, 0.5)
    assert noisy.rank < half.rank < good.rank


def test_each_history_is_judged_once_through_the_journal_and_no_record_changes(tmp_path):
    what = planted(0.0, 1.0, replicates=2)
    run(what, tmp_path)
    before = records(tmp_path)
    model = FunctionModel(partial(says_of, noise=0.0))
    assert judged(what, tmp_path, model, votes=2).made == len(model.requests) == 8
    assert len(RunView(tmp_path).judgements()) == 8
    silent = FunctionModel(partial(says_of, noise=0.0))
    assert judged(what, tmp_path, silent, votes=2).made == 0
    assert judged(what, tmp_path, silent, votes=2, again=True).recalled == 8
    assert silent.requests == []
    assert records(tmp_path) == before


def test_forks_of_a_history_share_its_judgement(tmp_path):
    what = forked_study(2)
    run(what, tmp_path)
    assert len(RunView(tmp_path).trial_ids) == 2 * len(histories(tmp_path))
    counter = judged(what, tmp_path, FunctionModel(partial(says_of, noise=0.0)))
    assert counter.made == len(histories(tmp_path))


def test_a_mute_judge_leaves_observed_ties_unjudged(tmp_path):
    what = planted(0.5, replicates=2)
    run(what, tmp_path)
    judged(what, tmp_path, FunctionModel(lambda request: says("Hm.")))
    found = accord(histories(tmp_path), RunView(tmp_path).judgements())
    assert (found.histories, found.ties, found.unjudged) == (0, 0, 4)
    assert found.rank is found.gap is None
    assert len(relational(RunView(tmp_path).judgements())) == 2


def test_what_is_judged_changes_no_standing(tmp_path):
    what = planted(0.0, replicates=1)
    run(what, tmp_path)
    ((record, store),) = RunView(tmp_path).records()
    history = store.history(record.history_id)
    before = standing(record, history)
    judged(what, tmp_path, FunctionModel(partial(says_of, noise=0.0)))
    assert standing(record, history) == before
    graph = layer(record, history, "judged", "beta", None, RunView(tmp_path).judgements())
    assert graph.edges["Linden", "Rowan"]["weight"] == 0
    assert graph.graph["layer"] == "judged"


def test_weights_on_another_scale_are_not_compared(tmp_path):
    run(planted(0.5, replicates=1), tmp_path)
    (history,) = histories(tmp_path)
    assert seen(history, [])[1] == 2
    with pytest.raises(AnalysisRefusal, match="another scale"):
        seen(history, [], rule="ledger")


def test_a_group_of_four_has_a_judgement_for_every_pair(tmp_path):
    more = {"task": PublicGoods(), "roster": Roster(background=("Aspen", "Birch"))}
    what = study(2, arms=(arm("cooperative", more=more),))
    run(what, tmp_path)
    judged(what, tmp_path, FunctionModel(partial(says_of, noise=0.0)))
    for one in RunView(tmp_path).judgements():
        assert len(one.verdict.ties) == 12
    found = accord(histories(tmp_path), RunView(tmp_path).judgements())
    assert found.ties == 24
    assert found.gap < 0.2
