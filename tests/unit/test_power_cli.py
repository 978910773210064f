"""The forecast of power as a user meets it."""

import json
from types import SimpleNamespace

import pytest
from rich.console import Console
from support.declared import cut, declared_study
from support.shell import peersim
from support.studies import run

from peersim.commands.forecast import _jobs, show_forecast
from peersim.commands.power import PowerWish, assumptions, best_said, check_wish, parted, powers
from peersim.errors import AnalysisRefusal, ConfigError
from peersim.study.early import early_looks

FEW = "allow_few_histories=true"
SIZE = ("study=gated", "replicates=20", "trials_per_history=2")
QUICK = ("forecast", *SIZE, "--power", "--draws", "50")


@pytest.mark.slow
def test_power_is_printed_with_what_was_assumed(tmp_path):
    done = peersim(*QUICK, "--assume", "p0=.2 rd=.5", "--assume", "past.icc=.1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "effect at 80%" in done.stdout
    assert "p0 0.2, rd 0.5, icc 0.1" in done.stdout
    assert "m* = sqrt(c (1 - icc) / icc)" in done.stdout
    assert "+-" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_power_is_an_object_too_and_a_pilot_gives_the_rates(tmp_path):
    first = ("run", "study=gated", "replicates=4", "override_gates=pilot", "tracking=none")
    piloted = peersim(*first, FEW, "hydra.run.dir=pilot", cwd=tmp_path)
    assert piloted.returncode == 0, piloted.stderr
    done = peersim(*QUICK, "--from", "pilot", "--assume", "rd=.4", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (power,) = json.loads(done.stdout)["power"]
    past, by_stakes = power["contrasts"]
    assert (past["id"], past["level"], past["histories"]) == ("past", "between", 20)
    assert past["assumed"]["rd"] == by_stakes["assumed"]["rd"] == 0.4
    assert past["assumed"]["p0"] != 0.1
    assert any(note.startswith("past: p0") for note in power["notes"])
    assert any("ICC as assumed" in note for note in power["notes"])


def test_too_few_histories_are_said_beforehand(tmp_path):
    done = peersim("forecast", "study=gated", "replicates=4", cwd=tmp_path)
    assert "contrast past will rest on 4 histories on side a" in done.stdout


def test_a_study_that_declares_nothing_has_no_power(tmp_path):
    done = peersim("forecast", "study=single", "--power", cwd=tmp_path)
    assert done.returncode == 1
    assert "declares no contrast" in done.stderr


def test_assumptions_are_for_all_contrasts_or_for_one():
    found = assumptions(["p0=.1 rd=.2,icc=.3", "x.rd=-.5"], ["x", "y"])
    assert found == {None: {"p0": 0.1, "rd": 0.2, "icc": 0.3}, "x": {"rd": -0.5}}


@pytest.mark.parametrize(
    ("text", "said"),
    [("p1=.2", "p0, rd, icc"), ("z.rd=.2", "name of a contrast .x."), ("rd=much", "no number")],
)
def test_assumptions_that_do_not_fit_are_named(text, said):
    with pytest.raises(ConfigError, match=said):
        assumptions([text], ["x"])


@pytest.mark.slow
def test_without_quotes_what_is_assumed_is_one_too(tmp_path):
    words = ("--assume", "p0=.2", "rd=.5", "past.icc=.1")
    done = peersim(*QUICK, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "p0 0.2, rd 0.5, icc 0.1" in done.stdout


def test_what_is_assumed_is_parted_from_what_overrides():
    assert parted(["replicates=3", "rd=.5", "max_invalid=.1", "-m"]) == (
        ["replicates=3", "max_invalid=.1", "-m"],
        ["rd=.5"],
    )


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("study", "text", "said"),
    [
        ("gated", "p0=nan", "--assume p0=nan"),
        ("gated", "p0=2", "p0=2 is not within"),
        ("gated", "past.icc=-3", "icc=-3 is not within"),
        ("gated", "rd=.95", "outside 0 to 1"),
        ("gated", "sd=0", "--assume sd=0"),
        ("single", "p0=.1", "declares no contrast"),
    ],
)
def test_what_cannot_be_assumed_is_said_before_anything_is_lived(
    study, text, said, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    def live(*_):
        raise AssertionError("lived")

    monkeypatch.setattr("peersim.commands.forecast._forecast", live)
    with pytest.raises(ConfigError, match=said):
        show_forecast([f"study={study}"], Console(quiet=True), power=PowerWish((text,)))


def test_a_pilot_says_what_the_rate_is(tmp_path):
    (job,) = _jobs(["study=gated"])
    wish = PowerWish(("rd=-.4",), pilot=tmp_path)
    check_wish(job.study, wish)
    with pytest.raises(ConfigError, match="rho=7"):
        check_wish(job.study, wish._replace(assume=("rho=7",)))


def test_a_pilot_is_not_looked_at_before_its_plan_lets_anybody(tmp_path):
    run(declared_study(replicates=4), tmp_path)
    cut(tmp_path, blocks=2)
    with pytest.raises(AnalysisRefusal, match="before a look"):
        powers(declared_study(20), PowerWish(pilot=tmp_path), Console(quiet=True))
    assert early_looks(tmp_path) == ()


def test_the_best_number_of_trials_follows_from_what_a_history_costs():
    (line,) = [SimpleNamespace(assumed={"icc": 0.2})]
    (said,) = best_said([line], 4.0)
    assert "for the money: 4.0, at an icc of 0.2" in said
    assert best_said([line], None) == []
    (endless,) = best_said([SimpleNamespace(assumed={"icc": 0.0})], 4.0)
    assert "as many as possible" in endless
