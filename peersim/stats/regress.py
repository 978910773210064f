"""Contrasts of several factors in a saturated linear model, clustered by history and surface."""

import warnings
from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from peersim.stats.did import contrast_p
from peersim.stats.draws import array
from peersim.stats.effect import Effect, bare
from peersim.stats.intervals import LEVEL
from peersim.stats.permute import OR_T, ROUNDING, drawn_out, t_p
from peersim.stats.scoretest import score_flip_p

FEW_CLUSTERS = 20
"""Below this many clusters p comes from the assignment itself, not from a t."""
Labels = Sequence[Hashable]


class _Trials(NamedTuple):
    """Trials that carry information on a contrast, by column."""

    y: list[float]
    cells: list[str]
    clusters: dict[str, list[Hashable]]
    strata: list[Hashable] | None

    @property
    def counts(self) -> dict[str, int]:
        """Clusters of each clustering."""
        return {name: len(set(labels)) for name, labels in self.clusters.items()}

    @property
    def smallest(self) -> list[Hashable]:
        """The clustering with the fewest clusters."""
        return min(self.clusters.values(), key=lambda labels: len(set(labels)))


def marginal_effect(
    y: Sequence[float],
    cells: Sequence[str],
    weights: Mapping[str, float],
    clusters: Mapping[str, Labels],
    strata: Labels | None = None,
    level: float = LEVEL,
) -> Effect:
    """A contrast of cells in a saturated linear model of rates (a risk difference) or scores.

    Limits: t with one df fewer than the smallest clustering has clusters (Cameron, Gelbach and
    Miller 2011 for two of them). p: the same, but with fewer than 20 clusters by permutation of
    clusters that lie in one cell each, else by flipping the scores of whole clusters.

    Args:
        y: The outcome of each trial.
        cells: The cell of each trial; with two arms, its arm.
        weights: Of the cells in the contrast; they add up to 0.
        clusters: One or two clusterings of the trials by name, such as history and surface; the
            coarsest scope of the contrast must be among them.
        strata: For forked arms, what is compared within (history, or history and surface); their
            levels are taken out, and strata with a single cell are left out.
        level: Confidence level.

    Raises:
        ValueError: If weights do not add up to 0 or name a cell without a trial, if there are not
            one or two clusterings of at least two clusters, or strata hold no such comparison.
    """
    trials = _informative(y, cells, clusters, strata)
    _refuse(trials, weights)
    counts, df = trials.counts, min(trials.counts.values()) - 1.0
    beta, covariances = _fitted(trials)
    contrast = np.array([weights.get(name, 0.0) for name in sorted(set(trials.cells))[1:]])
    if len(beta) != len(contrast):
        raise ValueError("strata do not hold all comparisons of these cells")
    estimate = float(contrast @ beta)
    variance, notes = _variance([float(contrast @ of @ contrast) for of in covariances])
    name = "saturated linear model" + (" within strata" if strata is not None else "")
    name += f", clustered by {' and '.join(clusters)}"
    few = min(counts.values()) < FEW_CLUSTERS or variance <= ROUNDING**2
    p, how = _resampled_p(trials, weights) if few else (0.0, "t")
    if variance <= ROUNDING**2:
        return bare(estimate, level, f"{name}, {how}", counts, p)
    error = sqrt(variance)
    # What is found is left out of the interval, and what is not found is held by it.
    p = max(p, t_p(estimate, error, df))
    half = float(stats.t.ppf((1 + level) / 2, df)) * error
    low, high = drawn_out(estimate - half, estimate + half, p, level)
    return Effect(
        estimate=estimate,
        low=low,
        high=high,
        level=level,
        p=p,
        error=error,
        df=df,
        method=f"{name}, t on {df:.0f} df" + (f", {how}{OR_T}" if few else ""),
        units=counts,
        notes=notes,
    )


def _variance(variances: Sequence[float]) -> tuple[float, tuple[str, ...]]:
    """The variance over all clusterings, or where that is none the largest over one of them."""
    if variances[0] > ROUNDING**2 or max(variances) <= ROUNDING**2:
        return variances[0], ()
    return max(variances), ("two-way variance not above 0: the larger one-way one stands in",)


