"""The named seed tree: the only source of randomness in the project."""

import hashlib
import random
from dataclasses import dataclass

# 53 bits survive a round trip through any JSON reader, providers' servers included.
SEED_BITS = 53


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
        parts = [part.encode() for part in (str(self.root), *self.path)]
        # Length first, so that ("ab", "c") and ("a", "bc") are different paths.
        key = b"".join([len(part).to_bytes(4, "big") + part for part in parts])
        found = hashlib.blake2b(key, digest_size=8).digest()
        return int.from_bytes(found, "big") >> (64 - SEED_BITS)

    def rng(self) -> random.Random:
        """Return a fresh generator seeded by this node."""
        return random.Random(self.seed)
