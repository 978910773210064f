"""The event log and the tally of acts."""

from hypothesis import given
from hypothesis import strategies as st

from peersim.events.acts import Tie, fold
from peersim.events.deeds import Act, Acted
from peersim.events.log import EVENTS, EventLog, event_id
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
