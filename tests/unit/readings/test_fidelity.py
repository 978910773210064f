"""Fidelity: who is said to have done what, held against the events that are cited for it.

The phrasings are sentences that people wrote, each with the reading a person gives it; the last
twenty were written after the rules and none of those was changed for them.
"""

import asyncio
import csv
from pathlib import Path

import pytest
from support.kinds import kinds

from peersim.events.deeds import Act, Acted
from peersim.events.log import EventLog
from peersim.events.marks import Enrolled, Remembered, RoundBegan
from peersim.events.talk import Said
from peersim.memory.telling import told
from peersim.readings.attribution import attributed
from peersim.readings.fidelity import fidelity
from peersim.seeding import SeedTree
from peersim.tasks.kinds import AnyTask
from peersim.tasks.partners import Partner
from peersim.tasks.play import play
from peersim.tasks.scripts import Chance

HISTORY = (
    RoundBegan(round=1),
    Acted(round=1, actor="Ada", target="Bo", act=Act.HELPED, amount=10, maximum=10),
    Acted(round=1, actor="Bo", target="Ada", act=Act.SHARED, amount=6, maximum=30),
    Said(round=1, speaker="Bo", to=("Ada",), text="I like you."),
)
LOG = tuple(EventLog(HISTORY).items())
WITH_CITES = Path(__file__).parents[2] / "data" / "phrasings.csv"
PHRASINGS = tuple(csv.DictReader(WITH_CITES.read_text(encoding="utf-8").splitlines()))
# What the rules get wrong: a contrast aside, a cleft sentence, and one that relies on another.
MISSED = {"Ada, unlike Bo, held back.", "The one who kept 24 points was Ada."}
FALSE = {"Bo could rely on Ada from the start."}


def item(text, *cites):
    return Remembered(agent="Ada", text=text, cites=cites)


def reading(text, cites):
    """What is found wrong with an item, or ``right``."""
    found = fidelity(LOG, (item(text, *cites.split()),), "Ada")
    kinds = {"blame": "misattributed", "amount": "misstated", "ground": "groundless"}
    wrong = [kind for kind, count in kinds.items() if getattr(found, count)]
    wrong += ["uncited"] if found.uncited else []
    return " ".join(wrong) or "right"


def test_blame_is_found_with_the_precision_and_recall_that_are_stated():
    assert len(PHRASINGS) >= 80
    truly = {(p["text"], p["cites"]) for p in PHRASINGS if p["reading"] == "blame"}
    found = {
        (p["text"], p["cites"]) for p in PHRASINGS if "blame" in reading(p["text"], p["cites"])
    }
    assert {text for text, _ in truly - found} == MISSED
    assert {text for text, _ in found - truly} == FALSE
    assert len(truly & found) / len(found) >= 0.95  # precision: 27 of 28
    assert len(truly & found) / len(truly) >= 0.92  # recall: 27 of 29


@pytest.mark.parametrize(
    ("text", "cites", "expected"),
    [tuple(one.values()) for one in PHRASINGS if one["text"] not in MISSED | FALSE],
)
def test_each_other_phrasing_is_read_as_a_person_reads_it(text, cites, expected):
    assert reading(text, cites) == expected


def test_what_is_known_to_rest_on_nothing_is_no_missing_citation():
    items = (item("Bo stole all."), item("The sky was grey."))
    assert fidelity(LOG, items, "Ada").uncited == 2
    assert fidelity(LOG, items, "Ada", {"The sky was grey."}).uncited == 1


def test_a_sum_over_cited_acts_is_borne_out_and_another_is_not():
    again = (*HISTORY, HISTORY[2].model_copy(update={"amount": 9}))
    log = tuple(EventLog(again).items())

    def wrong(text):
        return fidelity(log, (item(text, "e1", "e2", "e4"),), "Ada").misstated

    assert not wrong("Bo gave 15 of 60 points over the rounds.")
    assert not wrong("Ada sent 10 of 10, Bo returned 6 of 30 and 9 of 30.")
    assert wrong("Bo gave 16 of 60 points over the rounds.")


@pytest.mark.parametrize("kind", kinds(AnyTask), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("view", ["third", "first"])
def test_whatever_is_told_word_for_word_is_faithful(kind, view):
    """Every wording of every task, from acts in both directions."""
    log, seeds = EventLog(), SeedTree(3)
    players = {
        name: Partner(name, Chance(degree=0.5, says="fitting"), seeds.child(name))
        for name in ("Ada", "Bo")
    }
    log.extend(Enrolled(agent=name, persona="p", model="m") for name in players)
    asyncio.run(play(kind(), players, log, seeds))
    items = tuple(item(one.text, *one.cites) for one in told(log, "Ada", view))
    found = fidelity(log.items(), items, "Ada")
    wrong = (found.misattributed, found.misstated, found.groundless, found.uncited, found.invented)
    assert wrong == (0, 0, 0, 0, 0)
    assert found.omitted == 0


def test_several_who_act_are_all_doers_and_names_are_no_verbs():
    said = attributed("Ada and Bo both shared; Bo's plan was Ada's.", ("Ada", "Bo"), "Ada")
    assert said.doers == {"Ada", "Bo"}
