"""The forecast as a user meets it."""

import json

import pytest
from support.shell import peersim

from peersim.store.view import RunView
from peersim.study.measured import sizes_of


def foretold(*arguments, cwd, **env):
    done = peersim("forecast", *arguments, "--json", cwd=cwd, **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "study",
    [
        ("replicates=4",),
        ("replicates=3", "trials_per_history=2", "study=persona_memory"),
        ("replicates=3", "memory=none", "task.rounds=2"),
    ],
)
def test_a_whole_pilot_foretells_the_very_calls_of_the_run(tmp_path, study):
    found = foretold(*study, "--pilot", "9", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
    done = peersim("run", *study, "tracking=none", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (store,) = RunView(tmp_path / "run").stores
    assert store.query("SELECT COUNT(*) FROM calls") == [(found["calls"],)]
    assert found["trials"] == len(RunView(tmp_path / "run").trial_ids)
    assert found["cost_usd"] == [0, 0, 0]


@pytest.mark.slow
def test_a_small_pilot_comes_near(tmp_path):
    small = foretold("replicates=60", cwd=tmp_path)
    whole = foretold("replicates=60", "--pilot", "60", cwd=tmp_path)
    assert small["calls"] == pytest.approx(whole["calls"], rel=0.1)


def test_real_models_are_foretold_without_a_key_or_a_network(tmp_path):
    models = ("model=gpt-5.2", "+model@roles.peer=openai/no-such-model")
    found = foretold(*models, cwd=tmp_path, HTTPS_PROXY="http://127.0.0.1:9")
    assert found["unpriced"] == ["openai/no-such-model"]
    assert found["cost_usd"] is None
    done = peersim("forecast", *models, "budget.usd=0.01", cwd=tmp_path)
    assert "price of openai/no-such-model is unknown" in done.stdout
    assert "at least $" in done.stdout
    assert "budget.usd=0.01 is likely too small" in done.stdout


@pytest.mark.slow
def test_a_sweep_is_one_study_or_on_a_stock_launcher_the_sum_of_its_jobs(tmp_path):
    small = ("replicates=3", "--pilot", "3")
    one = foretold("memory=none", *small, cwd=tmp_path)
    two = foretold("memory=summary", *small, cwd=tmp_path)
    swept = ("-m", "memory=none,summary", *small)
    apart = foretold(*swept, "hydra/launcher=basic", cwd=tmp_path)
    assert apart["calls"] == one["calls"] + two["calls"]
    both = foretold(*swept, cwd=tmp_path)
    flat = foretold("study=persona_memory", *small, cwd=tmp_path)
    assert both["calls"] == flat["calls"] < apart["calls"]
    assert both["trials"] == apart["trials"] == 12
    assert list(tmp_path.iterdir()) == []


def test_configurations_are_found_from_where_the_command_is_given(tmp_path):
    (tmp_path / "own" / "study").mkdir(parents=True)
    text = "name: mine\nfactors: {memory: [none, summary]}\n"
    (tmp_path / "own" / "study" / "mine.yaml").write_text(text)
    found = foretold("--config-dir", "own", "study=mine", "replicates=2", cwd=tmp_path)
    assert found["trials"] == 4
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def test_tokens_a_call_can_come_from_a_run(tmp_path):
    done = peersim("run", "replicates=2", "tracking=none", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    plain, measured = foretold(cwd=tmp_path), foretold("--from", "run", cwd=tmp_path)
    assert measured["calls"] == plain["calls"]
    assert measured["tokens"] != plain["tokens"]


def test_a_large_study_is_foretold_without_its_plan_being_made(tmp_path):
    found = foretold("replicates=1000000000", cwd=tmp_path)
    assert found["trials"] == 2_000_000_000


def test_the_high_end_reads_long_replies_again(tmp_path):
    found = foretold("model=gpt-5.2", "model.max_tokens=2000", "replicates=2", cwd=tmp_path)
    task = next(line for line in found["lines"] if line["load"]["role"] == "subject, task")
    low, likely, high = task["input_tokens"]
    assert low < likely < high
    assert task["load"]["reread_tokens"] > task["load"]["output_tokens"]
    # The last call of a conversation alone reads all replies before it.
    assert high > task["output_tokens"][2] > 0
    assert found["calls_range"][0] <= found["calls"] <= found["calls_range"][1]


@pytest.mark.slow
def test_tokens_a_call_from_a_sweep_are_those_of_all_its_jobs(tmp_path):
    peersim(
        *("run", "-m", "memory=none,verbatim", "replicates=1", "tracking=none"),
        *("hydra.sweep.dir=sweep", "hydra/launcher=basic"),
        cwd=tmp_path,
    )
    sizes = sizes_of(tmp_path / "sweep")
    each = [sizes_of(tmp_path / "sweep" / job)["subject, job"] for job in "01"]
    assert sizes["subject, job"].calls == sum(one.calls for one in each)
    assert sizes["subject, job"].input_tokens == sum(one.input_tokens for one in each)


def test_help_is_of_the_forecast_first(tmp_path):
    done = peersim("forecast", "--help", cwd=tmp_path)
    assert done.returncode == 0
    for text in ("--pilot", "--power", "--assume", "peersim run --help"):
        assert text in done.stdout
    assert "Powered by Hydra" not in done.stdout
    assert "partner_script" in peersim("run", "--help", cwd=tmp_path).stdout


def test_a_budget_is_not_judged_by_a_price_that_nobody_knows(tmp_path):
    known = ("model=gemini-3-pro", "replicates=50", "budget.usd=5")
    done = peersim("forecast", *known, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "budget.usd=5 cannot be judged" in done.stdout
    assert "$" not in done.stdout
    assert "1500 for gemini/gemini-3-pro-preview" in done.stdout


def test_the_plan_says_icc_worth_and_the_best_number_of_trials(tmp_path):
    plan = ("replicates=20", "trials_per_history=4")
    (found,) = foretold(*plan, cwd=tmp_path)["plans"]
    assert (found["icc"], found["assumed"]) == (0.2, True)
    assert found["effective"] == pytest.approx(80 / 1.6)
    assert found["best"] == pytest.approx((4 * found["cost"]) ** 0.5)
    done = peersim("forecast", *plan, cwd=tmp_path)
    assert "ICC 0.2 (assumed): the 80 trials of an arm" in done.stdout
    assert f"m* = sqrt(c (1 - ICC) / ICC) = {found['best']:.1f} of each" in done.stdout
