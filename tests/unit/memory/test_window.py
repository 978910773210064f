"""The window: the last things witnessed, and nothing before them."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.models import ListModel, line

from peersim.events.deeds import Act, Acted, Lapsed, Moved, Paid
from peersim.events.log import EventLog
from peersim.events.talk import Said
from peersim.memory.telling import told
from peersim.memory.window import Window

ACTED = Acted(round=1, actor="Linden", target="Rowan", act=Act.HELPED, amount=6, maximum=10)
MOVED = Moved(round=1, agent="Linden", move="send_points", arguments={"points": 6})
HEARD = Said(round=1, speaker="Linden", to=("Rowan",), text="for you")
UNHEARD = Said(round=1, speaker="Linden", to=("Aspen",), text="a secret")
PAID = Paid(round=1, agent="Linden", points=4)
SILENT = Lapsed(round=2, agent="Linden", answer={"kind": "refused", "by": "model", "reason": "no"})

logs = st.lists(st.sampled_from([ACTED, MOVED, HEARD, UNHEARD, PAID, SILENT]), max_size=30)


def recollect(log, **options):
    model = ListModel()
    found = asyncio.run(Window(**options).recollect(log, "Rowan", line(model, "memory")))
    assert model.requests == []
    return found


def test_the_last_events_are_kept_and_only_what_was_witnessed_counts():
    log = EventLog([HEARD, ACTED, UNHEARD, MOVED, PAID, UNHEARD])
    assert [(item.text, item.cites) for item in recollect(log, last=2).items] == [
        ("Round 1: Linden sent 6 of 10 points to Rowan.", ("e1",)),
        ("Round 1: Linden ended with 4 points.", ("e4",)),
    ]


def test_a_window_longer_than_the_history_holds_all_of_it():
    log = EventLog([HEARD, ACTED])
    assert recollect(log, last=12).items == told(log, "Rowan")


def test_a_window_of_nothing_is_no_memory_kind_of_its_own():
    with pytest.raises(ValidationError, match="last"):
        Window(last=0)


@given(events=logs, last=st.integers(1, 35))
def test_a_window_never_cites_what_came_before_it(events, last):
    log = EventLog(events)
    cited = [name for item in recollect(log, last=last).items for name in item.cites]
    witnessed = [item.cites[0] for item in told(log, "Rowan")]
    assert len(cited) == min(last, len(witnessed))
    assert cited == witnessed[len(witnessed) - len(cited) :]


@given(before=logs, events=logs)
def test_what_came_before_the_window_changes_nothing_that_is_told(before, events):
    last = len(told(EventLog(events), "Rowan"))
    if last:
        long = recollect(EventLog([*before, *events]), last=last)
        short = recollect(EventLog(events), last=last)
        assert [i.text for i in long.items] == [i.text for i in short.items]
