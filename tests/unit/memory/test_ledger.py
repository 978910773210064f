"""The ledger: what each did to whom, added up, and every act cited once."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.models import ListModel, line

from peersim.events.deeds import Act, Acted, Lapsed, Paid
from peersim.events.log import EventLog, event_id
from peersim.events.talk import Said
from peersim.memory.ledger import Ledger

SUMS = re.compile(
    r"Over all rounds (?P<actor>\w+) .*?(?P<amount>\d+) of a possible (?P<maximum>\d+)"
    r".*, on (?P<count>\d+) of (?P<chances>\d+) occasions?\."
)
VERBS = {
    Act.HELPED: "gave 3 of a possible 4 to Rowan as help",
    Act.SHARED: "shared 3 of a possible 4 with Rowan",
    Act.WITHHELD: "withheld 3 of a possible 4 from Rowan",
    Act.CREDITED: "credited Rowan with 3 of a possible 4",
    Act.BLAMED: "blamed Rowan for 3 of a possible 4",
    Act.KEPT_PROMISE: "kept 3 of a possible 4 in promises to Rowan",
    Act.BROKE_PROMISE: "broke 3 of a possible 4 in promises to Rowan",
    Act.LIED: "lied to Rowan in 3 of a possible 4",
}
NAMES = ("Rowan", "Linden", "Aspen")


def acted(actor, target, act, amount, maximum=10):
    return Acted(round=1, actor=actor, target=target, act=act, amount=amount, maximum=maximum)


def recollect(events):
    model = ListModel()
    log = EventLog(events)
    found = asyncio.run(Ledger().recollect(log, "Rowan", line(model, "memory")))
    assert model.requests == []
    return [(item.text, item.cites) for item in found.items]


def test_each_kind_of_act_is_added_up_beside_its_opportunities():
    found = recollect(
        [
            acted("Rowan", "Linden", Act.HELPED, 5),
            Said(round=1, speaker="Linden", to=("Rowan",), text="not an act"),
            acted("Linden", "Rowan", Act.SHARED, 9, 15),
            acted("Linden", "Rowan", Act.HELPED, 0),
            Paid(round=2, agent="Linden", points=4),
            acted("Linden", "Rowan", Act.HELPED, 7),
        ]
    )
    assert found == [
        (
            "Over all rounds Linden shared 9 of a possible 15 with Rowan, on 1 of 1 occasion.",
            ("e2",),
        ),
        (
            "Over all rounds Linden gave 7 of a possible 20 to Rowan as help, on 1 of 2 occasions.",
            ("e3", "e5"),
        ),
        (
            "Over all rounds Rowan gave 5 of a possible 10 to Linden as help, on 1 of 1 occasion.",
            ("e0",),
        ),
    ]


def test_peers_come_one_after_the_other_and_what_passed_between_them_once():
    found = recollect(
        [
            acted("Linden", "Aspen", Act.HELPED, 1),
            acted("Aspen", "Linden", Act.HELPED, 2),
            acted("Rowan", "Aspen", Act.HELPED, 3),
            acted("Aspen", "Rowan", Act.HELPED, 4),
            acted("Linden", "Rowan", Act.HELPED, 5),
        ]
    )
    assert [cites for _, cites in found] == [("e4",), ("e0",), ("e1",), ("e3",), ("e2",)]


def test_a_peer_that_never_moved_leaves_a_trace():
    no = {"kind": "refused", "by": "model", "reason": "no"}
    lapses = [Lapsed(round=n, agent="Linden", answer=no) for n in (1, 2)]
    own = Lapsed(round=1, agent="Rowan", answer=no)
    assert recollect([lapses[0], own, lapses[1]]) == [
        ("Over all rounds Linden made no move when it was its turn 2 times.", ("e0", "e2"))
    ]


@pytest.mark.parametrize("act", Act)
def test_every_kind_of_act_has_words(act):
    ((text, _),) = recollect([acted("Linden", "Rowan", act, 3, 4)])
    assert text == f"Over all rounds Linden {VERBS[act]}, on 1 of 1 occasion."


acts = st.builds(
    lambda pair, act, maximum, part: acted(*pair, act, maximum * part // 4, maximum),
    st.sampled_from([(a, b) for a in NAMES for b in NAMES if a != b]),
    st.sampled_from(Act),
    st.integers(1, 40),
    st.integers(0, 4),
)


@given(st.lists(acts, max_size=40))
def test_amounts_and_chances_are_the_sums_over_the_log(events):
    entries = recollect(events)
    cited = [name for _, cites in entries for name in cites]
    assert sorted(cited) == sorted(event_id(i) for i in range(len(events)))
    for text, cites in entries:
        mine = [events[int(name[1:])] for name in cites]
        assert len({(e.actor, e.target, e.act) for e in mine}) == 1
        found = SUMS.fullmatch(text)
        assert found["actor"] == mine[0].actor
        assert mine[0].target in text
        sums = [int(found[name]) for name in ("amount", "maximum", "count", "chances")]
        assert sums == [
            sum(e.amount for e in mine),
            sum(e.maximum for e in mine),
            sum(e.amount > 0 for e in mine),
            len(mine),
        ]
