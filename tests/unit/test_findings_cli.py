"""Declared contrasts on the terminal and as JSON, and the blindness before a look."""

import json

import pytest
from support.studies import forked_study, run

from peersim.analysis.declared import Finding, Refused
from peersim.analysis.looks import NotYet
from peersim.analysis.studied import studied
from peersim.cli.base import plain_console
from peersim.commands.findings import block, print_waiting, refusal
from peersim.commands.rates import print_json, print_rates
from peersim.store.view import RunView
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol

MEMORY = Contrast(
    id="memory",
    estimand="What a summary of the past does.",
    a={"memory": "summary", "persona.peer": "cooperative"},
    b={"memory": "none", "persona.peer": "cooperative"},
)
NEVER = MEMORY.model_copy(update={"id": "never", "b": {"memory": "ledger"}})
SCOPES = {"memory": "recollection", "persona.peer": "history"}


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    home = tmp_path_factory.mktemp("declared")
    plan = Protocol(factors=SCOPES, contrasts=(MEMORY, NEVER))
    run(forked_study(12, protocol=plan), home)
    return home


def test_a_run_is_answered_by_its_frozen_plan(declared):
    held = studied(RunView(declared))

    found, refused = held.findings
    assert isinstance(found, Finding)
    assert (found.level, found.sides[0].histories) == ("within", 12)
    assert isinstance(refused, Refused)
    assert found.simulated
    assert len(held.rows) == 48
    assert {alarm.check for alarm in held.alarms} >= {"invalid", "incomplete"}


def test_a_block_says_number_method_units_and_freedom(declared):
    found, refused = studied(RunView(declared)).findings
    text = "\n".join(block(found))

    assert "What a summary of the past does." in text
    assert f"{found.estimate:+.3f}" in text
    assert found.method in text
    assert "12 v 12 histories, 12 v 12 trials" in text
    assert "adjusted p" in text
    assert "no arm matches side b" in "\n".join(refusal(refused))


def test_findings_come_first_and_are_not_repeated_as_exploratory(declared, capsys):
    print_rates(declared, "protected", plain_console())
    text = capsys.readouterr().out

    assert text.index("declared contrasts") < text.index("protected by arm")
    assert "never: refused" in text
    assert "none of these was declared" in text


def test_json_of_a_declared_study_holds_findings_and_arms(declared, capsys):
    print_json(declared, "protected")
    said = json.loads(capsys.readouterr().out)

    assert said["plan"]["digest"].startswith("plan-")
    assert [one["id"] for one in said["findings"]] == ["memory", "never"]
    assert len(said["arms"]) == 4


def test_before_a_look_nothing_is_told_by_arm(declared, capsys, monkeypatch):
    blocks = [frozenset({place}) for place in range(5)]
    monkeypatch.setattr("peersim.analysis.studied.finished_blocks", lambda view: (blocks, 12))
    held = studied(RunView(declared))
    print_rates(declared, "protected", plain_console())
    text = capsys.readouterr().out

    assert isinstance(held.look, NotYet)
    assert (held.findings, held.rows) == ((), ())
    assert "48 trials finished" in text
    assert "memory=" not in text
    early = studied(RunView(declared), early=True)
    assert {row.block for row in early.rows} == {*range(5)}
    assert "a look that no plan has" in early.look.text


def test_waiting_counts_the_invalid_of_all_arms_together(capsys):
    print_waiting(NotYet(share=0.25, due=1.0), [], plain_console())

    assert "25% of the histories are finished" in capsys.readouterr().out
