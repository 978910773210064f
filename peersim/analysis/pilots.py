"""What a pilot shows of the rates and correlations that a forecast of power needs."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from peersim.analysis.arms import Unit, by_arm, units
from peersim.analysis.designs import is_score
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.stats.draws import redrawn
from peersim.stats.icc import anova_icc, arms_correlation
from peersim.stats.intervals import korn_graubard, mean_t
from peersim.stats.power import Assumed, score_correlation
from peersim.study.contrast import Contrast, matches

REDRAWN = 400
"""Redrawings of a pilot's histories for the interval of its ICC."""

SHOWN = 10
"""Histories of an arm below which what it shows is mostly luck."""
READ = 400
"""Histories of each arm that are read for what a study shows of itself; more tell nothing else."""
LEAST = 0.01
"""The nearest to 0 and to 1 that a base rate is taken to be, as nothing is told of a rate of 0."""

Values = dict[Unit, list[float]]


class Piloted(NamedTuple):
    """What a pilot gives for one contrast.

    Attributes:
        assumed: What was given, with the pilot's figures in the place of what it shows.
        said: Each figure with its uncertainty, and what had to stay assumed.
    """

    assumed: Assumed
    said: tuple[str, ...]


def piloted(rows: Sequence[TrialRow], contrast: Contrast, given: Assumed) -> Piloted:
    """Take the base rate, the ICC and the correlation between forks from a pilot's trials.

    The effect stays assumed: one that a small pilot happens to show is mostly luck.

    Args:
        rows: The pilot's trials.
        contrast: The contrast; the base rate is that of its side b.
        given: What is assumed otherwise.

    Raises:
        AnalysisRefusal: If the pilot has no trial on side b.
    """
    arms = _arms(rows, contrast)
    base = [of for side, of in arms if side == "b"]
    if not base:
        raise AnalysisRefusal(
            f"the pilot has no trial on side b of {contrast.id}",
            "run a pilot of the same study, or give p0 with --assume",
        )
    found, said = _base(base, contrast, given)
    icc, icc_said = _icc([of for _, of in arms])
    if icc is not None:
        found = found._replace(icc=icc)
    rho, rho_said = _rho(arms, found, scored=is_score(contrast))
    if rho is not None:
        found = found._replace(rho=rho)
    lost = sum(not row.valid for row in rows) / len(rows)
    return Piloted(found._replace(invalid=lost), (said, icc_said, rho_said))


def shown(
    rows: Sequence[TrialRow], contrast: Contrast, given: Assumed
) -> tuple[Assumed, tuple[str, ...]]:
    """Return what a study's own trials show, and the names of what had to stay assumed.

    Args:
        rows: Its trials; none if they may not be seen.
        contrast: One of its contrasts; the base rate is that of its side b, or the lowest dose.
        given: What is assumed otherwise.
    """
    arms = [(side, dict(islice(of.items(), READ))) for side, of in _arms(rows, contrast)]
    arms = [(side, of) for side, of in arms if len(of) >= SHOWN]
    found, score = given, is_score(contrast)
    base = [of for side, of in arms if side == "b"]
    if base:
        found, _ = _base(base, contrast, found)
        p0 = found.p0 if score else min(max(found.p0, LEAST), 1 - LEAST)
        found = found._replace(p0=p0)
    tables = [list(of.values()) for _, of in arms]
    icc = mean_icc([of for of in tables if max(map(len, of)) > 1])
    found = found if icc is None else found._replace(icc=icc)
    rho, _ = _rho(arms, found, scored=score)
    found = found if rho is None else found._replace(rho=rho)
    if rows:
        found = found._replace(invalid=sum(not row.valid for row in rows) / len(rows))
    known = {"p0": bool(base), "icc": icc is not None, "rho": rho is not None}
    return found, tuple(name for name, is_known in known.items() if not is_known)


