"""Blinding: hidden parameters are drawn and put away before anything is estimated.

Whoever plants reads the sealed file; whoever estimates gets rows alone. Estimates are written
down before the seal is opened, and the seal's digest is printed with the result.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from peersim.errors import ConfigError
from peersim.validation.asking import Found
from peersim.validation.mechanism import Hidden, Mechanism

SEALED = "sealed.json"
ESTIMATES = "estimates.json"


def seal(mechanisms: Sequence[Mechanism], seed: int, directory: Path) -> str:
    """Draw the hidden parameters of all mechanisms and write them down; return their digest."""
    drawn: dict[str, dict[str, Hidden]] = {}
    for mechanism in mechanisms:
        for rate in mechanism.rates:
            rng = generator(seed, "hidden", mechanism.name, rate)
            drawn.setdefault(mechanism.name, {})[str(rate)] = mechanism.hide(rate, rng)
    text = json.dumps(drawn, sort_keys=True)
    (directory / SEALED).write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def hidden_of(directory: Path, mechanism: str, rate: float) -> Hidden:
    """Return the hidden parameters of a mechanism, for those who plant them."""
    drawn = json.loads((directory / SEALED).read_text(encoding="utf-8"))
    found: Hidden = drawn[mechanism][str(rate)]
    return found


def keep_estimates(directory: Path, estimates: dict[str, list[Found]]) -> None:
    """Write estimates down; a second set for the same cell is refused.

    Args:
        directory: Where the seal is.
        estimates: The answers of all studies, by the name of the cell and question.

    Raises:
        ConfigError: If there are estimates for one of the cells already.
    """
    path = directory / ESTIMATES
    held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if twice := held.keys() & estimates.keys():
        raise ConfigError(
            f"there are estimates for {sorted(twice)[0]} already",
            "what was estimated is never estimated again; take an empty directory",
        )
    path.write_text(json.dumps(held | estimates), encoding="utf-8")


def kept_estimates(directory: Path) -> dict[str, list[Found]]:
    """Return the estimates that were written down."""
    held = json.loads((directory / ESTIMATES).read_text(encoding="utf-8"))
    return {name: [Found(*one) for one in found] for name, found in held.items()}


def generator(seed: int, *path: object) -> np.random.Generator:
    """Return the generator at a place in the tree of draws."""
    from peersim.seeding import SeedTree

    return np.random.default_rng(SeedTree(seed).child(*map(str, path)).seed)
