"""Declared contrasts on the terminal and as JSON, and the blindness before a look."""

import asyncio
import json

import pytest
from support.declared import few_draws
from support.studies import forked_study, opened, run

from peersim.analysis.declared import Finding, Part, Refused
from peersim.analysis.looks import NotYet
from peersim.analysis.studied import Studied, studied
from peersim.cli.base import plain_console
from peersim.commands.findings import block, print_waiting, refusal
from peersim.commands.rates import print_json, print_rates
from peersim.commands.study_contrasts import COLUMNS, lines_of
from peersim.report.declared_details import _again
from peersim.report.html import render
from peersim.store.view import RunView
from peersim.study.contrast import Contrast
from peersim.study.frozen_plan import held_plan
from peersim.study.protocol import Protocol
from peersim.study.runner import adopt

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


def begin(protocol, directory):
    with opened(directory) as store:
        asyncio.run(adopt(forked_study(12, protocol=protocol), store))


@pytest.mark.slow
def test_what_a_deviation_adds_is_answered_and_only_explores(tmp_path, capsys):
    later = NEVER.model_copy(update={"id": "later", "b": MEMORY.b, "outcome": "covert"})
    plan = Protocol(factors=SCOPES, contrasts=(MEMORY,))
    run(forked_study(12, protocol=plan), tmp_path)
    before = studied(RunView(tmp_path)).findings
    changed = (MEMORY.model_copy(update={"role": "secondary"}), later)
    begin(plan.model_copy(update={"contrasts": changed}), tmp_path)
    held = studied(RunView(tmp_path))

    assert held.findings[:1] == before
    assert (held.findings[1].id, held.findings[1].verdict) == ("later", "exploratory: no claim")
    print_rates(tmp_path, "protected", plain_console())
    text = capsys.readouterr().out
    assert 'contrasts.later added, contrasts.memory.role from "primary" to "secondary"' in text
    assert "later: exploratory: no claim" in text
    with few_draws():
        page = render(RunView(tmp_path))
    assert "exploratory: no claim" in page


def test_what_is_added_to_a_plan_that_declared_nothing_is_answered(tmp_path):
    empty = Protocol(factors=SCOPES)
    run(forked_study(12, protocol=empty), tmp_path)
    assert studied(RunView(tmp_path)) is None
    begin(empty.model_copy(update={"contrasts": (MEMORY,)}), tmp_path)
    (found,) = studied(RunView(tmp_path)).findings
    assert (found.role, found.upheld) == ("exploratory", None)


def test_a_mean_over_models_stands_behind_each_of_them(declared):
    (found, _) = studied(RunView(declared)).findings
    parts = tuple(
        Part(name=name, estimate=by, low=by - 0.1, high=by + 0.1, p=0.01, method="t")
        for name, by in (("model=x", 0.4), ("model=y", -0.4), ("model: summary", 0.0))
    )
    pooled = found.model_copy(update={"parts": parts})
    lines = block(pooled)

    assert lines[0].startswith("memory: pooled over models that differ")
    places = [
        next(n for n, line in enumerate(lines) if line.startswith(start))
        for start in ("model=x: +0.400", "model=y: -0.400", "over all models, protected")
    ]
    assert places == sorted(places)
    assert sum(line.startswith("model=") for line in lines) == 2
    held = Studied(plan=held_plan(RunView(declared)), look=studied(RunView(declared)).look)
    (line,) = lines_of(held.model_copy(update={"findings": (pooled,)}), [], [])
    assert (line.values["model=x/estimate"], line.values["model=y/p"]) == (0.4, 0.01)
    assert line.values["verdict"].startswith("pooled over models that differ")
    assert len(line.cells) == len(COLUMNS)
    assert "pooled" not in "".join(block(found))


def test_waiting_counts_the_invalid_of_all_arms_together(capsys):
    print_waiting(NotYet(share=0.25, due=1.0), [], plain_console())

    assert "25% of the histories are finished" in capsys.readouterr().out


def test_other_methods_say_their_level_and_that_they_look_both_ways(declared):
    found, _ = studied(RunView(declared)).findings
    parts = (
        Part(name="beside", estimate=0.25, low=0.1, high=0.4, p=0.02, method="m"),
        Part(name="monotone trend", estimate=None, p=0.004, method="Page L"),
    )
    one = found.model_copy(update={"alternative": "greater", "sensitivity": parts})
    text = block(one)
    assert "beside: +0.250, 95 % +0.100 to +0.400, p 0.020 of two sides (m)" in text
    assert "monotone trend: p 0.004 (Page L)" in text
    both = block(one.model_copy(update={"alternative": "two_sided"}))
    assert "beside: +0.250, 95 % +0.100 to +0.400, p 0.020 (m)" in both
    rows = details([one])
    assert rows["beside"][3:7] == ("0.2500", "0.1000 to 0.4000", "95 %", "0.020")
    assert rows["monotone trend"][5] == ""


def details(found):
    """The rows of the report's table of other methods, by their names."""
    return {row[2]: row for one in found for row in _again(one)}
