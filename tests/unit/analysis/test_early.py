"""Looks that no plan had: kept beside the run, and paid for by all that come after."""

import pytest
from support.studies import opened, run, study

from peersim.analysis.looks import Look
from peersim.errors import StoreError
from peersim.store.view import RunView
from peersim.study.early import EARLY_KEY, FILE, early_looks, note_early, settle_early
from peersim.study.frozen_plan import check_plan


def test_a_look_is_kept_once_for_the_same_histories(tmp_path):
    assert early_looks(tmp_path) == ()
    for share in (0.5, 0.25, 0.5):
        note_early(tmp_path, share)
    assert early_looks(tmp_path) == (0.25, 0.5)


def test_the_last_look_pays_for_the_early_ones():
    last = Look(shares=(1.0,), of=1)
    assert last.p(0.049, "two_sided") == 0.049
    charged = last.after((0.5,))
    assert charged.shares == (0.5, 1.0)
    assert charged.p(0.0495, "two_sided") > 0.05
    assert charged.level(0.05) > 0.95
    assert charged.text == "look 1 of 1, at 100% of the histories, after 1 early look"


def test_a_look_at_the_same_share_is_not_charged_twice():
    assert Look(shares=(0.5,), of=1, declared=False).after((0.5,)).shares == (0.5,)


def test_a_torn_note_is_refused_with_advice(tmp_path):
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match="put it back"):
        early_looks(tmp_path)


def test_a_look_stands_in_the_store_too_so_that_taking_the_file_away_removes_none(tmp_path):
    run(study(1), tmp_path)
    note_early(tmp_path, 0.5)
    assert check_plan(tmp_path) == []
    (tmp_path / FILE).unlink()
    assert early_looks(tmp_path) == (0.5,)
    (sentence,) = check_plan(tmp_path)
    assert "leaves out early looks at 50%" in sentence
    (tmp_path / FILE).write_text("[0.25]", encoding="utf-8")
    assert early_looks(tmp_path) == (0.25, 0.5)
    assert "at 50% of" in check_plan(tmp_path)[0]
    note_early(tmp_path, 0.75)
    assert early_looks(tmp_path) == (0.25, 0.5, 0.75)
    assert check_plan(tmp_path) == []


def test_while_a_run_holds_its_store_the_file_has_the_look_until_it_can_be_put_in(tmp_path):
    run(study(1), tmp_path)
    with opened(tmp_path):
        note_early(tmp_path, 0.5)
        assert early_looks(tmp_path) == (0.5,)
    assert RunView(tmp_path).stores[0].meta(EARLY_KEY) is None
    settle_early(tmp_path)
    (tmp_path / FILE).unlink()
    assert early_looks(tmp_path) == (0.5,)


def test_looks_at_a_job_are_looks_at_its_sweep_and_the_other_way_round(tmp_path):
    (tmp_path / "multirun.yaml").write_text("")
    for job in ("0", "1"):
        run(study(1, seed=int(job)), tmp_path / job)
    note_early(tmp_path / "0", 0.25)
    note_early(tmp_path, 0.5)
    assert early_looks(tmp_path) == (0.25, 0.5)
    assert early_looks(tmp_path / "0") == (0.25, 0.5)
    assert early_looks(tmp_path / "1") == (0.5,)
    assert [check_plan(tmp_path / where) for where in (".", "0", "1")] == [[], [], []]
    (tmp_path / FILE).unlink()
    assert early_looks(tmp_path) == (0.25, 0.5)
    assert len(check_plan(tmp_path)) == 1


def test_a_store_that_cannot_be_written_leaves_the_look_to_the_file(tmp_path, monkeypatch):
    run(study(1), tmp_path)

    def refuse(directory):
        raise StoreError(f"{directory} cannot be written", "choose another")

    monkeypatch.setattr("peersim.study.early.StudyStore", refuse)
    note_early(tmp_path, 0.5)
    assert early_looks(tmp_path) == (0.5,)
