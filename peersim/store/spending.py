"""What a run has spent, read from its journal."""

import sqlite3
from collections.abc import Callable

from peersim.errors import ConfigError
from peersim.models.meter import Spent
from peersim.models.money import Price

# A session that never ended was killed (or still runs): what it held may be billed all the same.
_METERED = """
SELECT SUM(charged_usd), SUM(charged_tokens), SUM(estimated_usd) FROM (
    SELECT charged_usd, charged_tokens, estimated_usd FROM calls
    UNION ALL SELECT charged_usd, charged_tokens, estimated_usd FROM failures
    UNION ALL SELECT abandoned_usd, abandoned_tokens, abandoned_usd FROM sessions
    UNION ALL SELECT held_usd, held_tokens, held_usd FROM sessions WHERE ended_at IS NULL
)
"""
# What of it nobody saw the end of.
_UNSEEN = """
SELECT SUM(usd), SUM(tokens) FROM (
    SELECT abandoned_usd AS usd, abandoned_tokens AS tokens FROM sessions
    UNION ALL SELECT held_usd, held_tokens FROM sessions WHERE ended_at IS NULL
)
"""
# Which of the tokens were read and which written is not known of failures, so they count as
# the dearer kind.
_UNPRICED = """
SELECT model, SUM(charged_tokens) FROM (
    SELECT model, charged_tokens, charged_usd FROM calls
    UNION ALL SELECT model, charged_tokens, charged_usd FROM failures
) WHERE charged_usd IS NULL AND charged_tokens > 0 GROUP BY model
"""


def spent(reader: sqlite3.Connection, price: Callable[[str], Price | None]) -> Spent:
    """Return what all sessions together have spent on a run.

    Args:
        reader: A connection to its store.
        price: Returns a model's price by its reference, for calls whose price was not known when
            they were made.

    Raises:
        ConfigError: If it is not known now either.
    """
    usd, tokens, estimated = reader.execute(_METERED).fetchone()
    late = sum(_late(model, count, price(model)) for model, count in reader.execute(_UNPRICED))
    unseen_usd, unseen_tokens = unseen(reader)
    return Spent(
        usd=(usd or 0.0) + late,
        tokens=tokens or 0,
        estimated_usd=(estimated or 0.0) + late,
        unseen_usd=unseen_usd,
        unseen_tokens=unseen_tokens,
    )


def unseen(reader: sqlite3.Connection) -> tuple[float, int]:
    """Return the most that requests used, in dollars and tokens, of which nobody saw the end.

    They were in flight when a session was killed or stopped, or are now.
    """
    usd, tokens = reader.execute(_UNSEEN).fetchone()
    return usd or 0.0, tokens or 0


def _late(model: str, tokens: int, price: Price | None) -> float:
    """Return the most that tokens of unknown price can have cost."""
    if price is None:
        raise ConfigError(
            f"the run holds {tokens} tokens of {model} at an unknown price",
            "give model.price, or take the ceiling in dollars away",
        )
    return max(price.at_most(tokens, 0), price.at_most(0, tokens))
