"""Whether "n of m" in what is remembered is what the cited acts amounted to."""

import re
from collections.abc import Iterable, Iterator, Sequence

from peersim.events.deeds import UNKIND, Acted
from peersim.readings.attribution import unquoted

_N_OF_M = re.compile(
    r"(?<!round )\b(?P<n>\d+(?:\.\d+)?)(?: \w+)? (?:out )?of (?:(?:a|the) )?(?:possible )?"
    r"(?P<m>\d+(?:\.\d+)?)\b(?! (?:rounds?|times|occasions?|turns?|chances?|opportunit\w+|moves?"
    r"|meetings?))",
    re.IGNORECASE,
)
Sums = tuple[float, float]


def misstated(text: str, cited: Sequence[Acted]) -> bool:
    """Return whether a text states an "n of m" that no cited act and no sum of them bears out.

    Borne out is what one act came to, or what acts of one agent, or of all, did in a row; done or
    left undone, since harm is told by either. Counts of rounds and occasions are passed over.
    """
    stated = list(_N_OF_M.finditer(unquoted(text)))
    if not stated or not cited:
        return False
    known = set(_sums(cited))
    return any(not _borne_out(found["n"], found["m"], known) for found in stated)


def _borne_out(n: str, m: str, known: Iterable[Sums]) -> bool:
    return any(_same(n, done) and _same(m, most) for done, most in known)


def _same(written: str, value: float) -> bool:
    """Return whether a number is a value as written, to its last place."""
    places = len(written.partition(".")[2])
    return abs(float(written) - value) <= 0.5 / 10.0**places + 1e-9


def _sums(cited: Sequence[Acted]) -> Iterator[Sums]:
    for row in _rows(cited):
        for start in range(len(row)):
            done = kind = most = 0.0
            for act in row[start:]:
                done, most = done + act.amount, most + act.maximum
                kind += act.kindness * act.maximum
                yield from ((done, most), (kind, most), (most - done, most))


def _rows(cited: Sequence[Acted]) -> Iterator[list[Acted]]:
    """Yield the acts that may be added up: all, and by who did it, to whom, and of what kind."""
    yield list(cited)
    keys = {
        (act.actor, target, kind)
        for act in cited
        for target in (None, act.target)
        for kind in (None, act.act in UNKIND, act.act)
    }
    for actor, target, kind in keys:
        yield [
            act
            for act in cited
            if act.actor == actor
            and target in (None, act.target)
            and (kind is None or kind in (act.act, act.act in UNKIND))
        ]
