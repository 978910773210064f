"""A dose that the task has no room for is refused before the first call."""

import pytest

from peersim.config.launch import launch
from peersim.config.models import conf_dir
from peersim.errors import ConfigError
from peersim.study.doses import check_doses

QUIET = ("hydra.run.dir=.", "hydra.output_subdir=null", "tracking=none", "study=single")
TASKS = sorted(path.stem for path in (conf_dir() / "task").glob("*.yaml"))


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def arm_of(*overrides):
    jobs = []
    launch([*QUIET, *overrides], jobs.append)
    return jobs[0].study.arms[0]


def test_each_kind_of_chance_must_fill_whole_blocks():
    tenths = ("partner_script=schedule", "partner_script.block=10", "partner_script.dose=0.9")
    with pytest.raises(ConfigError, match="Linden has 5 chances of a kind in trust_game"):
        check_doses(arm_of(*tenths, "task.rounds=10"))
    check_doses(arm_of(*tenths, "task.rounds=20"))
    check_doses(arm_of(*tenths, "task=matrix_game", "task.rounds=10"))


def test_all_and_nothing_are_kept_in_any_number_of_chances():
    for dose in (0, 1):
        check_doses(arm_of("partner_script=schedule", f"partner_script.dose={dose}"))
    check_doses(arm_of("partner_script=schedule", "partner_script.block=8", "history=absent"))


def test_a_dose_towards_each_is_held_against_the_chances_towards_it():
    company = ("roster.background=[Aspen]", "task=shared_report", "partner_script=toward")
    ties = (*company, "+partner_script.doses.Rowan=0.9", "partner_script.dose=1")
    with pytest.raises(ConfigError, match=r"Linden has 4 .* blocks of 10: its dose of 0.9"):
        check_doses(arm_of(*ties, "task.rounds=4"))
    check_doses(arm_of(*ties, "task.rounds=10"))


@pytest.mark.few(3)
@pytest.mark.parametrize("task", TASKS)
def test_the_dose_that_ships_has_room_in_every_task_that_ships(task):
    check_doses(arm_of("partner_script=schedule", f"task={task}"))
