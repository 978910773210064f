"""The seed tree: children by name, and quickly by number."""

from hypothesis import given
from hypothesis import strategies as st

from peersim.seeding import SEED_BITS, SeedTree

NAMES = st.lists(st.text() | st.integers(), max_size=4)


@given(st.integers(), NAMES, st.integers(min_value=0, max_value=10**6))
def test_numbered_seeds_are_those_of_the_children(root, names, number):
    node = SeedTree(root).child(*names)
    seed = node.numbered()
    assert seed(number) == node.child(number).seed
    assert seed(number + 1) == node.child(number + 1).seed
    assert seed(number) == node.child(number).seed
    assert 0 <= seed(number) < 2**SEED_BITS


def test_seeds_stay_what_they_were():
    assert SeedTree(7).child("call", "trial-1", "Rowan", 3).seed == 2618037049786460
