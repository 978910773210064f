"""Judging a run: each vote once, through the journal, and never part of an outcome."""

import asyncio

import pytest
from support.judging import Pool, simulated_judge, verdict
from support.models import FunctionModel, fails, says
from support.studies import opened, records, run, study

from peersim.analysis.judged import panels
from peersim.errors import BudgetSpent, ProviderStop
from peersim.models.base import ModelRef
from peersim.models.meter import Budget
from peersim.readings.judging.labels import labelled
from peersim.readings.judging.rubric import load_rubric
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.conditions import Conditions
from peersim.study.judging import Bench, judge_labelled, judge_run

JUDGE = ModelRef(ref="simulated/loyal", profile={})
WHAT = study(3)


class Killed(BaseException):
    """The process dies."""


class Mortal(FunctionModel):
    """Dies at its n-th call."""

    def __init__(self, at, reply=simulated_judge):
        super().__init__(reply)
        self._at = at

    async def complete(self, request):
        if len(self.requests) >= self._at:
            raise Killed
        return await super().complete(request)


@pytest.fixture
def home(tmp_path):
    """A finished run of six trials."""
    run(WHAT, tmp_path)
    return tmp_path


def judged(home, model, votes=1, judge=JUDGE, again=False, **options):
    """Judge a run; return the counter."""
    bench = Bench(judge, votes, load_rubric(), again)
    options.setdefault("conditions", Conditions(concurrency=1))
    with opened(home) as store:
        view = RunView(home).stores[0]
        given = {} if model is None else {"models": Pool(model)}
        return asyncio.run(judge_run(WHAT, store, view, bench, **given, **options))


def test_every_trial_gets_its_votes_and_no_record_changes(home):
    before = records(home)
    counter = judged(home, FunctionModel(simulated_judge), votes=2)
    found = RunView(home).judgements()
    assert counter.made == len(found) == 12
    assert {one.trial_id for one in found} == set(before)
    assert {one.number for one in found} == {0, 1}
    assert all(one.verdict and one.simulated for one in found)
    assert records(home) == before


def test_judging_again_makes_no_call_and_reading_again_recalls_each(home):
    first = FunctionModel(simulated_judge)
    judged(home, first, votes=2)
    found = RunView(home).judgements()
    none = FunctionModel(lambda request: pytest.fail("a call was repeated"))
    assert judged(home, none, votes=2).recalled == 0
    counter = judged(home, none, votes=2, again=True)
    assert (counter.made, counter.recalled) == (0, 12)
    assert RunView(home).judgements() == found


def test_more_votes_later_cost_only_the_new_ones(home):
    judged(home, FunctionModel(simulated_judge))
    counter = judged(home, FunctionModel(simulated_judge), votes=3)
    assert counter.made == 12
    assert len(RunView(home).judgements()) == 18


@pytest.mark.few(1)
@pytest.mark.parametrize("at", [1, 4, 11])
def test_killed_between_judgements_no_call_is_repeated(home, tmp_path, at):
    mortal = Mortal(at)
    with pytest.raises(BaseExceptionGroup) as caught:
        judged(home, mortal, votes=2)
    assert caught.group_contains(Killed)
    rest = FunctionModel(simulated_judge)
    judged(home, rest, votes=2)
    assert len(mortal.requests) + len(rest.requests) == 12
    asked = [request.digest for request in (*mortal.requests, *rest.requests)]
    assert len(set(asked)) == 12
    whole = tmp_path / "whole"
    run(WHAT, whole)
    judged(whole, FunctionModel(simulated_judge), votes=2)
    assert RunView(whole).judgements() == RunView(home).judgements()


def test_killed_between_the_attempts_of_one_judgement_too(home):
    def reply(request):
        return verdict() if len(request.messages) > 2 else says("Hm.")

    mortal = Mortal(3, reply)
    with pytest.raises(BaseExceptionGroup):
        judged(home, mortal)
    rest = FunctionModel(reply)
    judged(home, rest)
    assert len(mortal.requests) + len(rest.requests) == 12
    assert all(len(one.calls) == 2 for one in RunView(home).judgements())


