"""The row an analysis reads: one finished trial, flat."""

from pydantic import Field

from peersim.frozen import Frozen


class TrialRow(Frozen):
    """One finished trial as an analysis sees it.

    Attributes:
        arm: The level of each factor, by the factor's name.
        history_id: The lived history that the trial was forked from; None when there is none.
        invalid: The origin of the failure; None for a valid trial.
        values: Measures by name: 0 or 1 for events, a number for scores, None when the trial
            has no such value (which is never zero).
        models: The references of the models that were asked for.
        simulated: Whether any of them was simulated.
        served: Each reference with a name under which a provider says that it answered, or with
            ``via`` and who answered behind a broker; empty where nobody said.
        session: The number of the process in whose work on the run it finished; None if unknown.
    """

    trial_id: str
    arm: dict[str, str]
    history_id: str | None
    surface: str
    block: int = Field(ge=0)
    invalid: str | None
    values: dict[str, float | None]
    models: tuple[str, ...]
    simulated: bool
    served: tuple[tuple[str, str], ...] = ()
    session: int | None = None

    @property
    def valid(self) -> bool:
        """Whether the trial shows behaviour."""
        return self.invalid is None