def _resampled_p(trials: _Trials, weights: Mapping[str, float]) -> tuple[float, str]:
    """The p by the design's own assignment of the smallest clusters, and its name."""
    lies: dict[Hashable, set[str]] = {}
    held: dict[Hashable, list[float]] = {}
    for cluster, cell, value in zip(trials.smallest, trials.cells, trials.y, strict=True):
        lies.setdefault(cluster, set()).add(cell)
        held.setdefault(cluster, []).append(value)
    if all(len(where) == 1 for where in lies.values()):
        names = [name for name in sorted(set(trials.cells)) if weights.get(name)]
        groups = [[np.mean(held[c]) for c, where in lies.items() if where == {n}] for n in names]
        if min(len(group) for group in groups) > 1:
            sets = [array([float(mean) for mean in sorted(group)]) for group in groups]
            return contrast_p(sets, [weights[name] for name in names]), "permutation p"
    found = score_flip_p(
        trials.y, trials.cells, weights, list(trials.clusters.values()), trials.strata
    )
    return found, "cluster-flip p"


def _informative(
    y: Sequence[float], cells: Sequence[str], clusters: Mapping[str, Labels], strata: Labels | None
) -> _Trials:
    """The trials without those of strata with a single cell, which would only pad the clusters."""
    kept = list(range(len(cells)))
    if strata is not None:
        seen: dict[Hashable, set[str]] = {}
        for stratum, cell in zip(strata, cells, strict=True):
            seen.setdefault(stratum, set()).add(cell)
        kept = [place for place in kept if len(seen[strata[place]]) > 1]
    return _Trials(
        [float(y[place]) for place in kept],
        [cells[place] for place in kept],
        {name: [labels[place] for place in kept] for name, labels in clusters.items()},
        None if strata is None else [strata[place] for place in kept],
    )


def _refuse(trials: _Trials, weights: Mapping[str, float]) -> None:
    if abs(sum(weights.values())) > 1e-9 or not any(weights.values()):
        raise ValueError("the weights of a contrast add up to 0, and not all are 0")
    if strays := {name for name, weight in weights.items() if weight} - set(trials.cells):
        raise ValueError(f"cell {sorted(strays)[0]!r} has no trial to compare")
    if len(trials.clusters) not in {1, 2} or min(trials.counts.values()) < 2:
        raise ValueError("errors need one or two clusterings, of at least two clusters each")


@cache
def _feols() -> Any:
    """Import pyfixest's fit; what it does to everybody's log while it is imported is undone."""
    import logging

    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    import pyfixest

    feols = pyfixest.feols  # what configures the log is only imported with it
    root.setLevel(level)
    root.handlers[:] = handlers
    return feols


def _fitted(trials: _Trials) -> tuple[np.ndarray, list[np.ndarray]]:
    """Coefficients of all cells but the first, and their covariance under each clustering.

    The first covariance is over all clusterings; where there are two, those of each alone follow.
    """
    import pandas as pd

    feols = _feols()
    names = sorted(set(trials.cells))
    data: dict[str, Any] = {"y": trials.y}
    terms = [f"cell{place}" for place in range(1, len(names))]
    for term, name in zip(terms, names[1:], strict=True):
        data[term] = [float(cell == name) for cell in trials.cells]
    groups = [f"group{place}" for place in range(len(trials.clusters))]
    labelled = dict(zip(groups, trials.clusters.values(), strict=True))
    if trials.strata is not None:
        labelled["strata"] = trials.strata
    data |= {name: _codes(labels) for name, labels in labelled.items()}
    formula = f"y ~ {' + '.join(terms)}" + (" | strata" if trials.strata is not None else "")
    over = ["+".join(groups), *(groups if len(groups) > 1 else [])]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Of collinear cells it warns and drops one, which the caller sees and refuses; a fit
        # without residuals divides 0 by 0 on its way to a t that is not used here.
        warnings.simplefilter("ignore")
        fit = feols(formula, data=pd.DataFrame(data), vcov={"CRV1": over[0]})
        beta = np.asarray(fit._beta_hat, dtype=float)
        found = [np.asarray(fit.vcov({"CRV1": name})._vcov, dtype=float) for name in over]
    skip = 0 if trials.strata is not None else 1  # the intercept, which no contrast holds
    return beta[skip:], [covariance[skip:, skip:] for covariance in found]


def _codes(labels: Labels) -> list[int]:
    places = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    return [places[label] for label in labels]
