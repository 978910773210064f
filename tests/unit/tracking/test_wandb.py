"""W&B offline: what is on disk is what the store holds, and its trouble is never ours."""

import json
import shutil
import subprocess
import sys
from collections import Counter

import pyarrow.parquet
import pytest
from support.shell import apart, peersim
from support.wandb_reader import arms_of, chunks, read_all, study_of

from peersim import __version__
from peersim.analysis.composition import DISPOSITIONS
from peersim.analysis.family import findings
from peersim.analysis.rates import rates
from peersim.prompts.library import library_digest
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.arms import held_studies, planned_arms
from peersim.study.frozen_plan import held_plan

KEY = "planted0123456789abcdef0123456789abcdef01"
DECLARED = """
name: declared
factors: {persona.peer: [cooperative, uncooperative]}
contrasts:
  past:
    estimand: The risk difference of protecting a peer that was cooperative.
    a: {persona.peer: cooperative}
    b: {persona.peer: uncooperative}
"""
STUDY = (
    *("--config-dir", "own", "study=declared", "replicates=16", "hydra.run.dir=run"),
    "tracking.mode=offline",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A finished study, tracked offline by a process of its own, with a home of its own."""
    where = tmp_path_factory.mktemp("tracked")
    (where / "home").mkdir()
    (where / "own" / "study").mkdir(parents=True)
    (where / "own" / "study" / "declared.yaml").write_text(DECLARED, encoding="utf-8")
    done = apart("run", *STUDY, cwd=where, HOME=str(where / "home"), WANDB_API_KEY=KEY)
    assert done.returncode == 0, done.stderr
    return where


def held(home):
    (study,) = held_studies(RunView(home / "run"))
    return study


def test_one_run_an_arm_and_one_for_the_study_in_one_group(home):
    runs = read_all(home / "run")
    assert sorted((found.job_type, found.name) for found in runs) == [
        ("arm", "persona.peer=cooperative"),
        ("arm", "persona.peer=uncooperative"),
        ("study", "declared (study)"),
    ]
    number = held(home).study_id.removeprefix("study-")[:8]
    assert {found.group for found in runs} == {f"declared-{number}"}
    for found in runs:
        assert (found.project, found.exit_code) == ("peersim", 0)
        assert sorted(found.tags) == ["simulated", "simulated/loyal"]


def test_configs_hold_the_factors_and_all_that_they_decide(home):
    study = held(home)
    for found in read_all(home / "run"):
        assert found.config["study_id"] == study.study_id
        assert found.config["simulated"] is True
        assert (found.config["seed"], found.config["replicates"]) == (0, 16)
        assert (found.config["trials_per_history"], found.config["probes"]) == (1, study.probes)
        assert found.config["models"] == ["simulated/loyal"]
        assert found.config["factors"] == {"persona.peer": ["cooperative", "uncooperative"]}
        assert found.config["protocol"] == study.protocol.model_dump(mode="json")
        assert (found.config["peersim"], found.config["prompts"]) == (
            __version__,
            library_digest(),
        )
        assert found.config["wandb_base_url"].startswith("https://")
    for found in arms_of(home / "run"):
        (arm,) = [arm for arm in study.arms if arm.levels.items() <= found.config["arm"].items()]
        assert found.config["arm"] == {**arm.levels, **arm.settings}
        decided = arm.model_dump(mode="json", exclude={"levels", "settings"})
        assert found.config["resolved"] == decided


def test_every_summary_value_of_an_arm_equals_the_store(home):
    stored = rows(RunView(home / "run"))
    for found in arms_of(home / "run"):
        own = [row for row in stored if row.arm["persona.peer"] in found.name.split("=")]
        assert own_values(found.summary) == {
            **outcomes(own),
            "ended": "complete",
            "health/finished": 16,
            "health/invalid": 0,
        }
        assert found.summary["trials.nrows"] == 16


def test_every_summary_value_of_the_study_equals_the_store(home):
    view = RunView(home / "run")
    found = own_values(study_of(home / "run").summary)
    session = found.pop("progress/session/calls"), found.pop("progress/session/cost_usd")
    ((made, cost),) = view.stores[0].query("SELECT made, cost_usd FROM sessions")
    assert session == (made, cost)
    calls, taken, given, charged = view.stores[0].query(
        "SELECT COUNT(*), SUM(input_tokens), SUM(output_tokens), SUM(charged_usd) FROM calls"
    )[0]
    (answer,) = findings(held(home).protocol, rows(view), planned_arms(view))
    past = {
        name: getattr(answer, name)
        for name in ("estimate", "low", "high", "p", "p_adjusted", "verdict")
    }
    stored = rows(view)
    protected = outcomes(stored)["rate/protected"]
    assert found == {
        **outcomes(stored),
        **{f"contrast/past/{name}": value for name, value in past.items()},
        **{"planned": 32, "arms": 2, "histories": 32, "simulated": True, "ended": "complete"},
        **{"plan": held_plan(view).digest, "plan/deviations": 0},
        **{"look": "look 1 of 1, at 100% of the histories", "alarms": 0},
        **{"calls": calls, "calls/failed": 0, "calls/unpriced": 0, "cost_usd": charged},
        "calls/unmeasured": 0,
        **{"tokens/input": taken, "tokens/output": given},
        **{"progress/finished": 32, "progress/planned": 32, "progress/invalid": 0},
        "progress/pooled/protected": protected,
    }


def outcomes(found):
    """An arm's or a study's outcomes, counted here once more from the stored rows."""
    valid = [row.values for row in found if row.invalid is None]
    names = ("provider_blocked", "overreached", "protected", "refused", "escalated")
    names += ("incomplete", "complied", "covert", "survived")
    errors = [row["signed_error"] for row in valid if row["signed_error"] is not None]
    return {
        "n": len(found),
        "valid": len(valid),
        **{f"count/{name}": sum(row[name] for row in valid) for name in names},
        "rate/protected": sum(row["protected"] for row in valid) / len(valid),
        "mean/signed_error": sum(errors) / len(errors),
    }


def own_values(summary):
    """A summary without what W&B keeps for itself, and the places of its media."""
    media = tuple(f"{name}." for name in (*TABLES, *FIGURES, "trials"))
    return {k: v for k, v in summary.items() if not k.startswith(("_", *media))}


TABLES = ("rates", "composition", "contrasts", "calls")
FIGURES = ("rates-figure", "forest", "graph-0", "graph-1")


def table(home, name):
    """A table of the study's run, as lines by column."""
    media = home / "run" / "wandb"
    (path,) = {
        media / p for p in media.glob(f"offline-run-*/files/media/table/{name}_*.table.json")
    }
    held = json.loads(path.read_text(encoding="utf-8"))
    return [dict(zip(held["columns"], line, strict=True)) for line in held["data"]]


def test_the_studys_tables_are_the_analysis(home):
    view = RunView(home / "run")
    stored = rows(view)
    for line, arm in zip(table(home, "rates"), rates(stored, "protected"), strict=False):
        assert (line["measure"], line["n"], line["count"]) == ("protected", arm.n, arm.count)
        assert (line["rate"], line["low"], line["high"]) == (arm.rate, arm.low, arm.high)
    (contrast,) = table(home, "contrasts")
    (answer,) = findings(held(home).protocol, stored, planned_arms(view))
    assert (contrast["contrast"], contrast["role"]) == ("past", "primary")
    assert (contrast["estimate"], contrast["method"]) == (answer.estimate, answer.method)
    for line in table(home, "composition"):
        assert sum(line[name] for name in DISPOSITIONS) == line["valid"] == 16
    (bill,) = [line for line in table(home, "calls") if not line["failed"]]
    assert bill["calls"] == view.stores[0].query("SELECT COUNT(*) FROM calls")[0][0]


def test_the_tables_are_kept_with_the_study_as_one_artifact(home):
    found = study_of(home / "run")
    (kept,) = [one for one in found.artifacts if one[1] == "tables"]
    assert kept[0] == f"tables-{found.run_id}"
    assert {"trials.parquet", "calls.parquet", "columns.json"} <= set(kept[2])
    for name in kept[2]:
        assert (home / "run" / "wandb" / "tables" / name).is_file()
    trials = pyarrow.parquet.read_table(home / "run" / "wandb" / "tables" / "trials.parquet")
    assert trials.num_rows == 32


def test_the_studys_figures_are_data_that_need_no_network(home):
    found = study_of(home / "run").summary
    for name in FIGURES:
        assert found[f"{name}._type"] == "plotly-file"
        (path,) = (home / "run").rglob(f"media/plotly/{name}_*.plotly.json")
        assert json.loads(path.read_text(encoding="utf-8"))["data"]
        assert path.stat().st_size < 200_000


def test_while_it_runs_only_health_and_pooled_progress_are_logged(home):
    for found in read_all(home / "run"):
        names = Counter(name for line in found.history for name in line)
        live = {name for name in names if names[name] > 1 and not name.startswith("_")}
        whole = {"progress/finished", "progress/planned", "progress/invalid"}
        whole |= {"progress/pooled/protected"}
        whole |= {"progress/session/calls", "progress/session/cost_usd"}
        # Losses by arm may follow outcomes: before a declared look health is pooled.
        assert live == (set() if found.job_type == "arm" else whole)
        assert names["health/finished"] == (found.job_type == "arm")


def test_nothing_is_written_outside_and_no_key_is_kept(home):
    assert [path for path in (home / "home").rglob("*") if path.is_file()] == []
    for path in (home / "run").rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def test_the_table_holds_one_line_a_trial_as_stored(home):
    stored = {row.trial_id: row for row in rows(RunView(home / "run"))}
    seen = set()
    for path in (home / "run").rglob("trials_*.table.json"):
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


@pytest.mark.slow
def test_a_finished_study_gone_on_with_keeps_the_runs_identity(home):
    before = {found.run_id for found in read_all(home / "run")}
    done = apart("resume", "run", cwd=home, HOME=str(home / "home"))
    assert done.returncode == 0, done.stderr
    again = read_all(home / "run")
    assert len(again) == 6
    assert {found.run_id for found in again} == before


@pytest.mark.slow
def test_the_mirror_is_made_again_from_the_store_alone(home):
    for path in sorted((home / "run").glob("wandb/offline-run-*"))[3:]:
        shutil.rmtree(path)
    before = {found.run_id: found for found in read_all(home / "run")}
    shutil.rmtree(home / "run" / "wandb")
    done = apart("track", "run", cwd=home, HOME=str(home / "home"), WANDB_API_KEY=KEY)
    assert done.returncode == 0, done.stderr
    assert "3 runs of group declared-" in done.stdout
    again = {found.run_id: found for found in read_all(home / "run")}
    assert again.keys() == before.keys()
    for run_id, found in again.items():
        was = before[run_id]
        assert (found.name, found.group, found.job_type) == (was.name, was.group, was.job_type)
        assert (found.config, found.tags, found.exit_code) == (was.config, was.tags, was.exit_code)
        kept = {k: v for k, v in own_values(was.summary).items() if "session" not in k}
        assert own_values(found.summary) == kept
    for path in (home / "run").rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_track_says_what_it_cannot_do(home):
    for words, said in ((("run", "--mode", "mobile"), "no mode"), (("home",), "no run in")):
        done = peersim("track", *words, cwd=home)
        assert done.returncode == 1
        assert said in done.stderr
    other = apart("track", "run", "--project", "elsewhere", cwd=home)
    assert other.returncode == 0, other.stderr
    assert {found.project for found in read_all(home / "run")} == {"peersim", "elsewhere"}
