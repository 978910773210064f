"""P-values for regressions with few clusters: scores of whole clusters are flipped."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from peersim.stats.draws import at_least, signs
from peersim.stats.permute import BATCH, ROUNDING, Array

Labels = Sequence[Hashable]
Index = NDArray[np.int64]


def score_flip_p(
    y: Sequence[float],
    cells: Sequence[str],
    weights: Mapping[str, float],
    clusters: Sequence[Labels],
    strata: Labels | None = None,
) -> float:
    """Two-sided p of a contrast of cells, by flipping whole clusters of the smallest clustering.

    Under the null of the contrast the residual scores of a cluster are as likely as their mirror
    images; for forked arms a flip is the arms of that cluster changing places. The statistic is
    studentised by the variance over all clusterings (MacKinnon, Nielsen and Webb 2021).

    Args:
        y: The outcome of each trial.
        cells: The cell of each trial.
        weights: Of the cells in the contrast.
        clusters: One or two clusterings of the trials.
        strata: What is compared within, if anything.
    """
    influence, residuals = _influence(y, cells, weights, strata)
    share = influence**2 / (influence**2).sum()
    scores = influence * residuals
    if np.abs(scores).max() <= ROUNDING:
        return 1.0
    indices = [_index(labels) for labels in clusters]
    # Trials of the same clusters flip and sum together, so they are added up first.
    joint = _index(list(zip(*[index.tolist() for index in indices], strict=True)))
    first = np.unique(joint, return_index=True)[1]
    pieces, shares = (
        np.asarray(np.bincount(joint, of), dtype=np.float64) for of in (scores, share)
    )
    over = [index[first] for index in indices]
    smallest = min(over, key=lambda index: int(index.max()))
    flips = signs(int(smallest.max()) + 1)
    rows = max(1, BATCH // len(pieces))
    t = np.concatenate(
        [
            _studentised(flips[start : start + rows][:, smallest] * pieces, shares, over)
            for start in range(0, len(flips), rows)
        ]
    )
    return float(at_least(t[:, None], t[:1])[0])


def _influence(
    y: Sequence[float], cells: Sequence[str], weights: Mapping[str, float], strata: Labels | None
) -> tuple[Array, Array]:
    """What each trial adds to the contrast, and the residuals of the model without the contrast."""
    names = sorted(set(cells))
    dummies = np.array([[cell == name for name in names] for cell in cells], dtype=np.float64)
    outcome = np.asarray(y, dtype=np.float64)
    if strata is not None:
        index = _index(strata)
        size = np.bincount(index)
        means = np.stack([np.bincount(index, column) / size for column in dummies.T], axis=1)
        dummies = dummies - means[index]
        outcome = outcome - (np.bincount(index, outcome) / size)[index]
    inverse = np.linalg.pinv(dummies.T @ dummies, rcond=1e-10, hermitian=True)
    influence = dummies @ inverse @ np.array([weights.get(name, 0.0) for name in names])
    fitted = dummies @ (inverse @ (dummies.T @ outcome))
    back = float(influence @ outcome) / float(influence @ influence)
    return influence, outcome - fitted + back * influence


def _studentised(scores: Array, shares: Array, over: Sequence[Index]) -> Array:
    """The absolute contrast over its error, for each row of scores by joint cluster."""
    estimates = scores.sum(axis=1)
    pieces = scores - estimates[:, None] * shares
    single = [_squares(pieces, index) for index in over]
    variance = sum(single)
    if len(single) > 1:
        variance = variance - (pieces**2).sum(axis=1)
        # Two-way variances can fall below 0; the larger one-way variance then stands in.
        variance = np.where(variance > ROUNDING**2, variance, np.maximum(*single))
    t = np.abs(estimates) / np.sqrt(np.maximum(variance, ROUNDING**2))
    return np.asarray(np.round(t, 8), dtype=np.float64)


def _squares(pieces: Array, index: Index) -> Array:
    ones, columns = np.ones(len(index)), np.arange(len(index))
    member = sparse.csr_array((ones, (index, columns)), shape=(int(index.max()) + 1, len(index)))
    sums = np.asarray(member @ pieces.T, dtype=np.float64)
    return np.asarray((sums**2).sum(axis=0), dtype=np.float64)


def _index(labels: Labels) -> Index:
    places = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    return np.array([places[label] for label in labels], dtype=np.int64)
