"""Control gates: the little studies that must show a difference before the main one is begun."""

from pathlib import Path

from peersim.errors import BudgetSpent, ConfigError
from peersim.frozen import Frozen
from peersim.models.meter import Budget, Spent
from peersim.seeding import SeedTree
from peersim.study.conditions import Conditions
from peersim.study.design import Arm, GateArms, Study
from peersim.study.protocol import Gate

GATES = "gates"
VERDICT_KEY = "gate_verdict"
CONTROL = "control"
"""The label that tells a gate's two arms apart, with the levels ``positive`` and ``negative``."""


class Verdict(Frozen):
    """What came of a gate.

    Attributes:
        id: The gate's name.
        outcome: The measure.
        rates: Rate or mean in the positive and in the negative arm; None where there is none.
        difference: The first minus the second; None where the analysis refuses it.
        low: Lower limit of the difference, or None.
        high: Upper limit, or None.
        least: What the difference must reach.
        refusal: Why there is no difference; None if there is one.
    """

    id: str
    outcome: str
    rates: tuple[float | None, float | None]
    difference: float | None
    low: float | None
    high: float | None
    least: float
    refusal: str | None = None

    @property
    def open(self) -> bool:
        """Whether the controls separate: far enough, and beyond chance."""
        if self.difference is None or self.low is None:
            return False
        return self.difference >= self.least and self.low > 0


def gate_study(study: Study, gate: Gate) -> Study:
    """Return the little study of a gate, on a seed of its own: its trials are never pooled.

    Raises:
        ConfigError: If the study does not hold the gate's arms.
    """
    arms = next((one for one in study.gates if one.id == gate.id), None)
    if arms is None:
        raise ConfigError(f"gate {gate.id} has no arms", "run the study anew from its command line")
    return Study(
        name=f"{study.name}.{gate.id}",
        seed=SeedTree(study.seed).child("gate", gate.id).seed,
        replicates=gate.replicates,
        arms=_labelled(arms),
        endpoints=study.endpoints,
        retry=study.retry,
    )


def gate_directory(directory: Path, gate: str) -> Path:
    """Return where a gate's trials lie, in the directory of its run."""
    return directory / GATES / gate


def conditions_after(conditions: Conditions, spent: Spent) -> Conditions:
    """Return the conditions for what comes after so much was spent from the same budget.

    Raises:
        BudgetSpent: If nothing is left.
    """
    budget = conditions.budget
    usd = None if budget.usd is None else budget.usd - spent.usd
    tokens = None if budget.tokens is None else budget.tokens - spent.tokens
    if (usd is not None and usd <= 0) or (tokens is not None and tokens <= 0):
        raise BudgetSpent(
            f"the control gates used the budget up ({spent.tokens:,} tokens, ${spent.usd:,.2f})",
            "go on with a larger one: peersim resume --budget-usd N or --budget-tokens N",
        )
    return conditions.model_copy(update={"budget": Budget(usd=usd, tokens=tokens)})


def _labelled(arms: GateArms) -> tuple[Arm, Arm]:
    """Return the two arms, each labelled as what it is and with the levels of both."""
    one, other = arms.positive, arms.negative
    keys = dict.fromkeys([*one.levels, *other.levels])
    first, second = (
        arm.model_copy(
            update={"levels": {CONTROL: name} | {k: arm.levels.get(k, "base") for k in keys}}
        )
        for name, arm in (("positive", one), ("negative", other))
    )
    return first, second
