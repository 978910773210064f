"""Which models served trials in the place of those that were asked for."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console

from peersim.analysis.refusals import BROKERED
from peersim.readings.rows import TrialRow
from peersim.record import substituted


def strangers(rows: Iterable[TrialRow]) -> list[str]:
    """Return a sentence for each model that served trials in the place of another, in order."""
    pairs = Counter(pair for row in rows for pair in row.served)
    return [
        f"{asked} was served by {name} in {count} trials, which is not the model asked for"
        for (asked, name), count in sorted(pairs.items())
        if name and not name.startswith(BROKERED) and substituted(asked, name)
    ]


def print_strangers(rows: Iterable[TrialRow], console: Console) -> None:
    """Print which models served trials in the place of others."""
    for sentence in strangers(rows):
        console.print(sentence, style="bold red", soft_wrap=True, markup=False)
