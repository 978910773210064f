"""What every memory must keep, whatever it makes of a history."""

import asyncio

import pytest
from support.brief import told
from support.kinds import kinds
from support.models import fails, line
from support.studies import run, simulated, study

from peersim.answers import Failed
from peersim.events.log import EventLog
from peersim.memory.base import Recollection
from peersim.memory.kinds import AnyMemory
from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.view import RunView

MEMORIES = [kind() for kind in kinds(AnyMemory)]

pytestmark = pytest.mark.parametrize("memory", MEMORIES, ids=lambda memory: memory.kind)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A history that was really lived."""
    home = tmp_path_factory.mktemp("lived")
    run(study(1), home)
    record, store = next(RunView(home).records())
    return store.history(record.history_id).log


class Failing:
    name, simulated = "simulated/none", True

    async def complete(self, request):
        return fails("timeout")


def recollect(memory, log, model=None):
    stand_in = model or SimulatedModel(simulated(), Endpoint())
    return asyncio.run(memory.recollect(log, "Rowan", line(stand_in, "memory")))


def test_what_is_remembered_cites_events_of_the_history(memory, log):
    found = recollect(memory, log)
    assert isinstance(found, Recollection)
    known = {name for name, _ in log.items()}
    for item in found.items:
        assert item.text
        assert item.cites or memory.kind == "declared"
        assert set(item.cites) <= known


def test_the_history_is_only_read(memory, log):
    before = log.events
    recollect(memory, log)
    assert log.events == before


def test_the_same_history_and_replies_give_the_same_recollection(memory, log):
    assert recollect(memory, log) == recollect(memory, log)


def test_a_failing_model_is_a_failure_or_was_not_needed(memory, log):
    found = recollect(memory, log, Failing())
    if isinstance(found, Failed):
        assert (found.origin, found.cause) == ("provider", "timeout")
    else:
        assert found == recollect(memory, log)


def test_nothing_remembered_leaves_no_section(memory, log):
    found = recollect(memory, log)
    text = told("Rowan", ("Linden",), found, None)
    assert ("recollection" in text) == bool(found.items)
    assert ("Linden" in text) == bool(found.items)


def test_an_empty_history_is_no_error(memory):
    found = recollect(memory, EventLog())
    assert isinstance(found, Recollection)
