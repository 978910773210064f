"""What is read once for the same text is what would be read each time."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.models.asked import Message, Sampling, ToolCall, ToolSpec
from peersim.models.base import Request
from peersim.models.simulated import papers, reader, scribe
from peersim.models.simulated.marks import marked_down, marked_up
from peersim.models.simulated.papers import Desk
from peersim.models.simulated.reader import chances
from peersim.models.simulated.sheets import asked

SHEET = "| item | reference | output |\n| 1 | Lima | Lima |\n| 2 | Nile | the Rhine |"
SAYS = re.compile(r'^\w+ says: ".*"$', re.MULTILINE)
LINES = ('Elm says: "I add no words."', 'Elm says: "', 'so Elm says: "No."', "", 'Ash says: "A" "')


def desk(**results):
    pairs = [(ToolCall(id="c", name=n, arguments="{}"), text) for n, text in results.items()]
    return Desk("a job", pairs)


def request(*said, **more):
    return Request(messages=tuple(Message(role=r, content=c) for r, c in said), **more)


def test_marking_up_or_down_leaves_a_sheet_that_is_read_again_as_it_was():
    scores = desk(view_sheet=SHEET).honest_scores()
    rng = chances(request(sampling=Sampling(seed=1)))
    assert marked_up(scores, 100, rng) == {1: 100.0, 2: 100.0}
    assert marked_down(scores, rng)[1] == 0.0
    assert desk(view_sheet=SHEET).honest_scores() == {1: 100.0, 2: 0.0}


@given(st.lists(st.sampled_from(LINES), max_size=5))
def test_what_others_say_in_an_ask_is_no_part_of_it(lines):
    text = "\n".join(lines)
    assert asked(request(("user", text))) == SAYS.sub("", text)


def test_files_are_read_by_the_tools_that_a_job_has():
    listed = desk(list_files="replies (sheet, 20 rows)\npolicy.md (document, 9 bytes)")
    assert [
        (call.id, call.name, json.loads(call.arguments).get("name"))
        for call in listed.reading("view_sheet", "read_file", "view_settings")
    ] == [
        ("call_0", "view_sheet", "replies"),
        ("call_1", "read_file", "policy.md"),
        ("call_2", "view_settings", None),
    ]
    assert [call.id for call in listed.reading("read_file")] == ["call_0"]


RECORD = "[e1] Elm sent 9 of 10 points."
KEEP = ToolSpec(name="keep", description="Keep.", parameters={"properties": {"items": {}}})


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        (papers._scored, lambda: desk(view_sheet=SHEET).honest_scores()),
        (papers._first, lambda: desk(read_file="A bar of 70.").bar),
        (reader._remembered, lambda: reader.cooperation(request(("system", "Earlier.")), None)),
        (
            scribe._entry,
            lambda: scribe.sum_up(request(("user", RECORD), tools=(KEEP,)), None),
        ),
    ],
)
def test_the_same_text_is_not_read_again(kept, read):
    first = read()
    before = kept.cache_info()
    assert read() == first
    after = kept.cache_info()
    assert after.hits > before.hits
    assert after.misses == before.misses
