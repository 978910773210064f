"""What stands above all results: files that were changed, gates, and what overrode them."""

import asyncio
import json

import pytest
from rich.console import Console
from support.declared import declared_study
from support.studies import opened, run

from peersim.cli.base import plain_console
from peersim.commands.export import export_tables
from peersim.commands.rates import print_json, print_rates
from peersim.commands.run import OPTIONS_KEY, Options, resume
from peersim.commands.status import show_status
from peersim.commands.trackers import Tracking
from peersim.report.html import render
from peersim.store.view import RunView
from peersim.study.frozen_plan import PLAN_FILE
from peersim.study.gates import VERDICT_KEY, Verdict, gate_directory
from peersim.study.protocol import Gate, Protocol
from peersim.study.runner import adopt

GATE = Gate(id="told", positive={"dose": "1"}, negative={"dose": "2"})
CLOSED = Verdict(
    id="told",
    outcome="protected",
    rates=(0.25, 0.25),
    difference=0.0,
    low=-0.2,
    high=0.2,
    least=0.5,
)
OPTIONS = Options(concurrency=4, max_invalid=1.0, tracking=Tracking(kind="none"))


def gated(contrasts=True):
    whole = declared_study(replicates=2)
    protocol = whole.protocol if contrasts else Protocol(factors=whole.protocol.factors)
    protocol = protocol.model_copy(update={"gates": (GATE,)})
    return whole.model_copy(update={"protocol": protocol, "override_gates": "to see a null"})


def begun(directory, study):
    run(study, directory)
    with opened(gate_directory(directory, "told")) as store:
        asyncio.run(store.put_meta(VERDICT_KEY, CLOSED.model_dump_json()))
    return directory


@pytest.mark.parametrize("show", [show_status, lambda *to: print_rates(to[0], "protected", to[1])])
def test_an_override_and_a_closed_gate_are_said(tmp_path, capsys, show):
    show(begun(tmp_path, gated()), plain_console())
    text = capsys.readouterr().out

    assert "the control gates were overridden: to see a null" in text
    assert "gate told is closed: protected 0.25 v 0.25" in text


def test_a_gate_that_was_passed_over_is_said_not_to_have_run(tmp_path, capsys):
    run(gated(), tmp_path)
    show_status(tmp_path, plain_console())

    assert "gate told was not run" in capsys.readouterr().out


@pytest.mark.parametrize("contrasts", [True, False])
def test_json_holds_override_and_gates_whatever_was_declared(tmp_path, capsys, contrasts):
    print_json(begun(tmp_path, gated(contrasts)), "protected")
    said = json.loads(capsys.readouterr().out)

    assert said["plan"]["gate_override"] == "to see a null"
    assert said["plan"]["trouble"] == []
    assert [(one["id"], one["open"]) for one in said["gates"]] == [("told", False)]
    assert len(said["arms"]) == 7


def test_the_report_holds_both(tmp_path):
    page = render(RunView(begun(tmp_path, gated())))

    assert "to see a null" in page
    assert "CLOSED" in page


@pytest.fixture
def tampered(tmp_path):
    run(declared_study(replicates=2), tmp_path)
    with opened(tmp_path) as store:
        asyncio.run(store.put_meta(OPTIONS_KEY, OPTIONS.model_dump_json()))
    path = tmp_path / PLAN_FILE
    path.write_text(path.read_text().replace('"alpha": 0.05', '"alpha": 0.5', 1))
    return tmp_path


SAID = "was changed after the run began"


@pytest.mark.parametrize(
    "command",
    [
        show_status,
        lambda directory, console: print_rates(directory, "protected", console),
        lambda directory, console: export_tables(directory, "csv", console),
        resume,
    ],
)
def test_a_changed_plan_is_said_by_every_command(tampered, capsys, command):
    command(tampered, plain_console())

    assert SAID in capsys.readouterr().out


def test_a_changed_plan_is_said_in_json_and_on_the_page(tampered, capsys):
    print_json(tampered, "protected")

    assert SAID in json.loads(capsys.readouterr().out)["plan"]["trouble"][0]
    assert SAID in render(RunView(tampered))


def test_a_plan_that_is_gone_is_said_before_it_comes_back(tampered, capsys):
    (tampered / PLAN_FILE).unlink()
    resume(tampered, plain_console())

    assert "is gone" in capsys.readouterr().out
    with opened(tampered) as store:
        asyncio.run(adopt(declared_study(replicates=2), store))
    show_status(tampered, Console(quiet=True))
    assert (tampered / PLAN_FILE).is_file()
