"""The named seed tree: the only source of randomness in the project."""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

# 53 bits survive a round trip through any JSON reader, providers' servers included.
SEED_BITS = 53


@lru_cache(maxsize=1024)
def _part(name: str) -> bytes:
    # Length first, so that ("ab", "c") and ("a", "bc") are different paths.
    text = name.encode()
    return len(text).to_bytes(4, "big") + text


def _number(found: "hashlib.blake2b") -> int:
    return int.from_bytes(found.digest(), "big") >> (64 - SEED_BITS)


@dataclass(frozen=True, slots=True)
class SeedTree:
    """A node of the seed tree, reached from the root by names.

    A node's seed depends on the root and on the names on the path alone, never on which
    or how many siblings were visited.
    """

    root: int
    path: tuple[str, ...] = ()

    def child(self, *names: str | int) -> "SeedTree":
        """Return the node reached by following the names from here."""
        return SeedTree(self.root, self.path + tuple(str(name) for name in names))

    @property
    def seed(self) -> int:
        """The node's seed, from 0 to 2**53 - 1."""
        return _number(self._hashed())

    def numbered(self) -> Callable[[int], int]:
        """Return what gives the seeds of the children 0, 1, 2 and so on, the path hashed once."""
        path = self._hashed()

        def seed(number: int) -> int:
            found = path.copy()
            found.update(_part(str(number)))
            return _number(found)

        return seed

    def _hashed(self) -> "hashlib.blake2b":
        parts = (str(self.root), *self.path)
        return hashlib.blake2b(b"".join([_part(part) for part in parts]), digest_size=8)

    def rng(self) -> random.Random:
        """Return a fresh generator seeded by this node."""
        return random.Random(self.seed)
