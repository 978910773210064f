"""Looks that no plan had: kept beside the run, and paid for by all that come after."""

import pytest

from peersim.analysis.looks import Look
from peersim.errors import StoreError
from peersim.study.early import FILE, early_looks, note_early


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