def _arms(rows: Sequence[TrialRow], contrast: Contrast) -> list[tuple[str, Values]]:
    """Return the values of each arm by unit, with the side it is on."""
    cells = {"a": contrast.a, "b": contrast.b, "c": contrast.c, "d": contrast.d}
    groups = by_arm(rows)
    doses = [float(arm[contrast.dose]) for arm, _ in groups if contrast.dose in arm]
    found = []
    for side, of in cells.items():
        for arm, trials in groups:
            if of is not None and matches(arm, of) and (own := units(trials, contrast.outcome)):
                # What has no effect of a dose is the lowest of them.
                lowest = bool(doses) and float(arm.get(contrast.dose or "", "inf")) == min(doses)
                found.append(("b" if lowest else side, own))
    return found


def _base(arms: Sequence[Values], contrast: Contrast, given: Assumed) -> tuple[Assumed, str]:
    clusters = [of for arm in arms for of in arm.values()]
    every = [value for of in clusters for value in of]
    mean = float(np.mean(every))
    if not is_score(contrast):
        limits = korn_graubard([(round(sum(of)), len(of)) for of in clusters])
        said = f"p0 {mean:.3f} ({limits.low:.3f} to {limits.high:.3f}) from {len(every)} trials"
        return given._replace(p0=mean), f"{said} of {len(clusters)} histories"
    found = mean_t([float(np.mean(of)) for of in clusters])
    sd = float(np.std(every, ddof=1)) if len(every) > 1 else given.sd
    range_ = f" ({found.low:.3g} to {found.high:.3g})" if found else ""
    return given._replace(p0=mean, sd=sd or given.sd), f"mean {mean:.3g}{range_}, sd {sd:.3g}"


def _icc(arms: Sequence[Values]) -> tuple[float | None, str]:
    """Return the ICC, averaged over the arms by their histories, with a bootstrap interval."""
    tables = [list(of.values()) for of in arms if len(of) > 1]
    tables = [of for of in tables if max(map(len, of)) > 1]
    whole = mean_icc(tables)
    if whole is None:
        return None, "ICC as assumed: no history of the pilot has two trials in an arm that varies"
    places = [redrawn(len(of), REDRAWN) for of in tables]
    again = []
    for number in range(REDRAWN):
        mixed = [[of[i] for i in at[number]] for of, at in zip(tables, places, strict=True)]
        if (icc := mean_icc(mixed)) is not None:
            again.append(icc)
    low, high = np.quantile(again, (0.025, 0.975))
    return whole, f"ICC {whole:.2f} ({low:.2f} to {high:.2f}, histories redrawn)"


def mean_icc(tables: Sequence[Sequence[Sequence[float]]]) -> float | None:
    """Return the ICC averaged over arms by their histories; None where no arm varies.

    Args:
        tables: The outcomes of each history, by arm.
    """
    each = [(found.icc, found.units) for found in map(anova_icc, (t for t in tables if len(t) > 1))]
    known = [(icc, many) for icc, many in each if icc is not None]
    return sum(i * n for i, n in known) / sum(n for _, n in known) if known else None


def _rho(
    arms: Sequence[tuple[str, Values]], found: Assumed, *, scored: bool
) -> tuple[float | None, str]:
    """Return the correlation between forked arms, averaged over the pairs that share histories."""
    each = []
    for place, (_, one) in enumerate(arms):
        for _, other in arms[place + 1 :]:
            both = sorted(one.keys() & other.keys())
            if len(both) < 3:
                continue
            rho = arms_correlation([one[u] for u in both], [other[u] for u in both])
            if rho is not None:
                each.append(rho)
    if not each:
        return None, "rho as assumed: the pilot has no two forked arms that vary between histories"
    rho = max(float(np.mean(each)), 0.0)
    if not scored:
        top = min(max(found.p0 + found.rd, 0.0), 1.0)
        behind = score_correlation((found.p0, top), found.icc, rho)
        return behind, f"rho {behind:.2f}, from rates that correlate {rho:.2f} ({len(each)} pairs)"
    return rho, f"rho {rho:.2f} ({len(each)} pairs of arms)"
