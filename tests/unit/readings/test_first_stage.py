"""The first stage: the dose done per chance, by kind of act, against the one assigned."""

import asyncio

import pytest
from support.studies import arm, run, study

from peersim.agents.persona import Persona
from peersim.history.live import live
from peersim.history.spec import Lived, Member
from peersim.models.base import ModelRef
from peersim.readings.first_stage import received
from peersim.report.content import gather
from peersim.store.view import RunView
from peersim.study.design import Company
from peersim.tasks.scripts import Constant, Schedule, TitForTat, Toward, dose_toward
from peersim.tasks.trust_game import TrustGame

NOBODY = ModelRef(ref="simulated/null")


def lived(overseer, peer, rounds=8):
    """A history of scripts alone."""
    persona = Persona(name="scripted", disposition="neutral")
    cast = tuple(
        Member(name=name, persona=persona, model=NOBODY, script=script)
        for name, script in (("Rowan", overseer), ("Linden", peer))
    )
    spec = Lived(task=TrustGame(rounds=rounds), cast=cast, seed=0, replicate=0)
    return asyncio.run(live(spec, lambda *_: None))


@pytest.mark.parametrize("order", ["random", "kind_first", "kind_last"])
def test_a_dose_is_done_as_assigned_in_each_kind_of_act(order):
    peer = Schedule(dose=0.75, block=4, order=order)
    found = received(lived(Constant(), peer), "Linden", "Rowan")
    assert {kind: sum(own) / len(own) for kind, own in found.by_act.items()} == {
        "helped": 0.75,
        "shared": 0.75,
    }
    assert (found.assigned, found.done, found.off) == (0.75, 0.75, 0)


def test_a_chance_that_did_not_come_is_seen_and_no_dose_is_made_up():
    found = received(lived(Constant(degree=0.0), Schedule(dose=0.5)), "Linden", "Rowan")
    assert len(found.by_act["helped"]) == 4
    assert "shared" not in found.by_act
    reacts = received(lived(Constant(), TitForTat()), "Linden", "Rowan")
    assert (reacts.assigned, reacts.off, reacts.done) == (None, None, 1)


def test_the_dose_towards_one_is_that_of_the_script_towards_it():
    script = Toward(doses={"Bo": 0.9}, dose=0.2)
    assert (dose_toward(script, "Bo"), dose_toward(script, "Cy")) == (0.9, 0.2)


def test_the_report_has_it_by_arm_and_kind_of_act(tmp_path):
    doses = {"0.0": 0.0, "0.5": 0.5}
    arms = tuple(
        arm("neutral", dose=name).model_copy(
            update={"company": Company(peer_script=Schedule(dose=dose, block=2))}
        )
        for name, dose in doses.items()
    )
    run(study(3, arms=arms), tmp_path)
    content = gather(RunView(tmp_path))
    (section,) = [one for one in content.sections if one.slug == "checks"]
    (table,) = [one for one in section.parts if one.slug == "first-stage"]
    found = {(row[0], row[3]): row for row in table.rows}
    for name, dose in doses.items():
        for kind in ("all", "helped", "shared"):
            row = next(r for (label, k), r in found.items() if name in label and k == kind)
            assert row[1] == "Linden"
            assert float(row[2]) == dose
            assert row[4] == "3"
        helped = next(r for (label, k), r in found.items() if name in label and k == "helped")
        assert float(helped[6]) == dose
        assert helped[8] == "0 of 3"
