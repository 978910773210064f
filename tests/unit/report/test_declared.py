"""Declared contrasts in the report: drawn, refused in their place, and silent before a look."""

import json

import pytest
from support.declared import cut, declared_study, few_draws
from support.studies import run

from peersim.analysis.declared import Refused
from peersim.analysis.family import findings
from peersim.analysis.rates import ArmRate, rates
from peersim.analysis.studied import Studied
from peersim.commands.findings import block
from peersim.readings.rows import TrialRow
from peersim.report.attrition import attrition
from peersim.report.content import gather
from peersim.report.declared import forests
from peersim.report.figures import as_json
from peersim.report.forest import GAP
from peersim.report.html import render
from peersim.report.page import Picture
from peersim.report.rates_figure import rates_figure
from peersim.store.schema import FILE
from peersim.store.view import RunView
from peersim.study.arms import finished_rows
from peersim.study.contrast import Contrast
from peersim.study.frozen_plan import PLAN_FILE, held_plan
from peersim.study.protocol import Protocol


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    home = tmp_path_factory.mktemp("studies") / "declared"  # no other test's studies beside it
    run(declared_study(), home)
    return RunView(home)


@pytest.fixture(scope="module")
def content(view):
    with few_draws():
        return gather(view)


def section(content, slug):
    (found,) = [one for one in (*content.sections, *content.last) if one.slug == slug]
    return found


def part(content, slug):
    (found,) = [part for one in content.sections for part in one.parts if part.slug == slug]
    return found


def test_the_plan_is_shown_with_its_hash(view, content):
    asked = section(content, "asked")
    assert ("plan", held_plan(view).digest) in asked.facts
    (counted,) = [told for name, told in asked.facts if name.startswith("studies of this folder")]
    assert counted == "this one alone"
    assert asked.notes[0].startswith("Risk difference of protecting after")
    assert [row[0] for row in part(content, "plan").rows] == ["past", "same", "gone", "slope"]
    assert content.warnings == ()


def test_studies_that_declare_the_same_are_counted(view, content):
    assert content  # made while it was the only one
    plan = json.loads((view.directory / PLAN_FILE).read_text(encoding="utf-8"))
    (gone,) = [one for one in plan["protocol"]["contrasts"] if one["id"] == "gone"]
    plan["protocol"]["contrasts"] = [gone]
    beside = view.directory.parent / "another"
    beside.mkdir()
    (beside / PLAN_FILE).write_text(json.dumps(plan | {"study_id": "another"}), encoding="utf-8")
    with few_draws():
        told = dict(section(gather(view), "asked").facts)
    assert told["studies of this folder that declare it, by contrast"] == "gone 2"


def test_a_refused_contrast_keeps_its_place_without_a_point(content):
    forest = part(content, "forest-rd")
    figure = json.loads(forest.figure)
    assert sum(len(trace["x"]) for trace in figure["data"]) == 2
    assert len(figure["layout"]["annotations"]) == 3
    assert "refused: no arm" in figure["layout"]["annotations"][2]["text"]
    (gone,) = [row for row in forest.table.rows if row[0] == "gone"]
    assert gone[3] == "refused"
    assert "no arm" in gone[-1]


def test_limits_for_the_whole_family_stand_beside_those_of_the_test(content):
    table = part(content, "forest-rd").table
    own, tested, whole = (
        table.columns.index(name)
        for name in ("interval", "interval at the level tested", "interval for the whole family")
    )
    (row,) = [row for row in table.rows if row[0] == "past"]
    low, high = map(float, row[whole].split(" to "))
    inner = [float(value) for value in row[tested].split(" to ")]
    alone = [float(value) for value in row[own].split(" to ")]
    assert low <= inner[0] <= alone[0] < alone[1] <= inner[1] <= high
    assert low < alone[0]  # shared out over the primaries, the refused one too


def test_margins_and_family_intervals_are_drawn(content):
    shapes = json.loads(part(content, "forest-rd").figure)["layout"]["shapes"]
    dotted = [shape for shape in shapes if shape["line"].get("dash") == "dot"]
    assert sorted(shape["x0"] for shape in dotted) == [-0.1, 0.1]
    assert sum(shape.get("fillcolor") == GAP for shape in shapes) == 1


def test_a_declared_trend_is_a_dose_response_with_its_monotone_fit(content):
    picture = part(content, "dose-slope-protected")
    names = [trace["name"] for trace in json.loads(picture.figure)["data"]]
    assert names[-1] == "monotone fit"
    doses = [row[1] for row in picture.table.rows if "=cooperative" in row[0]]
    assert doses == ["1", "2", "4"]
    assert all(row[5] for row in picture.table.rows)


