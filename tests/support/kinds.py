"""All kinds of a registry, so that a new one inherits the contract suites."""

from typing import get_args


def kinds(registry):
    """The members of a registry: a class, or a union of classes with a discriminator."""
    inside = get_args(registry)
    if not inside:
        return [registry]
    union = get_args(inside[0])
    return list(union) if union else [inside[0]]
