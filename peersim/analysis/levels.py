"""What p of a contrast must not exceed: its share of alpha, after its family and the looks."""

from typing import NamedTuple

from peersim.analysis.family import chained
from peersim.analysis.gates import graph_steps
from peersim.analysis.jointly import Family, critical, family_of
from peersim.analysis.looks import final_look
from peersim.stats.power import Assumed
from peersim.study.contrast import Contrast
from peersim.study.design import Study
from peersim.study.protocol import Protocol


class Held(NamedTuple):
    """The level that a contrast is held to.

    Attributes:
        alpha: What its p must not exceed at the last look; by max-T what that amounts to.
        how: Whether that is by max-T, and if the plan asks for it and it is not, why.
        family: The family that it is judged with by max-T; None where it is not.
    """

    alpha: float
    how: str = ""
    family: Family | None = None


def alpha_of(study: Study, contrast: Contrast, assumed: Assumed | None = None) -> float:
    """Return what p must not exceed at the last look; see ``held``."""
    return held(study, contrast, assumed).alpha


def held(study: Study, contrast: Contrast, assumed: Assumed | None = None) -> Held:
    """Return what p must not exceed at the last look, where what a contrast waits for was found.

    Of primaries that wait for nothing it is the first step of Holm's method, or of max-T; more is
    left for each when others are found, so that this errs on the low side.

    Args:
        study: The study that declares it.
        contrast: The contrast.
        assumed: What is taken to be true of its trials, by which the t of a max-T family are tied.
    """
    protocol = study.protocol
    alpha = _after_looks(study, contrast, contrast.alpha * _share(protocol, contrast))
    leading = chained(protocol.contrasts)
    if protocol.correction != "max_t" or contrast.id not in leading:
        return Held(alpha)
    own = [one for one in protocol.contrasts if one.id in leading]
    left = final_look(protocol).own(contrast.alpha)
    family = family_of(study, contrast, own, left, alpha)
    if isinstance(family, str):
        return Held(alpha, f"Holm (max-T needs {family})")
    found = critical(family, assumed or Assumed(), max(study.replicates, 2))
    if found.against:
        return Held(alpha, f"Holm (max-T needs {found.against})", family)
    return Held(found.alone, f"max-T over {len(own)}", family)


def _after_looks(study: Study, contrast: Contrast, alpha: float) -> float:
    look = final_look(study.protocol)
    if not look.charged:
        return alpha
    # The bounds of looks are of two sides, and a claim of one side has half of twice its alpha.
    one = contrast.alternative != "two_sided"
    return look.bound(min(2 * alpha, 0.999)) / 2 if one else look.bound(alpha)


def waited_for(protocol: Protocol, contrast: Contrast) -> tuple[str, ...]:
    """Return what must have been found before a contrast can be.

    Args:
        protocol: What was declared.
        contrast: One of its contrasts.
    """
    by_id = {one.id: one for one in protocol.contrasts}
    found, at = [], contrast
    while at.after is not None:
        at = by_id[at.after]
        found.append(at.id)
    first = chained(protocol.contrasts)
    gate = first if contrast.role == "secondary" and contrast.id not in first else set()
    return tuple(name for name in by_id if name in {*found, *gate})


def _share(protocol: Protocol, contrast: Contrast) -> float:
    """The part of alpha that the analysis's graph gives a contrast when no more are found."""
    if contrast.role == "exploratory":
        return 1.0
    first = chained(protocol.contrasts)
    own = [
        one
        for one in protocol.contrasts
        if one.role != "exploratory" and (one.id in first) == (contrast.id in first)
    ]
    places = {one.id: place for place, one in enumerate(own)}
    before = waited_for(protocol, contrast)
    ps = [0.0 if one.id in before else 1.0 for one in own]
    after = [places.get(one.after or "") for one in own]
    return graph_steps(ps, after, contrast.alpha)[places[contrast.id]].share
