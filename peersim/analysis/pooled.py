"""Findings over several models: models are fixed and differ, so that their mean headlines none."""

from peersim.analysis.declared import Finding, Part

MODELS = ("model", "roles")
"""Factors that say who plays; names that start like these."""


def model_parts(found: Finding) -> tuple[Part, ...]:
    """Return a finding once more for each model that it pools; none where it pools none.

    Args:
        found: The finding.
    """
    return tuple(part for part in found.parts if part.name.startswith(MODELS) and "=" in part.name)


def verdict_of(found: Finding) -> str:
    """Return a finding's verdict; of a mean over models that they are pooled comes first.

    Args:
        found: The finding.
    """
    if not model_parts(found):
        return found.verdict
    return f"pooled over models that differ, see each by itself: {found.verdict}"
