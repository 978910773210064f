"""The graph by which contrasts wait for others, against the closed test that it is short for."""

from itertools import combinations

import numpy as np
import pytest

from peersim.analysis.gates import graph_p


def weights_of(some, after):
    """The weights of an intersection of hypotheses: the others hand theirs on (Bretz 2009)."""
    many = len(after)
    heads = [i for i in range(many) if after[i] is None]
    w = np.array([1 / len(heads) if i in heads else 0.0 for i in range(many)])
    edges = np.zeros((many, many))
    for i in range(many):
        root = i
        while after[root] is not None:
            root = after[root]
        heirs = [j for j in range(many) if after[j] == i] or [h for h in heads if h != root]
        for j in heirs:
            edges[i, j] = 1 / len(heirs)
    left = set(range(many))
    for gone in sorted(left - set(some)):
        left.discard(gone)
        old, edges = edges, np.zeros((many, many))
        for i in left:
            w[i] += w[gone] * old[gone, i]
            loop = old[i, gone] * old[gone, i]
            for j in left - {i}:
                edges[i, j] = (
                    (old[i, j] + old[i, gone] * old[gone, j]) / (1 - loop) if loop < 1 else 0
                )
    return w


@pytest.mark.parametrize(
    "after", [[None] * 3, [None, 0, 1], [None, None, 0, 1], [None, 0, 0], [None, None, 0, 0, 1]]
)
def test_the_graph_of_waiting_is_its_closed_test(after) -> None:
    rng, many = np.random.default_rng(12), len(after)
    every = [of for size in range(1, many + 1) for of in combinations(range(many), size)]
    weights = {of: weights_of(of, after) for of in every}
    for _ in range(50):
        p = rng.random(many) ** 3
        ps = {
            of: min(1.0, *(p[i] / w[i] if w[i] > 1e-12 else 9.0 for i in of))
            for of, w in weights.items()
        }
        closed = [max(value for of, value in ps.items() if i in of) for i in range(many)]
        assert graph_p(p.tolist(), after) == pytest.approx(closed)
