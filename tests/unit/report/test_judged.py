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
from peersim.report.judged import judged_table
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
    assert judged_table(rows(view), view.judgements()) is None
    assert "judged" not in [table.slug for table in tables(view)]


def test_the_table_counts_answers_by_arm(home):
    view = judged(home, simulated_judge, votes=2)
    (table,) = [table for table in tables(view) if table.slug == "judged"]
    assert len(table.rows) == 4 * 2
    for row in table.rows:
        assert row[3] == "2 of 2"
        assert sum(int(part.split()[0]) for part in row[4].split(", ")) == 2
        assert row[5:8] == ("0", "0", "0")
        assert "trials)" in row[8]
    assert "simulated/judge (2 votes), simulated" in table.note
    assert "What the judges say" in render(view)


def test_missing_verdicts_are_counted_by_kind_and_are_no_answers(home):
    view = judged(home, lambda request: says("Hm."))
    table = judged_table(rows(view), view.judgements())
    for row in table.rows:
        assert {part.split()[0] for part in row[4].split(", ")} == {"0"}
        assert row[6:9] == ("2", "2 unparsed", "")
