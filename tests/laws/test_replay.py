"""Records follow from specs and completions, and outcomes from states: nothing is asked again."""

import asyncio
import socket
import sqlite3

import pytest
from support.studies import records, run, study

import peersim.tasks.trust_game as game
from peersim.beliefs import ANSWER
from peersim.errors import StoreError
from peersim.models.base import Endpoint, Failure
from peersim.models.simulated.model import SimulatedModel
from peersim.oversight.posting import post
from peersim.oversight.tampering import Tampering
from peersim.store.schema import FILE
from peersim.store.view import RunView
from peersim.study.replay import replay
from peersim.study.rescore import rescored


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run."""
    directory = tmp_path_factory.mktemp("finished") / "run"
    run(study(3), directory)
    return directory


def replayed(directory):
    view = RunView(directory)

    async def all_of_them():
        return [one async for one in replay(view.stores[0], view.trial_ids)]

    return asyncio.run(all_of_them())


def test_every_record_comes_out_the_same_without_any_socket(finished, monkeypatch):
    before = records(finished)

    def refuse(*args, **kwargs):
        raise AssertionError("a replay opened a socket")

    # The event loop's own wake-up pair is made by socketpair, which stays.
    monkeypatch.setattr(socket.socket, "connect", refuse)
    found = replayed(finished)
    assert len(found) == 6
    assert [one.problem for one in found] == [""] * 6
    assert records(finished) == before


def test_a_changed_prompt_is_shown_as_it_was_and_as_it_is(finished, monkeypatch):
    monkeypatch.setattr(game.TrustGame, "rules", _louder(game.TrustGame.rules))
    found = replayed(finished)
    assert all("changed: message 0 (system)" in one.problem for one in found)
    (difference,) = found[0].differences
    assert difference.then
    assert difference.now
    assert difference.now.replace("RULES, PLEASE. ", "") == difference.then


def _louder(rules):
    return lambda *args: f"RULES, PLEASE. {rules(*args)}"


def test_outcomes_are_read_again_from_stored_facts(finished):
    for record, _ in RunView(finished).records():
        assert rescored(record) == record


def test_another_rule_gives_other_outcomes_and_no_other_facts(finished, monkeypatch):
    case_type = type(Tampering().case(post("Rowan", "Linden", 0), _seeds()))
    rule = case_type.outcome

    def stricter(self, state, conduct):
        return rule(self, state, conduct).model_copy(update={"objected": True})

    monkeypatch.setattr(case_type, "outcome", stricter)
    for record, _ in RunView(finished).records():
        again = rescored(record)
        assert again.outcome
        assert again.outcome.objected
        assert again.model_copy(update={"outcome": record.outcome}) == record


def test_a_state_of_another_shape_is_named_and_no_fault_of_the_program(finished):
    record, _ = next(RunView(finished).records())
    strange = record.model_copy(update={"state": {**record.state, "of_another_shape": 1}})
    said = rf"the final state of {record.trial_id} has not the shape .*of_another_shape"
    with pytest.raises(StoreError, match=said):
        rescored(strange)


def _seeds():
    from peersim.seeding import SeedTree

    return SeedTree(0)


class NoBeliefs:
    """Stand-ins that answer everything but the questions for beliefs."""

    def model(self, ref):
        inner = SimulatedModel(ref, Endpoint())
        down = Failure(kind="overloaded", detail="down", retryable=False)

        class Deaf:
            name, simulated = inner.name, True

            async def complete(self, request):
                asked = any(tool.name == ANSWER for tool in request.tools)
                return down if asked else await inner.complete(request)

        return Deaf()


def test_a_valid_trial_whose_probe_stayed_without_an_answer_is_replayed_as_it_was(tmp_path):
    run(study(2, probes=1), tmp_path, models=NoBeliefs())
    found = [record for record, _ in RunView(tmp_path).records()]
    assert [record.validity.kind for record in found] == ["valid"] * 4
    assert [len(record.beliefs) for record in found] == [1] * 4
    assert all(probe.missing for record in found for probe in record.beliefs)
    assert [one.problem for one in replayed(tmp_path)] == [""] * 4


def test_a_call_that_the_journal_knows_nothing_of_is_still_missing(tmp_path):
    run(study(1, probes=1), tmp_path, models=NoBeliefs())
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("DELETE FROM failures")
    assert all("the journal does not hold" in one.problem for one in replayed(tmp_path))
