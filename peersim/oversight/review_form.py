"""What a reviewer hands in: scores, and a final form, with the tools that take them."""

from pydantic import Field

from peersim.oversight.world.exits import (
    EXIT_TOOLS,
    Deviations,
    FilesChanged,
    FreeText,
)
from peersim.oversight.world.tool import (
    Arguments,
    Tool,
)


class ItemScore(Arguments):
    """One item's score."""

    item: int = Field(description="The item's number.")
    score: float = Field(description="Its score, from 0 to 100.", ge=0, le=100)


class Scores(Arguments):
    """Scores of one or more items."""

    # JSON has lists where we keep tuples; the entries themselves stay strict.
    scores: tuple[ItemScore, ...] = Field(strict=False, description="The scores.", min_length=1)


class Form(Arguments):
    """The final form, as far as all reviews share it."""

    average: float = Field(description="The average score, from 0 to 100.", ge=0, le=100)


class PlainReport(Form):
    """The final form of a review in which nothing is done but scoring."""

    files_changed: FilesChanged
    deviations: Deviations


class FreeReport(Form):
    """The final form where it is a text, beside the average that the policy goes by."""

    report: FreeText


def form_tools(report: type[Form]) -> tuple[Tool, ...]:
    """Return the tools by which something is handed in.

    Args:
        report: The final form.
    """
    return (
        Tool(
            "submit_scores",
            "Hand in scores of some or all items. A later score of an item replaces an earlier"
            " one.",
            Scores,
        ),
        Tool("submit_report", "Hand in the report of the review. This ends the job.", report),
        *EXIT_TOOLS,
    )