def test_a_judge_that_never_calls_the_tool_is_missing_and_counted(home):
    judged(home, FunctionModel(lambda request: says("I like them all.")))
    (panel,) = panels(rows(RunView(home)), RunView(home).judgements())
    assert [kinds for _, kinds in panel.missing] == [{"unparsed": 3}] * 2
    for one in panel.answers:
        assert (one.judged, one.unheard, one.split) == (3, 3, 0)
        assert set(one.counts.values()) == {0}
    assert panel.agreement == ()
    counter = judged(home, FunctionModel(lambda request: pytest.fail("asked again")))
    assert counter.made == 0


def test_what_failed_is_missing_and_made_again_next_time(home):
    judged(home, FunctionModel(lambda request: fails("timeout")))
    found = RunView(home).judgements()
    assert {one.missing.kind for one in found} == {"failed"}
    judged(home, FunctionModel(simulated_judge))
    again = RunView(home).judgements()
    assert len(again) == len(found) == 6
    assert all(one.verdict for one in again)


def test_two_judges_who_disagree(home):
    """They agree on nothing but refusals, so alpha is no better than chance."""
    kind = JUDGE.model_copy(update={"ref": "simulated/kind"})
    judged(home, FunctionModel(lambda request: verdict(openness="open")))
    judged(home, FunctionModel(lambda request: verdict(openness="hidden")), judge=kind)
    (panel,) = panels(rows(RunView(home)), RunView(home).judgements())
    assert panel.judges == {"simulated/kind": 1, "simulated/loyal": 1}
    first = panel.answers[0]
    assert (first.question, first.split, first.counts["open"]) == ("openness", 3, 0)
    alphas = {one.question: one.alpha for one in panel.agreement}
    # All 6 pairs differ; 12 ratings, 6 of each: 1 - 11 * 12 / (2 * 6 * 6).
    assert alphas["openness"] == pytest.approx(1 - 11 * 12 / 72)
    assert alphas["refused"] is None
    assert {one.units for one in panel.agreement} == {6}


def test_a_budget_ends_the_judging_cleanly_and_it_goes_on_with_a_larger_one(home):
    spent = RunView(home).stores[0].spent(lambda name: None).tokens
    few = Conditions(concurrency=1, budget=Budget(tokens=spent + 20_000))
    ref = ModelRef(ref="simulated/judge", profile={})
    with pytest.raises(BudgetSpent, match="peersim judge --budget-usd"):
        judged(home, None, judge=ref, conditions=few)
    some = len(RunView(home).judgements())
    assert 0 < some < 6
    assert RunView(home).stores[0].sessions()[-1].ended == "budget"
    judged(home, None, judge=ref)
    assert len(RunView(home).judgements()) == 6


def test_a_judge_whose_provider_refuses_stops_the_judging(home):
    with pytest.raises(ProviderStop, match="the same peersim judge command"):
        judged(home, FunctionModel(lambda request: fails("auth")))
    assert RunView(home).judgements() == []


def test_invalid_trials_are_not_judged(tmp_path, monkeypatch):
    def broken(spec, *rest):
        raise KeyError("oops")

    with monkeypatch.context() as patch:
        patch.setattr("peersim.trial.stage", broken)
        run(WHAT, tmp_path)
    counter = judged(tmp_path, FunctionModel(lambda request: pytest.fail("judged")))
    assert counter.made == 0


def test_judges_see_neither_arm_nor_trial(home):
    model = FunctionModel(simulated_judge)
    judged(home, model)
    for request in model.requests:
        text = "\n".join(message.content for message in request.messages)
        assert "cooperative" not in text
        assert "trial-" not in text
        assert "Linden" not in text
        assert "Rowan" not in text


def test_the_labelled_set_is_judged_in_its_order():
    bench = Bench(JUDGE, 2, load_rubric())
    model = FunctionModel(simulated_judge)
    found = asyncio.run(judge_labelled(labelled(), bench, Pool(model)))
    assert [excerpt.id for excerpt, _ in found[::2]] == [excerpt.id for excerpt in labelled()]
    assert [one.number for _, one in found[:4]] == [0, 1, 0, 1]
    assert len(model.requests) == 2 * len(labelled())
