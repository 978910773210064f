"""What a study's models cost: known before anything is paid for, where dollars are limited."""

from collections.abc import Sequence

from peersim.errors import ConfigError
from peersim.models.base import ModelRef
from peersim.models.meter import Budget
from peersim.models.money import Price
from peersim.models.onward import RESUME, Onward
from peersim.models.pool import Pool
from peersim.study.design import Study


def prices_of(models: Sequence[ModelRef], pool: Pool, onward: Onward = RESUME) -> dict[str, Price]:
    """Return what models cost, by reference.

    Args:
        models: Those that a budget in dollars is for.
        pool: Knows their prices.
        onward: How the work that needs them goes on.

    Raises:
        ConfigError: If one's price is unknown, which is never zero.
    """
    found = {ref.ref: pool.price(ref) for ref in models}
    unknown = [name for name, price in found.items() if price is None]
    if unknown:
        raise ConfigError(
            f"a budget in dollars needs a price, and that of {', '.join(unknown)} is unknown",
            onward.priced,
        )
    return {name: price for name, price in found.items() if price is not None}


def check_prices(study: Study, budget: Budget) -> None:
    """Check that a ceiling in dollars can be held, before there is a store.

    Raises:
        ConfigError: If there is one, and a model's price is unknown.
    """
    if budget.usd is not None:
        prices_of(study.models, Pool(study.endpoints, study.retry))
