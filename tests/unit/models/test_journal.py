"""The journal gives back what answers the very request, and names what changed otherwise."""

import asyncio

import pytest

from peersim.errors import NOT_KEPT, Divergence, MissingCompletion
from peersim.models.asked import Message, Sampling, ToolSpec
from peersim.models.base import Completion, Request
from peersim.models.journal import CallKey, Entry, MemoryJournal, ReplayModel, Trail

KEY = CallKey("trial-1", "ada", 3)
SYSTEM = Message(role="system", content="You are Ada.")
ASK = Message(role="user", content="Hi.")
PING = ToolSpec(name="ping", description="Pings.", parameters={"type": "object"})
PONG = PING.model_copy(update={"name": "pong"})
REQUEST = Request(messages=(SYSTEM, ASK), tools=(PING,), sampling=Sampling(seed=1))
HELLO = Completion(content="Hello.")


def changed(request: Request, **changes: object) -> Request:
    return Request(**(request.model_dump() | changes))


def divergence(kept: Request, other: Request) -> str:
    entry = Trail().entry(kept, HELLO)
    with pytest.raises(Divergence) as caught:
        Trail().match(KEY, entry, other, MemoryJournal())
    return str(caught.value)


def test_what_is_kept_is_recalled_under_its_key_alone() -> None:
    journal, entry = MemoryJournal(), Trail().entry(REQUEST, HELLO)
    asyncio.run(journal.keep(KEY, entry, "m", REQUEST))
    assert journal.recall(KEY) == entry
    assert journal.recall(KEY._replace(number=4)) is None
    assert journal.recall(KEY._replace(caller="bob")) is None
    assert journal.recall(KEY._replace(owner="trial-2")) is None


def test_an_entry_survives_a_trip_through_json() -> None:
    entry = Trail().entry(REQUEST, HELLO)
    assert Entry.model_validate_json(entry.model_dump_json()) == entry


def test_the_very_request_gets_its_completion() -> None:
    entry = Trail().entry(REQUEST, HELLO)
    assert Trail().match(KEY, entry, Request(**REQUEST.model_dump()), MemoryJournal()) == HELLO


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"messages": (SYSTEM, Message(role="user", content="Ho."))}, "message 1 (user)"),
        ({"messages": (SYSTEM, ASK, ASK)}, "message 2 (user)"),
        ({"messages": (SYSTEM,)}, "message 1 (user)"),
        ({"tools": ()}, "tool ping"),
        ({"tools": (PING.model_copy(update={"description": "Pongs."}),)}, "tool ping"),
        ({"sampling": Sampling(seed=2)}, "sampling"),
        ({"tool_choice": "required"}, "sampling"),
    ],
)
def test_a_divergence_names_the_call_and_what_changed(
    changes: dict[str, object], named: str
) -> None:
    said = divergence(REQUEST, changed(REQUEST, **changes))
    assert "trial-1, ada, call 3" in said
    assert f"(changed: {named})" in said


def test_a_divergence_names_every_change() -> None:
    other = changed(REQUEST, messages=(SYSTEM, SYSTEM), sampling=Sampling(seed=2))
    assert "(changed: message 1 (system), sampling)" in divergence(REQUEST, other)


def test_a_divergence_tells_what_each_changed_part_said_then_and_says_now() -> None:
    journal = MemoryJournal()
    entry = Trail().entry(REQUEST, HELLO)
    asyncio.run(journal.keep(KEY, entry, "m", REQUEST))
    later = (SYSTEM, ASK.model_copy(update={"content": "Ho."}), ASK)
    with pytest.raises(Divergence) as caught:
        Trail().match(KEY, entry, changed(REQUEST, messages=later), journal)
    changed_part, new_part = caught.value.differences
    assert changed_part == ("message 1 (user)", ASK.content, "Ho.")
    assert new_part == ("message 2 (user)", None, ASK.content)


def test_the_model_s_own_words_are_not_kept_twice() -> None:
    said = Message(role="assistant", content="Hello.")
    journal, asked = MemoryJournal(), changed(REQUEST, messages=(SYSTEM, said, ASK))
    asyncio.run(journal.keep(KEY, Trail().entry(asked, HELLO), "m", asked))
    assert sorted(journal.texts.values()) == sorted([SYSTEM.content, ASK.content, PING.text])


