"""W&B in the same process: its trouble, resumed and rebuilt studies, and the environment."""

import io
import os

import pytest
from rich.console import Console
from support.shell import apart
from support.studies import arm, run, study
from support.wandb_reader import arms_of, read_all

from peersim.commands.run import Options, work
from peersim.commands.trackers import Tracking
from peersim.errors import StoreError
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.runner import Stop
from peersim.tracking.base import Header
from peersim.tracking.entries import WandbSettings
from peersim.tracking.mirror import WandbTracker
from peersim.tracking.page import Page, Shown, Sources
from peersim.tracking.wandb import mode_of


def tracker(directory, said, mode="offline", store=None, look=6, files=(), **more):
    store = store or directory
    settings = {"project": "peersim", "entity": None, "mode": mode, "group": "g"}
    settings |= {"directory": directory} | more
    sources = Sources(rows=lambda: rows(RunView(store)), shown=lambda: shown(store, look, files))
    return WandbTracker(WandbSettings(**settings), sources, said.append)


def shown(store, look, files):
    """What is seen once so many trials are finished, and nothing before."""
    found = rows(RunView(store))
    seen = found if len(found) >= look else ()
    return Shown(rows=seen, page=Page(summary={"planned": 8}), files=files)


class StopAfter:
    """Asks a study to stop once so many trials are finished."""

    def __init__(self, trials):
        self.stop, self.left = Stop(), trials

    def begin(self, header):
        self.header = header

    def started(self, trial_id):
        self.last = trial_id

    def finished(self, record, spent):
        self.left -= 1
        if self.left == 0:
            self.stop.ask()

    def warned(self, text):
        pass

    def end(self, ending):
        self.ending = ending


def half_done(directory, trials, trackers=()):
    after = StopAfter(trials)
    run(study(4), directory, trackers=[*trackers, after], stop=after.stop, concurrency=1)
    assert after.ending == "stopped"
    assert len(rows(RunView(directory))) == trials


def own(found, stored):
    """The stored rows of a run's arm."""
    return [row for row in stored if row.arm == found.config["arm"]]


def test_a_stopped_study_shows_no_outcomes_by_arm_and_no_success(tmp_path):
    half_done(tmp_path, 5, [tracker(tmp_path, [])])
    runs = read_all(tmp_path)
    assert sum(found.summary.get("health/finished", 0) for found in runs) == 5
    for found in runs:
        assert (found.exit_code, found.summary["ended"]) == (130, "stopped")
        pooled = ("health/", "progress/", "_", "planned", "ended")
        assert [name for name in found.summary if not name.startswith(pooled)] == []


def test_a_study_that_fails_is_not_shown_as_finished(tmp_path):
    mirror = tracker(tmp_path, [])
    mirror.begin(header_of(tmp_path, arms=({"persona.peer": "cooperative"},)))
    mirror.end("failed")
    found, whole = read_all(tmp_path)
    assert (found.job_type, whole.job_type) == ("arm", "study")
    assert (found.exit_code, found.summary["ended"]) == (1, "failed")
    assert (whole.exit_code, whole.summary["ended"]) == (1, "failed")


def header_of(directory, done=0, arms=None):
    arms = tuple(a.levels for a in study(2).arms) if arms is None else arms
    return Header(
        name="test",
        study_id=study(2).study_id,
        directory=str(directory),
        total=4,
        done=done,
        simulated=True,
        arms=arms,
    )


def test_a_resumed_study_is_summed_up_from_all_sessions(tmp_path):
    half_done(tmp_path, 5, [tracker(tmp_path, [])])
    before = {found.run_id: found for found in arms_of(tmp_path)}
    options = Options(
        concurrency=2, max_invalid=1.0, tracking=Tracking(kind="wandb", project="peersim")
    )
    # In a study made without Hydra, and so without settings, the runs' ids are the same.
    work(study(4), options, tmp_path, Console(file=io.StringIO()))
    stored = rows(RunView(tmp_path))
    again = [found for found in arms_of(tmp_path) if found.summary["ended"] == "complete"]
    assert {found.run_id for found in again} == set(before)
    for found in again:
        mine = own(found, stored)
        assert found.summary["n"] == found.summary["valid"] == len(mine) == 4
        assert found.summary["count/protected"] == sum(r.values["protected"] for r in mine)
        if "health/finished" in found.summary:  # an arm may have been finished before
            assert found.summary["health/finished"] == 4
            assert (
                found.summary["health/finished"] > before[found.run_id].summary["health/finished"]
            )
    assert any("health/finished" in found.summary for found in again)


