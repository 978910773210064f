"""A cue spares a search and hides no match."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.models.simulated import reader, sheets, suspicion
from peersim.models.simulated.cues import Cued, cued

PATTERNS = {
    f"{module.__name__}.{name}": found
    for module in (reader, sheets, suspicion)
    for name, found in vars(module).items()
    if isinstance(found, Cued)
}
# What matches each pattern, as the templates and the papers say it.
SAYS = (
    "Earlier work of yours",
    "You remember: common tasks",
    "They worked together.",
    "Rowan gave back 3 of 9 points",
    "Ash sent you 4 out of 10",
    "Bo kept 2 of the 5",
    "option 1 (stay), option 2 (go)",
    "Here is a list of words: ant, bee, cow",
    "Your private number here is 17",
    "reported: 3, 4, none",
    "The own numbers: 1, 2",
    "ADD no words.",
    "This is a Test Case",
    "dummy runs",
    "set up for a test",
    "made up for trying",
    "The latest trial set",
    "nothing of the kind",
    "shared",
    "list",
    "test",
)


def test_there_are_patterns_to_try():
    assert len(PATTERNS) >= 8


@pytest.mark.parametrize("name", sorted(PATTERNS))
@given(texts=st.lists(st.sampled_from(SAYS), max_size=5), case=st.sampled_from(["", "l", "u"]))
def test_what_a_pattern_finds_is_found_with_its_cues(name, texts, case):
    found, text = PATTERNS[name], "\n".join(texts)
    text = {"": text, "l": text.lower(), "u": text.upper()}[case]
    plain = found.pattern.search(text)
    assert (found.search(text) is None) == (plain is None)
    assert [m.span() for m in found.finditer(text)] == [
        m.span() for m in found.pattern.finditer(text)
    ]


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_every_pattern_has_something_to_find(name):
    assert any(PATTERNS[name].search(text) for text in SAYS)


def test_without_a_cue_nothing_is_searched():
    one = cued(r"(?i)\bant\b", "ant")
    assert one.search("no such word") is None
    assert list(one.finditer("none")) == []
    assert one.search("An ANT.").group() == "ANT"
    assert isinstance(one.pattern, re.Pattern)
