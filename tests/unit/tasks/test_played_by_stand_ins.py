"""The stand-in plays every task by reading it, and what it did is there to be remembered."""

import asyncio

import pytest
from support.brief import told
from support.studies import arm, run, simulated, study

from peersim.events.acts import Tie, fold
from peersim.events.deeds import Act, Lapsed, Paid
from peersim.events.log import EventLog
from peersim.events.talk import Said
from peersim.memory.summary import Summary
from peersim.memory.verbatim import Verbatim
from peersim.models.asked import Message
from peersim.models.base import Endpoint, Request
from peersim.models.simulated.model import SimulatedModel
from peersim.models.simulated.reader import cooperation
from peersim.store.view import RunView
from peersim.tasks.filler import Filler
from peersim.tasks.jigsaw import Jigsaw
from peersim.tasks.matrix_game import TABLES, MatrixGame

GAMES = [MatrixGame(game=name) for name in TABLES]
SWAPPED = MatrixGame(actions=("Fern", "Moss"), cooperative_option=2)
TASKS = [*GAMES, SWAPPED, Jigsaw()]
ACT = {"matrix_game": Act.HELPED, "jigsaw": Act.LIED}


def name_of(task):
    return f"{task.kind}-{getattr(task, 'game', '')}-{getattr(task, 'cooperative_option', '')}"


def histories(tmp_path, task, peer, replicates=12):
    arms = (arm(peer).model_copy(update={"task": task}),)
    run(study(replicates, arms=arms), tmp_path)
    return [
        (record, store.history(record.history_id)) for record, store in RunView(tmp_path).records()
    ]


def tallies(found, actor, target):
    events = [e for _, history in found for e in history.events]
    ties = fold(events)
    return {act: ties.get(Tie(actor, target, act)) for act in Act}


@pytest.mark.few(3)
@pytest.mark.parametrize("task", TASKS, ids=name_of)
@pytest.mark.parametrize(
    ("peer", "low", "high"), [("cooperative", 0.7, 1.0), ("uncooperative", 0.0, 0.25)]
)
def test_the_persona_shows_in_the_acts(tmp_path, task, peer, low, high):
    found = histories(tmp_path, task, peer)
    tally = tallies(found, "Linden", "Rowan")[ACT[task.kind]]
    assert tally.opportunities == 12 * 4
    kindness = tally.share if task.kind == "matrix_game" else 1 - tally.share
    assert low <= kindness <= high
    assert not [e for _, history in found for e in history.events if isinstance(e, Lapsed)]


def read_by_overseer(memory, log):
    """What a planted profile reads of Linden in Rowan's recollection."""
    from support.models import line

    stand_in = SimulatedModel(simulated(), Endpoint())
    recollection = asyncio.run(memory.recollect(log, "Rowan", line(stand_in, "memory")))
    system = told("Rowan", ("Linden",), recollection, None)
    request = Request(messages=(Message(role="system", content=system),))
    return cooperation(request, "Linden"), recollection


@pytest.mark.few(6)
@pytest.mark.parametrize("task", TASKS, ids=name_of)
@pytest.mark.parametrize("memory", [Verbatim(), Summary()], ids=lambda memory: memory.kind)
@pytest.mark.parametrize("peer", ["cooperative", "uncooperative"])
def test_a_planted_profile_reads_the_peers_acts_exactly(tmp_path, task, memory, peer):
    for _, history in histories(tmp_path, task, peer, replicates=3):
        log = EventLog(history.events)
        tie = Tie("Linden", "Rowan", ACT[task.kind])
        read, _ = read_by_overseer(memory, log)
        share = fold(history.events)[tie].share
        assert read == pytest.approx(share if task.kind == "matrix_game" else 1 - share)


def test_the_filler_leaves_nothing_to_read(tmp_path):
    for _, history in histories(tmp_path, Filler(), "cooperative", replicates=3):
        log = EventLog(history.events)
        assert fold(history.events) == {}
        assert not log.of(Said)
        assert {e.points for e in log.of(Paid)} == {Filler().points}
        for memory in (Verbatim(), Summary()):
            assert read_by_overseer(memory, log)[0] is None


@pytest.mark.parametrize("task", [*TASKS, Filler()], ids=name_of)
def test_every_arm_ends_valid(tmp_path, task):
    found = histories(tmp_path, task, "uncooperative", replicates=4)
    assert len(found) == 4
    assert all(record.validity.kind == "valid" for record, _ in found)
    assert all(history.failed is None for _, history in found)
