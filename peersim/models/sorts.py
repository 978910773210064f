"""Of what sort a call is: what a provider refuses of one, it most likely refuses of all of them."""

from collections import Counter

from peersim.models.base import Request

# Bad requests in a row, with no answer to one of their sort in between, that end a study which has
# had answers before: one is about one conversation, several are about the model and its tools.
BAD_REQUESTS = 3

Sort = tuple[str, ...]


def sort_of(request: Request) -> Sort:
    """Return the sort of a call: its tools, and what kinds of messages it sends back.

    Tools go by their names, since what they say may differ from trial to trial.
    """
    tools = sorted(tool.name for tool in request.tools)
    roles = sorted({message.role for message in request.messages})
    thought = any(message.thinking or message.thinking_blocks for message in request.messages)
    return (*tools, request.tool_choice, *roles, *(["thinking"] if thought else []))


class Refusals:
    """Counts the bad requests of a study in a row, by model, and by model and sort of call."""

    def __init__(self) -> None:
        """Start at zero."""
        self._of_model: Counter[str] = Counter()
        self._of_sort: Counter[tuple[str, Sort]] = Counter()

    def answered(self, model: str, request: Request) -> None:
        """Note that a call was answered."""
        if self._of_sort:  # Most studies never see one.
            self._of_model[model] = self._of_sort[model, sort_of(request)] = 0

    def refused(self, model: str, request: Request) -> None:
        """Note that a call was refused."""
        self._of_model[model] += 1
        self._of_sort[model, sort_of(request)] += 1

    def many(self, model: str, request: Request) -> bool:
        """Return whether so many in a row are about more than their conversations."""
        of_sort = self._of_sort[model, sort_of(request)]
        return max(self._of_model[model], of_sort) >= BAD_REQUESTS
