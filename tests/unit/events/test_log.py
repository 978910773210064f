"""The event log and the tally of acts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from peersim.events.acts import Tie, fold
from peersim.events.deeds import Act, Acted
from peersim.events.log import EVENTS, EventLog, Events, event_id
from peersim.events.marks import RoundBegan
from peersim.events.talk import Said

NAMES = st.sampled_from(["Ada", "Bo", "Cy"])
ACTS = st.builds(
    lambda r, a, b, act, whole, share: Acted(
        round=r, actor=a, target=b, act=act, amount=whole * share, maximum=whole
    ),
    st.integers(1, 5),
    NAMES,
    NAMES,
    st.sampled_from(Act),
    st.integers(1, 100),
    st.sampled_from([0.0, 0.25, 0.5, 1.0]),
)
EVENT = st.one_of(
    ACTS,
    st.builds(RoundBegan, round=st.integers(1, 5)),
    st.builds(
        Said, round=st.just(1), speaker=NAMES, to=st.tuples(NAMES), text=st.text(max_size=20)
    ),
)
LOGS = st.lists(EVENT, max_size=20)


@given(LOGS, LOGS)
def test_folding_in_parts_is_folding_whole(first, second):
    assert fold(second, len(first), fold(first)) == fold(first + second)


@given(LOGS)
def test_a_log_survives_json(events):
    log = EventLog(events)
    assert EVENTS.validate_json(EVENTS.dump_json(log.events)) == log.events


@given(LOGS, LOGS)
def test_a_fork_goes_its_own_way(common, own):
    log = EventLog(common)
    fork = log.fork()
    fork.extend(own)
    assert log.events == tuple(common)
    assert fork.events == (*common, *own)
    assert [name for name, _ in fork.items()] == [event_id(i) for i in range(len(fork))]


def test_a_tally_counts_opportunities_apart_from_deeds():
    acts = [
        Acted(round=1, actor="Ada", target="Bo", act=Act.HELPED, amount=0, maximum=10),
        RoundBegan(round=2),
        Acted(round=2, actor="Ada", target="Bo", act=Act.HELPED, amount=5, maximum=10),
    ]
    tally = fold(acts)[Tie("Ada", "Bo", Act.HELPED)]
    assert (tally.opportunities, tally.count, tally.share) == (2, 1, 0.25)
    assert tally.events == ("e0", "e2")


KEPT = TypeAdapter(Events)


@given(LOGS)
def test_events_pass_as_they_are_and_are_written_and_read_as_ever(events):
    made = tuple(events)
    assert KEPT.validate_python(made) is made
    assert KEPT.dump_json(made) == EVENTS.dump_json(made)
    assert KEPT.dump_python(made) == EVENTS.dump_python(made)
    assert KEPT.dump_python(made, mode="json") == EVENTS.dump_python(made, mode="json")
    assert KEPT.validate_json(EVENTS.dump_json(made)) == made
    assert KEPT.validate_python(list(made)) == made
    assert KEPT.validate_python(json.loads(EVENTS.dump_json(made))) == made


BEGAN = RoundBegan(round=1)


@pytest.mark.parametrize("given", [(BEGAN, "no event"), (BEGAN, None), BEGAN, [{"kind": "nought"}]])
def test_what_is_no_event_is_refused(given):
    with pytest.raises(ValidationError):
        KEPT.validate_python(given)
    with pytest.raises(ValidationError):
        KEPT.validate_json(b'[{"kind": "round_began"}]')


@given(EVENT, EVENT)
def test_events_are_equal_where_kind_and_fields_are(one, other):
    assert (one == other) == (type(one) is type(other) and dict(one) == dict(other))
    copied = one.model_copy(deep=True)
    assert copied == one
    assert hash(copied) == hash(one)
    assert one != dict(one)


@given(LOGS, LOGS)
def test_a_log_that_shows_another_goes_on_numbering_by_place(first, second):
    log = EventLog.showing([(f"x{i}", event) for i, event in enumerate(first)])
    log.extend(iter(second))
    alone = EventLog(first)
    alone.extend(second)
    names = [f"x{i}" for i in range(len(first))]
    assert list(log.items()) == list(
        zip(names + [name for name, _ in alone.items()][len(first) :], alone.events, strict=True)
    )
