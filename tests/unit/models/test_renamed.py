"""Types that say how to send what they hold are told from those that say nothing."""

from collections.abc import Iterable
from typing import Annotated, Any, TypedDict

import pytest
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)

from peersim.models.renamed import renames_keys


class Plain(TypedDict, total=False):
    """A dictionary without a rule."""

    text: str
    inner: "list[Plain] | None"


class Ruled(TypedDict):
    """One with another name for its key."""

    card_id: Annotated[str, "cardID"]


class Around(TypedDict):
    """One with a rule far within."""

    items: dict[str, Iterable[Plain | Ruled]]


class Unknown(TypedDict):
    """One that names a type which is nowhere to be found."""

    text: "Nowhere"  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize("kind", [Plain, str, list[Plain], Any])
def test_what_bears_no_rule_is_sent_as_it_is(kind: object) -> None:
    assert not renames_keys(kind)


@pytest.mark.parametrize("kind", [Ruled, Around, list[Around | None], Unknown])
def test_a_rule_is_found_wherever_it_stands_and_feared_where_nobody_can_look(kind: object) -> None:
    assert renames_keys(kind)


@pytest.mark.parametrize(
    "kind", [CompletionCreateParamsNonStreaming, CompletionCreateParamsStreaming]
)
def test_what_openai_sends_of_a_chat_bears_none(kind: object) -> None:
    assert not renames_keys(kind)
