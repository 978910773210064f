"""W&B offline: what is on disk is what the store holds, and its trouble is never ours."""

import json
import subprocess
import sys
from collections import Counter

import pytest
from support.shell import peersim
from support.wandb_reader import chunks, read_all

from peersim.prompts.library import library_digest
from peersim.store.tables import rows
from peersim.store.view import RunView

KEY = "planted0123456789abcdef0123456789abcdef01"
STUDY = ("replicates=4", "hydra.run.dir=run")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A finished study, tracked offline by a process of its own, with a home of its own."""
    where = tmp_path_factory.mktemp("tracked")
    (where / "home").mkdir()
    done = peersim("run", *STUDY, cwd=where, HOME=str(where / "home"), WANDB_API_KEY=KEY)
    assert done.returncode == 0, done.stderr
    return where


def test_one_run_an_arm_grouped_by_study(home):
    runs = read_all(home / "run")
    assert sorted(found.name for found in runs) == [
        "persona.peer=cooperative",
        "persona.peer=uncooperative",
    ]
    assert len({found.group for found in runs}) == 1
    assert runs[0].group.startswith("persona-")
    for found in runs:
        assert (found.project, found.job_type, found.exit_code) == ("peersim", "arm", 0)
        assert "simulated" in found.tags
        assert "simulated/loyal" in found.tags
        assert found.config["simulated"] is True
        assert f"persona.peer={found.config['arm']['persona.peer']}" == found.name
        assert (found.config["seed"], found.config["replicates"]) == (0, 4)
        assert found.config["models"] == ["simulated/loyal"]
        assert found.config["prompts"] == library_digest()
        assert found.config["wandb_base_url"].startswith("https://")


def test_the_summary_equals_the_store(home):
    stored = rows(RunView(home / "run"))
    for found in read_all(home / "run"):
        own = [row for row in stored if f"persona.peer={row.arm['persona.peer']}" == found.name]
        assert found.summary["n"] == found.summary["valid"] == len(own) == 4
        protected = sum(row.values["protected"] for row in own)
        assert found.summary["count/protected"] == protected
        assert found.summary["rate/protected"] == protected / 4
        errors = [
            row.values["signed_error"] for row in own if row.values["signed_error"] is not None
        ]
        assert found.summary["mean/signed_error"] == pytest.approx(sum(errors) / len(errors))
        assert found.summary["trials.nrows"] == 4
        assert found.summary["ended"] == "complete"


def test_while_it_runs_only_health_is_logged(home):
    for found in read_all(home / "run"):
        names = Counter(name for line in found.history for name in line)
        assert names["health/finished"] == 4
        outcomes = {n.split(".")[0] for n in names if not n.startswith(("health/", "_"))}
        assert outcomes == {"trials"}  # the table, once, at the end
        assert names["trials.nrows"] == 1


def test_nothing_is_written_outside_and_no_key_is_kept(home):
    assert [path for path in (home / "home").rglob("*") if path.is_file()] == []
    for path in (home / "run").rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def test_the_table_holds_one_line_a_trial_as_stored(home):
    stored = {row.trial_id: row for row in rows(RunView(home / "run"))}
    seen = set()
    for path in (home / "run").rglob("*.table.json"):
        table = json.loads(path.read_text(encoding="utf-8"))
        for line in table["data"]:
            cells = dict(zip(table["columns"], line, strict=True))
            row = stored[cells["trial_id"]]
            assert row.values[cells["disposition"]] == 1
            assert cells["history_id"] == row.history_id
            assert cells["signed_error"] == row.values["signed_error"]
            assert cells["covert"] == row.values["covert"]
            seen.add(row.trial_id)
    assert seen == set(stored)


def test_offline_is_offline_and_does_not_name_the_machine(home):
    # The service looks up its telemetry server even offline, unless it is started like this.
    logs = list((home / "run" / "wandb").rglob("core-debug*.log"))
    assert logs
    for log in logs:
        assert '"disable-analytics":true' in log.read_text(encoding="utf-8")
    assert {found.host for found in read_all(home / "run")} == {""}


def test_what_was_written_before_a_crash_can_be_read(home):
    data = next((home / "run").rglob("run-*.wandb")).read_bytes()
    whole = list(chunks(data))
    assert list(chunks(data[:-3])) == whole[:-1]


def test_importing_the_tracker_does_not_import_wandb():
    code = "import sys, peersim.tracking.wandb; print('wandb' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_resumed_study_keeps_the_runs_identity(home):
    before = {found.run_id for found in read_all(home / "run")}
    done = peersim("resume", "run", cwd=home, HOME=str(home / "home"))
    assert done.returncode == 0, done.stderr
    again = read_all(home / "run")
    assert {found.run_id for found in again} == before
    assert len({found.name for found in again}) == 2
    for found in again:
        assert found.summary["n"] == 4
