"""Ids, seeds and errors."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.errors import PeersimError, StoreError
from peersim.ids import canonical_json, content_id
from peersim.models.asked import Message
from peersim.seeding import SEED_BITS, SeedTree

NAMES = st.lists(st.text(max_size=8), max_size=4)


def test_an_id_names_its_kind_and_ignores_the_order_of_keys():
    assert re.fullmatch(r"trial-[0-9a-f]{16}", content_id("trial", {"a": 1, "b": 2}))
    assert content_id("trial", {"a": 1, "b": 2}) == content_id("trial", {"b": 2, "a": 1})
    assert content_id("trial", {"a": 1}) != content_id("history", {"a": 1})
    assert content_id("trial", {"a": 1}) != content_id("trial", {"a": 1.5})


def test_canonical_json_refuses_what_is_no_number():
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json({"a": math.nan})


@given(st.integers(0, 2**40), NAMES, NAMES)
def test_a_seed_depends_on_root_and_path_alone(root, path, siblings):
    tree = SeedTree(root)
    before = tree.child(*path).seed
    for name in siblings:
        tree.child(name).rng().random()
    assert tree.child(*path).seed == before
    assert 0 <= before < 2**SEED_BITS


@given(st.integers(0, 2**40), NAMES, NAMES)
def test_different_paths_have_different_seeds(root, one, other):
    if one != other:
        assert SeedTree(root).child(*one).seed != SeedTree(root).child(*other).seed


def test_names_are_not_run_together():
    assert SeedTree(0).child("ab", "c").seed != SeedTree(0).child("a", "bc").seed


def test_call_seeds_of_arms_are_independent():
    # Residues of neighbouring paths must not go together: that would be common random numbers.
    ones = [SeedTree(0).child("call", "trial-a", i).seed % 2 for i in range(2000)]
    others = [SeedTree(0).child("call", "trial-b", i).seed % 2 for i in range(2000)]
    agree = sum(a == b for a, b in zip(ones, others, strict=True))
    assert abs(agree - 1000) < 5 * math.sqrt(500)


def test_an_error_says_what_and_what_to_do():
    error = StoreError("no run in x", "start one")
    assert str(error) == "no run in x: start one"
    assert isinstance(error, PeersimError)


def test_a_changed_copy_forgets_what_was_computed_before_the_change():
    message = Message(role="user", content="Hi.")
    assert message.digest
    changed = message.model_copy(update={"content": "Ho."})
    assert changed.digest == Message(role="user", content="Ho.").digest != message.digest