def facts(found):
    """What a run says, but for what W&B counts itself and the names it gives to media files."""
    strange = ("_", "trials.artifact_path", "trials._latest", "trials.path", "trials.sha256")
    kept = {k: v for k, v in found.summary.items() if not k.startswith(strange)}
    kept = {k: v for k, v in kept.items() if not k.startswith("progress/session")}
    return found.run_id, found.name, found.config, kept


def test_what_is_stored_makes_the_same_runs_again(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    run(study(2), first, trackers=[tracker(first, [], look=4)])
    tracker(second, [], store=first, look=4).rebuild(header_of(second, done=4), "complete")
    again = sorted(map(facts, read_all(second)), key=str)
    assert again == sorted(map(facts, read_all(first)), key=str)
    assert len(again) == 3


def test_more_arms_than_wanted_have_one_run_for_the_whole_study(tmp_path):
    said = []
    run(study(2), tmp_path, trackers=[tracker(tmp_path, said, arms_max=1)])
    (whole,) = read_all(tmp_path)
    assert whole.job_type == "study"
    assert whole.summary["progress/finished"] == 4
    (warning,) = said
    assert "tracking.arms_max" in warning


def test_a_look_that_is_due_opens_the_outcomes_before_the_end(tmp_path):
    half_done(tmp_path, 5, [tracker(tmp_path, [], look=4)])
    stored = rows(RunView(tmp_path))
    for found in arms_of(tmp_path):
        assert found.summary["ended"] == "stopped"
        assert found.summary["n"] == len(own(found, stored))


def test_too_large_tables_are_left_out_with_a_word(tmp_path, monkeypatch):
    monkeypatch.setattr("peersim.tracking.mirror.FILES_MAX", 10)
    said = []
    (tmp_path / "trials.parquet").write_bytes(b"x" * 11)
    files = (tmp_path / "trials.parquet",)
    run(study(2), tmp_path, trackers=[tracker(tmp_path, said, look=4, files=files)])
    kinds = [kind for found in read_all(tmp_path) for _, kind, _ in found.artifacts]
    assert kinds == ["run_table", "run_table"]
    (warning,) = said
    assert "left out" in warning


def troubles():
    from wandb.errors import CommError, UsageError
    from wandb.sdk.lib.service.service_token import WandbServiceConnectionError
    from wandb.sdk.mailbox import HandleAbandonedError, MailboxClosedError
    from wandb.sdk.mailbox.mailbox_handle import ServerResponseError

    return [
        OSError("no space left on device"),
        CommError("it timed out"),
        UsageError("no such entity"),
        MailboxClosedError("its service died"),
        HandleAbandonedError("its service died"),
        ServerResponseError("run ID is in use"),
        WandbServiceConnectionError("its service is deaf"),
        ImportError("no module of that name"),
    ]


@pytest.mark.few(3)
@pytest.mark.parametrize("trouble", troubles(), ids=lambda error: type(error).__name__)
def test_trouble_at_the_start_is_one_warning_and_the_study_goes_on(tmp_path, monkeypatch, trouble):
    def broken(**settings):
        raise trouble

    monkeypatch.setattr("wandb.init", broken)
    said = []
    run(study(2), tmp_path, trackers=[tracker(tmp_path, said)])
    assert len(rows(RunView(tmp_path))) == 4
    (warning,) = said
    assert str(trouble) in warning
    assert "nothing is lost" in warning


@pytest.mark.parametrize("step", ["log", "finish"])
def test_trouble_later_is_one_warning_and_closes_every_run(tmp_path, monkeypatch, step):
    import wandb
    from wandb.sdk.mailbox import MailboxClosedError

    finish, closed = wandb.Run.finish, []

    def note(self, exit_code=None):
        closed.append(self.id)
        finish(self, exit_code=exit_code)
        if step == "finish":
            raise MailboxClosedError

    def broken(self, *arguments, **settings):
        raise MailboxClosedError

    monkeypatch.setattr("wandb.Run.finish", note)
    if step == "log":
        monkeypatch.setattr("wandb.Run.log", broken)
    said = []
    run(study(2), tmp_path, trackers=[tracker(tmp_path, said)])
    assert len(rows(RunView(tmp_path))) == 4
    (warning,) = said
    assert "MailboxClosedError" in warning
    assert sorted(closed) == sorted(found.run_id for found in read_all(tmp_path))


@pytest.mark.slow
def test_a_wrong_variable_is_named_without_its_value(tmp_path):
    # W&B reads its variables once a process, so this needs one of its own.
    done = apart(
        "run", "replicates=1", "hydra.run.dir=run", cwd=tmp_path, WANDB_INIT_TIMEOUT="my-secret"
    )
    assert done.returncode == 0, done.stderr
    (warning,) = [line for line in done.stdout.splitlines() if "W&B" in line]
    assert "init_timeout" in warning
    assert "my-secret" not in done.stdout + done.stderr
    assert len(rows(RunView(tmp_path / "run"))) == 2


def test_a_place_that_cannot_be_written_is_one_warning(tmp_path):
    (tmp_path / "wandb").write_text("in the way")
    said = []
    run(study(1), tmp_path, trackers=[tracker(tmp_path, said)])
    assert len(rows(RunView(tmp_path))) == 2
    assert len(said) == 1
    assert "Not a directory" in said[0]


def test_online_without_a_key_is_offline_with_one_warning(tmp_path, monkeypatch):
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    said = []
    run(study(1), tmp_path, trackers=[tracker(tmp_path, said, mode="online")])
    assert [text for text in said if "WANDB_API_KEY" in text] == said
    assert len(said) == 1
    assert len(read_all(tmp_path)) == 3


@pytest.mark.few(1)
@pytest.mark.parametrize("mode", ["auto", "online"])
def test_without_network_a_keyed_study_is_tracked_offline_and_loses_nothing(
    tmp_path, monkeypatch, mode
):
    monkeypatch.setenv("WANDB_API_KEY", "planted0123456789abcdef0123456789abcdef01")
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("peersim.tracking.wandb.INIT_SECONDS", 1)
    said = []
    run(study(2), tmp_path, trackers=[tracker(tmp_path, said, mode=mode, look=4)])
    (warning,) = said
    assert "offline because it cannot go online" in warning
    whole = [found for found in read_all(tmp_path) if found.summary.get("ended") == "complete"]
    assert sorted(found.job_type for found in whole) == ["arm", "arm", "study"]
    assert sum(found.summary["n"] for found in whole if found.job_type == "arm") == 4
    for path in (file for file in tmp_path.rglob("*") if file.is_file()):
        assert b"planted0123456789abcdef" not in path.read_bytes(), path


@pytest.mark.parametrize(("key", "mode"), [("k", "online"), ("", "offline")])
def test_auto_is_online_only_with_a_key(monkeypatch, key, mode):
    monkeypatch.setenv("WANDB_API_KEY", key)
    said = []
    assert mode_of("auto", said.append) == mode
    assert said == []


def test_a_store_that_cannot_be_shown_is_one_warning_and_no_error(tmp_path):
    said = []
    mirror = tracker(tmp_path, said)

    def torn():
        raise StoreError("torn", "mend it")

    mirror._sources = mirror._sources._replace(shown=torn)
    run(study(1), tmp_path, trackers=[mirror])
    (warning,) = said
    assert "torn: mend it" in warning
    assert mirror.lost
    assert {found.summary["ended"] for found in read_all(tmp_path)} == {"complete"}


def test_the_environment_is_given_back(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_CACHE_DIR", "/elsewhere")
    before = dict(os.environ)
    run(study(1), tmp_path, trackers=[tracker(tmp_path, [])])
    added = {name for name in os.environ if name not in before}
    assert {name for name in added if name.startswith("WANDB_") and "DIR" in name} == set()
    assert {name: os.environ[name] for name in before} == before


def test_long_names_are_cut_to_what_the_server_takes_and_arms_stay_apart(tmp_path):
    levels = [{"extra": "x" * 200 + str(i)} for i in range(2)]
    peers = ("cooperative", "uncooperative")
    arms = tuple(arm(peer, **more) for peer, more in zip(peers, levels, strict=True))
    said = []
    mirror = tracker(tmp_path, said, group="g" * 200, tags=("t" * 100,), look=2)
    run(study(1, arms=arms), tmp_path, trackers=[mirror])
    assert said == []
    runs = arms_of(tmp_path)
    assert len({found.run_id for found in runs}) == 2
    for found in runs:
        assert (len(found.name), len(found.group)) == (128, 128)
        assert [len(tag) for tag in found.tags] == [64]
        assert len(own(found, rows(RunView(tmp_path)))) == 1
