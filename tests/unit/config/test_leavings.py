"""A command that fails before it has a store leaves nothing of Hydra's behind."""

import errno

import pytest

from peersim.config.launch import launch
from peersim.config.leavings import forget_failed
from peersim.errors import ConfigError
from peersim.store.schema import FILE


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "arguments",
    [
        ("study=single", "seed=much", "hydra.run.dir=run"),
        ("-m", "study=single", "memory=none,none", "hydra.sweep.dir=run"),
        ("-m", "study=single", "replicates=3,0", "hydra/launcher=basic", "hydra.sweep.dir=run"),
    ],
)
def test_a_failed_command_leaves_no_folder(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError):
        launch(arguments, lambda job: None)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "place",
    [
        (),
        ("hydra.run.dir=deep/er/run", "hydra.sweep.dir=deep/er/run"),
        ("hydra.run.dir='some ${now:%Y}/run'", "hydra.sweep.dir='some ${now:%Y}/run'"),
    ],
)
@pytest.mark.parametrize("mode", [(), ("-m", "memory=none,summary")])
def test_nor_a_folder_above_that_was_made_for_it(place, mode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError):
        launch((*mode, "study=single", *place), refused)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [(), ("-m", "memory=none,summary")])
def test_a_folder_that_stood_before_stays(mode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    there = tmp_path / "home" / "run"
    there.mkdir(parents=True)
    places = ("hydra.run.dir=home/run", "hydra.sweep.dir=home/run")
    with pytest.raises(ConfigError):
        launch((*mode, "study=single", *places), refused)
    assert [*tmp_path.rglob("*")] == [there.parent, there]


def refused(job):
    raise ConfigError("no", "more")


def test_a_store_and_what_is_beside_it_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def fail(job):
        (job.directory / FILE).write_bytes(b"")
        raise ConfigError("no", "more")

    with pytest.raises(ConfigError, match="no: more"):
        launch(("study=single", "hydra.run.dir=run"), fail)
    assert (tmp_path / "run" / FILE).is_file()
    assert (tmp_path / "run" / ".hydra" / "config.yaml").is_file()


def test_runs_that_lie_below_are_not_touched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    other = tmp_path / "runs" / "other" / ".hydra" / "config.yaml"
    other.parent.mkdir(parents=True)
    other.write_text("x")
    with pytest.raises(ConfigError):
        launch(("study=single", "seed=much", "hydra.run.dir=runs"), lambda job: None)
    assert other.is_file()
    assert not (tmp_path / "runs" / ".hydra").exists()


def test_only_what_hydra_wrote_goes(tmp_path):
    home = tmp_path / ".hydra"
    home.mkdir()
    for path in (home / "config.yaml", home / "mine.txt", tmp_path / "notes.yaml"):
        path.write_text("x")
    forget_failed([tmp_path])
    left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["mine.txt", "notes.yaml"]


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), BrokenPipeError, "Broken pipe"),
        (OSError(errno.ENOSPC, "No space"), ConfigError, r"^a file of the run cannot .*No space"),
        (PermissionError(errno.EACCES, "no", "here"), ConfigError, r"^here cannot be written"),
        (ValueError("a bug"), ValueError, "a bug"),
    ],
)
def test_only_what_the_user_can_mend_is_told_as_such(error, raised, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def fail(job):
        raise error

    with pytest.raises(raised, match=said):
        launch(("study=single", "hydra.run.dir=run"), fail)
