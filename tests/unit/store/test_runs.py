"""Which run is the latest, and by which key another directory is chosen."""

import pytest
from support.studies import opened, run, study

from peersim.errors import ConfigError, StoreError
from peersim.store.lock import RunLock
from peersim.store.runs import (
    HOME,
    SWEEP_FILE,
    directory_key,
    remember_latest,
    run_directory,
)
from peersim.store.schema import FILE


def test_a_place_that_cannot_be_written_has_no_latest_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    HOME.write_text("in the way")
    assert not remember_latest(tmp_path)
    with pytest.raises(StoreError, match="no latest run"):
        run_directory(None)
    HOME.unlink()
    assert remember_latest(tmp_path)
    assert run_directory(None) == tmp_path


def test_a_sweep_and_its_jobs_are_placed_by_the_sweeps_own_key(tmp_path):
    assert directory_key(tmp_path / "0") == "hydra.run.dir="
    (tmp_path / SWEEP_FILE).touch()
    assert directory_key(tmp_path) == directory_key(tmp_path / "0") == "hydra.sweep.dir="


@pytest.mark.parametrize("swept", [True, False])
def test_who_is_sent_elsewhere_is_told_the_right_key(tmp_path, swept):
    if swept:
        (tmp_path / SWEEP_FILE).touch()
    said = r"hydra\.sweep\.dir=" if swept else r"hydra\.run\.dir="
    run(study(1), tmp_path)
    with pytest.raises(ConfigError, match=f"holds another study .*: .*{said}"):
        run(study(2), tmp_path)
    with opened(tmp_path), pytest.raises(StoreError, match=f"in use.*{said}"):
        RunLock(tmp_path)


def test_a_run_that_cannot_be_written_any_more_is_not_sent_to_another_directory(tmp_path):
    (tmp_path / "study.lock").mkdir()  # what cannot be opened, not even by the superuser
    with pytest.raises(StoreError, match=r"cannot be written .*: choose another directory"):
        RunLock(tmp_path)
    (tmp_path / FILE).touch()
    said = "cannot be written .*: mend its permissions, then: peersim resume; or with a copy of it"
    with pytest.raises(StoreError, match=said):
        RunLock(tmp_path)
