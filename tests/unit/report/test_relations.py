"""The table of the group: the triads that a study assigned by script are those it finds."""

import itertools

from support.studies import arm, run, study

from peersim.analysis.arms import by_arm
from peersim.report.opened import samples
from peersim.report.relations import relations_table
from peersim.store.view import RunView
from peersim.study.arms import finished_rows
from peersim.study.design import Company, Roster
from peersim.tasks.scripts import Toward
from peersim.tasks.shared_report import SharedReport

KIND = {"+": 0.9, "-": 0.1}


def company(overseers_target, overseers_third, between):
    """Target and third, each treating the overseer and each other as told."""
    target, third = (
        Toward(dose=KIND[between], doses={"Rowan": KIND[sign]}, block=10)
        for sign in (overseers_target, overseers_third)
    )
    return Company(peer_script=target, background_script=third)


def test_the_triads_that_were_assigned_are_found(tmp_path):
    assigned = ["".join(signs) for signs in itertools.product("+-", repeat=3)]
    roster, task = Roster(background=("Hazel",)), SharedReport(rounds=10)
    arms = tuple(
        arm("neutral", more={"company": company(*t), "roster": roster, "task": task}, triad=t)
        for t in assigned
    )
    run(study(2, arms=arms), tmp_path)
    view = RunView(tmp_path)
    table = relations_table(samples(view, by_arm(finished_rows(view)), ()))
    for label, *_, found in table.rows:
        (triad,) = (one for one in assigned if f"triad={one}" in label)
        assert found == f"{triad} 2"
    balanced = {row[-1].split()[0]: float(row[-2]) for row in table.rows}
    assert balanced == {t: float(t.count("-") % 2 == 0) for t in assigned}