def test_pairs_that_were_declared_are_not_explored_again(content):
    explored = part(content, "contrasts").rows
    assert explored
    # The one pair of arms that differ in memory is that of the declared contrast.
    assert "memory" not in {row[0] for row in explored}


def test_before_a_look_nothing_by_arm_is_shown_but_health_is(tmp_path):
    run(declared_study(replicates=4), tmp_path)
    cut(tmp_path, blocks=2)
    view = RunView(tmp_path)
    content = gather(view)
    assert "NOT YET" in content.warnings[0]
    assert {one.slug for one in content.sections} == {"asked", "health", "cost", "instrument"}
    assert content.excerpts == ()
    assert section(content, "health").facts[0] == ("finished", f"{len(finished_rows(view))} trials")
    assert 'id="rates-figure"' not in render(view)
    with few_draws():
        early = gather(view, early=True)
    assert any(isinstance(p, Picture) for one in early.sections for p in one.parts)
    assert early.excerpts


def test_a_plan_that_was_changed_is_said_at_the_top(tmp_path):
    run(declared_study(replicates=2), tmp_path)
    path = tmp_path / PLAN_FILE
    path.write_text(path.read_text().replace('"alpha": 0.05', '"alpha": 0.5', 1))
    with few_draws():
        assert "was changed after the run began" in gather(RunView(tmp_path)).warnings[0]
    assert (tmp_path / FILE).is_file()


def test_scores_and_rates_never_share_an_axis():
    trend = {"a": {}, "b": {}, "dose": "dose", "scale": "rd"}
    declared = [
        Contrast.model_construct(id=name, outcome=outcome, **trend)
        for name, outcome in (("rate", "protected"), ("points", "signed_error"))
    ]
    refused = [
        Refused(id=one.id, role="primary", estimand="", outcome=one.outcome, why="no arm")
        for one in declared
    ]
    found = forests(refused, declared)
    assert [part.slug for part in found] == ["forest-trend", "forest-trend-signed-error"]
    assert "change per unit of dose of signed_error" in found[1].title


def test_refused_and_invalid_are_counted_beside_a_rate_even_where_there_are_none():
    def of(measure, count, invalid):
        return ArmRate(
            arm={"f": "a"}, measure=measure, n=8 + sum(invalid.values()), invalid=invalid,
            valid=8, absent=0, count=count, rate=count / 8, low=0, high=1, method="", units=8,
            bounds=(0, 1), simulated=True,
        )  # fmt: skip

    (note,) = json.loads(as_json(rates_figure([of("protected", 3, {})], [of("refused", 0, {})])))[
        "layout"
    ]["annotations"]
    assert "3 of 8; 0 refused, 0 invalid" in note["text"]


@pytest.mark.slow
def test_lost_trials_of_contrasts_stand_with_what_was_lost():
    def lost(arm, values, first):
        return [
            TrialRow(
                trial_id=f"{arm}/{h}/{t}",
                arm={"past": arm},
                history_id=f"h{first + h}",
                surface="s0",
                block=h,
                invalid=value if isinstance(value, str) else None,
                values={} if isinstance(value, str) else {"protected": float(value)},
                models=("m",),
                simulated=False,
            )
            for h, of in enumerate(values)
            for t, value in enumerate(of)
        ]

    good = [[1, 1, "provider", 0]] * 12 + [[1, 0, "judge", 0]] * 8
    bad = [[0, 1, "judge", 0]] * 10 + [[0, 1, 0, "judge"]] * 10
    found = [*lost("good", good, 0), *lost("bad", bad, 100)]
    past = Contrast(id="past", a={"past": "good"}, b={"past": "bad"})
    answers = findings(Protocol(factors={"past": "history"}, contrasts=(past,)), found)
    held = Studied.model_construct(findings=tuple(answers), alarms=(), plan=None, look=None)
    section = attrition(held, found, [], rates(found, "protected"), rates(found, "protected"), {})
    (table,) = [part for part in section.parts if part.slug == "lost"]
    assert table.rows == (
        ("past", "20 of 80 v 20 of 80", "0 v 0", "-0.1000 to 0.4000", "0.44", "a 0.08, b 0.70"),
    )
    lines = block(answers[0])
    assert "tipping point, lost trials of a alone: undone if 8% had it" in lines
