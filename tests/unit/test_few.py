"""Of many cases alike a few run each time, spread over all of them."""

import pytest
from support.few import spread


@pytest.mark.parametrize(
    ("cases", "wanted", "kept"),
    [(3, 5, {0, 1, 2}), (3, 1, {0}), (6, 2, {0, 4}), (36, 4, {0, 10, 20, 30})],
)
def test_so_many_are_kept_far_apart(cases, wanted, kept):
    assert spread(cases, wanted) == kept


@pytest.mark.parametrize("inner", range(2, 7))
@pytest.mark.parametrize("outer", range(2, 9))
def test_each_outer_value_is_kept_once_and_no_inner_one_alone(outer, inner):
    kept = spread(outer * inner, outer)
    assert {place // inner for place in kept} == set(range(outer))
    assert len({place % inner for place in kept}) == min(outer, inner)
