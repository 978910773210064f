"""What may be seen of a study as it stands, and the mirror of a sweep whose jobs are runs."""

import pytest
from support.shell import apart
from support.studies import run, study
from support.wandb_reader import arms_of, read_all, study_of

from peersim.commands.study_page import shown
from peersim.commands.trackers import Tracking, header_of, settings_of
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.study.runner import Stop
from peersim.tracking.entries import WandbSettings

PAST = Contrast(id="past", a={"persona.peer": "cooperative"}, b={"persona.peer": "uncooperative"})


class StopAfter:
    """Asks a study to stop once so many trials are finished."""

    def __init__(self, trials):
        self.stop, self.left = Stop(), trials

    def begin(self, header):
        pass

    def started(self, trial_id):
        pass

    def finished(self, record, spent):
        self.left -= 1
        if self.left == 0:
            self.stop.ask()

    def warned(self, text):
        pass

    def end(self, ending):
        pass


def seen(directory, trials, **protocol):
    """Run so many trials of a study of 8, and return what may be seen of it then."""
    declared = study(4).model_copy(
        update={"protocol": Protocol(factors={"persona.peer": "history"}, **protocol)}
    )
    after = StopAfter(trials)
    run(declared, directory, trackers=[after], stop=after.stop, concurrency=1)
    return shown(RunView(directory), [declared])


@pytest.mark.parametrize("declared", [{}, {"contrasts": (PAST,)}])
def test_nothing_by_arm_is_seen_before_the_end_without_a_declared_look(tmp_path, declared):
    found = seen(tmp_path, 6, **declared)
    assert (found.rows, found.page.sheets, found.page.pictures, found.files) == ((), (), (), ())
    assert "looks at outcomes by arm" in found.page.summary["blind"]
    outcomes = ("count/", "rate/", "mean/", "contrast/", "n")
    assert [name for name in found.page.summary if name.startswith(outcomes)] == []
    assert (found.page.summary["planned"], found.page.summary["arms"]) == (8, 2)


def test_a_declared_look_shows_the_histories_that_it_rests_on_and_no_more(tmp_path):
    found = seen(tmp_path, 6, contrasts=(PAST,), looks=(0.5, 1.0))
    assert len(found.rows) == 4
    assert {row.block for row in found.rows} == {0, 1}
    assert found.page.summary["n"] == 4
    assert found.page.summary["look"] == "look 1 of 2, at 50% of the histories"
    assert found.files == ()  # they would hold all trials
    (contrasts,) = [sheet for sheet in found.page.sheets if sheet.slug == "contrasts"]
    assert [line[0] for line in contrasts.rows] == ["past"]


def test_what_was_not_declared_stands_in_the_table_and_not_in_the_summary(tmp_path):
    found = seen(tmp_path, 9)
    assert len(found.rows) == 8
    assert [name for name in found.page.summary if name.startswith("contrast/")] == []
    (contrasts,) = [sheet for sheet in found.page.sheets if sheet.slug == "contrasts"]
    lines = [dict(zip(contrasts.columns, line, strict=True)) for line in contrasts.rows]
    assert [(line["role"], line["verdict"]) for line in lines] == [
        ("exploratory", "exploratory: no claim")
    ]
    assert {path.name for path in found.files} > {"trials.parquet"}


def test_settings_never_hold_how_a_model_is_reached(tmp_path):
    settings = settings_of([study(2)], Tracking(kind="wandb", project="p"), tmp_path)
    assert isinstance(settings, WandbSettings)
    text = settings.model_dump_json()
    for name in ("base_url", "key_env", "api_key"):
        assert name not in text
    assert {facts.study_id for facts in settings.arms} == {study(2).study_id}
    assert [facts.arm for facts in settings.arms] == [arm.levels for arm in study(2).arms]


def test_the_header_of_a_mirror_is_that_of_the_run(tmp_path):
    header = header_of([study(2)], tmp_path, 3)
    assert (header.study_id, header.total, header.done) == (study(2).study_id, 4, 3)
    assert header.arms == tuple(arm.levels for arm in study(2).arms)


@pytest.mark.slow
def test_a_sweep_run_job_by_job_has_its_mirror_made_again_as_one(tmp_path):
    words = ("run", "-m", "hydra/launcher=basic", "memory=none,summary", "replicates=2")
    more = ("hydra.sweep.dir=sweep", "tracking.mode=offline")
    done = apart(*words, *more, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    before = {found.run_id: found for found in arms_of(tmp_path / "sweep")}
    assert len(before) == 4
    assert {found.group for found in before.values()} == {"persona-sweep"}
    done = apart("track", "sweep", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = tmp_path / "sweep" / "wandb"
    for found in arms_of(made):
        was = before.pop(found.run_id)
        assert (found.name, found.group) == (was.name, was.group)
        for name in ("n", "count/protected", "rate/protected", "health/finished"):
            assert found.summary[name] == was.summary[name]
    assert before == {}
    stored = [row for job in "01" for row in rows(RunView(tmp_path / "sweep" / job))]
    whole = study_of(made)
    assert (whole.group, whole.summary["n"], whole.summary["arms"]) == ("persona-sweep", 8, 4)
    protected = sum(row.values["protected"] for row in stored)
    assert whole.summary["count/protected"] == protected
    assert len(read_all(made)) == 5
