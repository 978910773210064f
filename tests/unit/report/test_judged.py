"""What the judges say in the report: by arm, with what is missing, marked as simulated."""

import asyncio

import pytest
from support.judging import Pool, simulated_judge
from support.models import FunctionModel, says
from support.studies import opened, run, study

from peersim.models.base import ModelRef
from peersim.readings.judging.rubric import load_rubric
from peersim.report.content import gather
from peersim.report.html import render
from peersim.report.judged import judged_tables
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.judging import Bench, judge_run

WHAT = study(2)


@pytest.fixture
def home(tmp_path):
    run(WHAT, tmp_path)
    return tmp_path


def judged(home, reply, votes=1):
    bench = Bench(ModelRef(ref="simulated/judge", profile={}), votes, load_rubric())
    with opened(home) as store:
        view = RunView(home).stores[0]
        model = FunctionModel(reply)
        asyncio.run(judge_run(WHAT, store, view, bench, models=Pool(model)))
    return RunView(home)


def tables(view):
    return [part for section in gather(view).sections for part in section.parts]


def test_without_judgements_there_is_no_table(home):
    view = RunView(home)
    assert judged_tables(rows(view), view.judgements()) == []
    assert "judged" not in [table.slug for table in tables(view)]


def test_the_table_counts_answers_by_arm(home):
    view = judged(home, simulated_judge, votes=2)
    (table,) = [table for table in tables(view) if table.slug == "judged"]
    assert len(table.rows) == 4 * 2
    for row in table.rows:
        assert row[3] == "2 of 2"
        assert sum(int(part.split()[0]) for part in row[4].split(", ")) == 2
        assert row[5:8] == ("0", "0", "0")
    assert "simulated/judge (2 votes), simulated" in table.note
    assert "What the judges say" in render(view)


def test_missing_verdicts_are_counted_by_kind_and_are_no_answers(home):
    view = judged(home, lambda request: says("Hm."))
    table, *_ = judged_tables(rows(view), view.judgements())
    for row in table.rows:
        assert {part.split()[0] for part in row[4].split(", ")} == {"0"}
        assert row[6:8] == ("2", "2 unparsed")


def test_votes_agree_by_alpha_and_kappa(home):
    view = judged(home, simulated_judge, votes=2)
    (table,) = [table for table in tables(view) if table.slug == "judges-agree"]
    (row,) = [row for row in table.rows if row[1] == "openness"]
    assert row[2:4] == ("judges", "4")
    assert row[4] == row[6] == "1.000"
    assert row[7:] == ("Cohen's kappa", "4")


def test_without_labels_rates_are_said_not_to_be_corrected(home):
    view = judged(home, simulated_judge)
    (table,) = [table for table in tables(view) if table.slug == "judged-rates"]
    assert "cannot be corrected" in table.note
    assert {row[9] for row in table.rows} == {"not corrected"}
    assert {row[11] for row in table.rows} == {"no labels of this arm's trials"}


def test_labels_beside_the_run_correct_and_are_read_again(home):
    view = judged(home, simulated_judge)
    said = {one.trial_id: one.answer("openness") for one in view.judgements()}
    lines = [f"{trial},openness,{answer}" for trial, answer in said.items()]
    (home / "labels.csv").write_text("\n".join(["trial_id,question,label", *lines, ""]))
    found = {table.slug: table for table in tables(RunView(home))}
    (agreed,) = [row for row in found["judges-agree"].rows if row[2] == "judges with labels"]
    assert agreed[1] == "openness"
    assert "very arm" in found["judged-rates"].note
    assert "labels beside" not in render(RunView(home))
    assert "corrected for the judges" in render(RunView(home))
