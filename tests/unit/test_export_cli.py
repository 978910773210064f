"""The command that writes tables."""

from pathlib import Path

import pytest
from support.studies import run, study
from typer.testing import CliRunner

from peersim.cli import app
from peersim.commands.export import export_tables
from peersim.errors import ConfigError, StoreError


@pytest.fixture
def ran(tmp_path):
    run(study(2), tmp_path / "run")
    return tmp_path / "run"


def test_tables_stand_in_the_run_unless_told_otherwise(ran, tmp_path):
    done = CliRunner().invoke(app, ["export", str(ran)])
    assert done.exit_code == 0, done.output
    assert (ran / "tables" / "trials.parquet").is_file()
    assert str(ran / "tables" / "README.md") in done.output
    done = CliRunner().invoke(
        app, ["export", str(ran), "--to", "csv", "--out", str(tmp_path / "o")]
    )
    assert done.exit_code == 0, done.output
    assert (tmp_path / "o" / "trials.csv").read_text().startswith("trial_id,")


def test_what_is_there_stays_without_force(ran):
    first = CliRunner().invoke(app, ["export", str(ran)])
    again = CliRunner().invoke(app, ["export", str(ran)])
    assert first.exit_code == 0
    assert isinstance(again.exception, StoreError)
    assert "there already" in str(again.exception)
    forced = CliRunner().invoke(app, ["export", str(ran), "--force"])
    assert forced.exit_code == 0


def test_where_nothing_can_be_written_another_place_is_asked_for(ran, monkeypatch):
    def refused(path, *args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refused)
    monkeypatch.setattr("pyarrow.parquet.ParquetWriter", refused)
    done = CliRunner().invoke(app, ["export", str(ran)])
    assert isinstance(done.exception, StoreError)
    assert "tables cannot be written (Read-only file system): make room" in str(done.exception)


def test_a_form_that_there_is_none_of_is_refused(ran):
    with pytest.raises(ConfigError, match="choose one of parquet, csv"):
        export_tables(ran, "xlsx", None)
