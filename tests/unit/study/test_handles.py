"""A process with few open files asks fewer at a time, and says so in one sentence."""

import asyncio
import errno
import resource

import pytest
from support.studies import arm, opened, study

from peersim.errors import ConfigError
from peersim.models.base import ModelRef
from peersim.models.throttle import ThrottlePolicy
from peersim.study import handles
from peersim.study.conditions import Conditions
from peersim.study.handles import MARGIN, open_files, out_of_files, roomy
from peersim.study.runner import run_study

WIDE = Conditions(concurrency=200, throttle=ThrottlePolicy(start=200))
REAL = study(2, arms=(arm(ref=ModelRef(ref="openai/m")),))


def limited(monkeypatch, many):
    monkeypatch.setattr(handles, "open_files", lambda: many)


def test_requests_in_flight_are_capped_by_the_files_that_may_be_open(monkeypatch):
    limited(monkeypatch, 120)
    found, said = roomy(REAL, WIDE)
    room = 120 - MARGIN
    assert (found.throttle.start, found.throttle.most) == (room, room)
    assert found.concurrency == 200
    assert "may open 120 files" in said


def test_with_room_enough_or_on_stand_ins_nothing_changes(monkeypatch):
    limited(monkeypatch, 8192)
    assert roomy(REAL, WIDE) == (WIDE, "")
    limited(monkeypatch, 20)
    assert roomy(study(2), WIDE) == (WIDE, "")
    with pytest.raises(ConfigError, match="ulimit -n"):
        roomy(REAL, WIDE)


def test_the_soft_limit_is_raised_as_far_as_the_hard_one_allows():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    low = min(256, before[1]) if before[1] != resource.RLIM_INFINITY else 256
    resource.setrlimit(resource.RLIMIT_NOFILE, (low, before[1]))
    try:
        raised = open_files()
        assert raised == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert raised >= low
        assert raised > low or before[1] == low
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


class Emfile:
    """Models that find no file left to open."""

    def model(self, ref):
        return self

    name, simulated = "openai/m", True

    async def complete(self, request):
        raise OSError(errno.EMFILE, "Too many open files")


def test_a_process_without_files_ends_with_one_sentence(tmp_path):
    with opened(tmp_path) as store, pytest.raises(ConfigError, match="too many files open"):
        asyncio.run(run_study(study(2), store, models=Emfile()))
    with opened(tmp_path) as store:
        assert store.done() == set()


def test_other_troubles_are_not_taken_for_it():
    assert out_of_files(OSError(errno.ENOSPC, "No space left")) is None
    assert out_of_files(ValueError("x")) is None
