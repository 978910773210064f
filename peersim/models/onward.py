"""How work that ended early is taken up again: what its last words tell people to do."""

from typing import NamedTuple


class Onward(NamedTuple):
    """What people give to go on with one kind of work.

    Attributes:
        again: Goes on.
        lost: Goes on, and makes what was lost as well.
        larger: Goes on with more to spend.
        readdressed: Goes on at another address.
        blocked: What becomes of calls that a provider's policy blocked.
        priced: How to do without a price that nobody knows.
        movable: Whether it may as well be done in another directory.
    """

    again: str
    lost: str
    larger: str
    readdressed: str
    blocked: str
    priced: str
    movable: bool = False


RESUME = Onward(
    again="peersim resume",
    lost="peersim resume --retry-invalid",
    larger="peersim resume --budget-usd X or --budget-tokens N",
    readdressed="the run's own command with another model.base_url and this run's hydra.run.dir",
    blocked="the blocks are kept as outcomes",
    priced="give model.price={input: X, output: Y} in dollars per million tokens, or set"
    " budget.tokens instead",
    movable=True,
)
# What is judged stays judged, and a verdict that is missing is asked for again without a wish.
JUDGE = Onward(
    again="the same peersim judge command",
    lost="the same peersim judge command",
    larger="peersim judge --budget-usd X or --budget-tokens N",
    readdressed="peersim judge with this --model and --set model.base_url=URL",
    blocked="the blocks are kept as missing verdicts",
    priced="give --set 'model.price={input: X, output: Y}' in dollars per million tokens, or"
    " --budget-tokens instead",
)
NONE_KEPT = "of labelled excerpts nothing is kept"
LABELLED = JUDGE._replace(larger=f"{JUDGE.larger} ({NONE_KEPT})", blocked=NONE_KEPT)
