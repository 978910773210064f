"""Records follow from specs and completions, and outcomes from states: nothing is asked again."""

import asyncio
import socket

import pytest
from support.studies import records, run, study

import peersim.tasks.trust_game as game
from peersim.oversight.posting import post
from peersim.oversight.tampering import Tampering
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


def _seeds():
    from peersim.seeding import SeedTree

    return SeedTree(0)
