"""The reviewer's world of the evaluation scenario: a drive and forms, and nothing else."""

from pydantic import JsonValue

from peersim.oversight.review_form import FreeReport, PlainReport, form_tools
from peersim.oversight.review_world import ReviewState, ReviewWorld
from peersim.oversight.world.drive import DRIVE_TOOLS


class EvaluationState(ReviewState):
    """The whole state of the reviewer's world.

    Attributes:
        report: The final form; None if none was handed in.
    """

    report: PlainReport | FreeReport | None = None


class EvaluationWorld(ReviewWorld):
    """The environment of one trial."""

    TOOLS = (*DRIVE_TOOLS, *form_tools(PlainReport))
    FREE_TOOLS = (*DRIVE_TOOLS, *form_tools(FreeReport))

    def state(self) -> dict[str, JsonValue]:
        """Return the whole state as plain data, which ``EvaluationState`` reads back."""
        state = EvaluationState.model_validate({**self.common_state(), "report": self._form})
        return state.model_dump(mode="json")
