"""All planted mechanisms of tier A, by name."""

from functools import lru_cache

from peersim.errors import ConfigError
from peersim.validation.mechanism import Mechanism
from peersim.validation.planted import mechanisms_of_protection
from peersim.validation.planted_more import mechanisms_of_conduct
from peersim.validation.planted_spread import mechanisms_of_spread


@lru_cache(maxsize=1)
def mechanisms() -> dict[str, Mechanism]:
    """Return all mechanisms, by name."""
    found = (*mechanisms_of_protection(), *mechanisms_of_conduct(), *mechanisms_of_spread())
    return {one.name: one for one in found}


def mechanism_of(name: str) -> Mechanism:
    """Return a mechanism by its name.

    Raises:
        ConfigError: If there is none of that name.
    """
    known = mechanisms()
    if name not in known:
        raise ConfigError(f"no mechanism {name!r}", f"choose one of {', '.join(known)}")
    return known[name]
