"""Checks: code that a task wants run for it, outside, and what came of it.

A task does no IO, so it yields its checks with a step, as it yields asks, and is given one
verdict a check. Whoever drives it has them run in the sandbox.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from pydantic import JsonValue

from peersim.answers import Failed
from peersim.events.deeds import Checked
from peersim.frozen import Frozen


class Case(Frozen):
    """Inputs of a function, in order, and the output that is right for them."""

    inputs: tuple[JsonValue, ...]
    output: JsonValue


class Check(Frozen):
    """Code to be run on cases.

    Attributes:
        round: The round that it belongs to.
        agent: Whose code it is.
        code: The source.
        function: The function in it that is called.
        cases: What it is called with, and what should come out.
    """

    round: int
    agent: str
    code: str
    function: str
    cases: tuple[Case, ...]

    def verdict(self, outputs: Sequence[tuple[JsonValue, ...]], problem: str = "") -> Checked:
        """Return the verdict on what came out.

        Args:
            outputs: One entry a case, in order: the output alone, or nothing where there was
                none. Cases at the end may be missing.
            problem: What went wrong besides wrong outputs, if anything.
        """
        padded = (*outputs, *[()] * (len(self.cases) - len(outputs)))
        right = tuple(
            bool(output) and same(output[0], case.output)
            for case, output in zip(self.cases, padded, strict=True)
        )
        return Checked(
            round=self.round,
            agent=self.agent,
            function=self.function,
            cases=right,
            problem=problem,
        )


# What runs checks; a failure means that nothing could be run.
Checker = Callable[[Check], Coroutine[Any, Any, Checked | Failed]]


def same(one: JsonValue, other: JsonValue) -> bool:
    """Return whether two JSON values are equal; true is not 1 here, but 1.0 is."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other