def test_tools_in_another_order_diverge() -> None:
    kept = changed(REQUEST, tools=(PING, PONG))
    said = divergence(kept, changed(REQUEST, tools=(PONG, PING)))
    assert "the order of the parts" in said


def test_entries_of_a_growing_conversation_do_not_grow() -> None:
    trail, sizes = Trail(), list[int]()
    talk: tuple[Message, ...] = (SYSTEM,)
    for number in range(6):
        talk += (Message(role="user", content=f"Turn {number}."),)
        entry = trail.entry(changed(REQUEST, messages=talk), HELLO)
        sizes.append(len(entry.changed))
    assert set(sizes[1:]) == {1}


def test_a_change_in_a_later_call_is_named_though_entries_hold_only_what_was_new() -> None:
    longer = changed(REQUEST, messages=(SYSTEM, ASK, ASK))
    keeping, reading = Trail(), Trail()
    first, second = keeping.entry(REQUEST, HELLO), keeping.entry(longer, HELLO)
    reading.match(KEY, first, REQUEST, MemoryJournal())
    other = changed(longer, messages=(SYSTEM, ASK, SYSTEM))
    with pytest.raises(Divergence, match=r"\(changed: message 2 \(system\)\)"):
        reading.match(KEY, second, other, MemoryJournal())


def test_a_trail_that_recalls_then_adds_writes_what_an_unbroken_one_writes() -> None:
    longer = changed(REQUEST, messages=(SYSTEM, ASK, ASK))
    unbroken, resumed = Trail(), Trail()
    first, second = unbroken.entry(REQUEST, HELLO), unbroken.entry(longer, HELLO)
    resumed.match(KEY, first, REQUEST, MemoryJournal())
    assert resumed.entry(longer, HELLO) == second


def test_a_replay_says_which_model_it_would_have_to_ask() -> None:
    with pytest.raises(MissingCompletion, match="openai/some-model"):
        asyncio.run(ReplayModel("openai/some-model").complete(REQUEST))


def differences(before: Request, kept: Request, other: Request) -> list[str]:
    """The parts that are told of where the second of two calls asks another request."""
    journal, keeping, reading = MemoryJournal(), Trail(), Trail()
    first, second = keeping.entry(before, HELLO), keeping.entry(kept, HELLO)
    reading.match(KEY, first, before, journal)
    with pytest.raises(Divergence) as caught:
        reading.match(KEY, second, other, journal)
    return [one.part for one in caught.value.differences]


def test_a_tool_that_was_renamed_is_told_as_one_gone_and_one_new() -> None:
    renamed = changed(REQUEST, tools=(PONG,))
    assert differences(REQUEST, REQUEST, renamed) == ["tool pong", "tool ping"]


def test_a_tool_that_was_gone_before_is_not_told_of() -> None:
    other = changed(REQUEST, messages=(SYSTEM, SYSTEM), tools=(PONG,))
    before, kept = changed(REQUEST, tools=(PING, PONG)), changed(REQUEST, tools=(PONG,))
    assert differences(before, kept, other) == ["message 1 (system)"]


def test_what_was_there_and_is_not_kept_is_told_from_what_was_not_there() -> None:
    journal, entry = MemoryJournal(), Trail().entry(REQUEST, HELLO)
    asyncio.run(journal.keep(KEY, entry, "m", REQUEST))
    other = changed(REQUEST, sampling=Sampling(seed=2), tools=(PING, PONG))
    with pytest.raises(Divergence) as caught:
        Trail().match(KEY, entry, other, journal)
    assert [one.then for one in caught.value.differences] == [None, NOT_KEPT]


def test_a_message_in_the_place_of_another_s_is_told_beside_it() -> None:
    journal, entry = MemoryJournal(), Trail().entry(REQUEST, HELLO)
    asyncio.run(journal.keep(KEY, entry, "m", REQUEST))
    with pytest.raises(Divergence) as caught:
        Trail().match(KEY, entry, changed(REQUEST, messages=(SYSTEM, SYSTEM)), journal)
    assert caught.value.differences == (("message 1 (system)", ASK.content, SYSTEM.content),)
