"""What tasks make of answers: the event of a move or a lapse, and its arguments."""

from peersim.answers import Answer, Chosen, Failed
from peersim.events.deeds import Lapsed, Moved


def moved(
    number: int, agent: str, answer: Answer, seen_by: tuple[str, ...] | None = None
) -> Moved | Lapsed:
    """Return the event of one answer: a move or a lapse.

    Raises:
        ValueError: For a failed answer, which ends a task and never reaches its rules.
    """
    match answer:
        case Chosen():
            return Moved(round=number, agent=agent, move=answer.move, arguments=answer.arguments)
        case Failed():
            raise ValueError("a failed answer ends the task and never reaches its rules")
        case _:
            return Lapsed(round=number, agent=agent, answer=answer, seen_by=seen_by)


def whole(answer: Answer, argument: str) -> int | None:
    """Return a number of a legal move, or None; a chance not taken is no number."""
    return int(str(answer.arguments[argument])) if isinstance(answer, Chosen) else None


def text(answer: Answer, argument: str) -> str | None:
    """Return a choice or text of a legal move, or None."""
    return str(answer.arguments[argument]) if isinstance(answer, Chosen) else None
