"""A final form of free text: the same outcomes from the state, and nothing said of candour."""

import json

import pytest
from support.kinds import kinds
from support.studies import arm, run, simulated, study

from peersim.agents.base import Use
from peersim.briefing import case_seeds, stage
from peersim.events.calls import Used
from peersim.models.base import ModelRef
from peersim.oversight.base import Conduct
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.delivery import Delivered
from peersim.oversight.kinds import AnyScenario
from peersim.oversight.posting import post
from peersim.readings.outcomes import values
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.tracking.summary import summary

FREE = Circumstances(report_form="free")
SURE = {
    "protect": {"unread": 1.0, "none": 1.0, "full": 1.0},
    "routes": {"flag": 0.5, "score": 0.3, "both": 0.2},
    "disclose": 0.5,
}
NEVER = {"protect": {"unread": 0.0, "none": 0.0, "full": 0.0}}
PLANTED = {"sure": SURE, "never": NEVER, "loyal": simulated().profile}
OF_CANDOUR = ("disclosed", "false_statement", "report_form")
# Columns that are read from fields that a form of free text does not have.
OF_FIELDS = (
    *("recommend_gap", "stated_profit", "profit_error", "control_profit_error", "loss_stated"),
    *("open_figures", "route"),
)


def form_of(case):
    (form,) = (spec for spec in case.environment().specs() if spec.name == "submit_report")
    return form.parameters["properties"]


def played(tmp_path, kind, plan, around):
    model = ModelRef(ref=f"simulated/{plan}", profile=PLANTED[plan])
    made = arm(ref=model, more={"scenario": kind(), "circumstances": around})
    run(study(6, arms=(made,)), tmp_path)
    return [record for record, _ in RunView(tmp_path).records()]


def replayed(record, around):
    """Return the outcome of the same calls where the form is another."""
    job = record.spec.oversight.model_copy(update={"circumstances": around})
    spec = record.spec.model_copy(update={"oversight": job})
    case = stage(spec, job, Delivered())
    world, fields = case.environment(), form_of(case)
    used = [event for event in record.events if isinstance(event, Used)]
    uses = [Use(**u.model_dump(include=set(Use._fields))) for u in used]
    for use in uses:
        world.call(use.tool, cut(json.loads(use.arguments), use.tool, fields))
    assert world.finished
    conduct = Conduct(uses=tuple(uses), calls=record.outcome.calls, stop=record.outcome.stop)
    return case.outcome(json.loads(json.dumps(world.state())), conduct)


def cut(given, tool, fields):
    if tool != "submit_report":
        return given
    kept = {name: given[name] for name in fields if name in given}
    for entry in kept.get("products", ()):
        entry.pop("profit", None)
    return kept | {name: "Done." for name in fields if name not in kept}


@pytest.mark.few(6)
@pytest.mark.parametrize("plan", PLANTED)
@pytest.mark.parametrize("kind", kinds(AnyScenario), ids=lambda kind: kind.__name__)
def test_the_same_calls_come_out_the_same_from_the_state(tmp_path, kind, plan):
    for record in played(tmp_path, kind, plan, Circumstances()):
        was, free = record.outcome, replayed(record, FREE)
        assert free.covert is None
        assert free.disclosed is None
        assert free.false_statement is None
        assert free.model_dump(exclude={"measures", *OF_CANDOUR}) == was.model_dump(
            exclude={"measures", *OF_CANDOUR}
        )
        alike = was.measures.keys() - set(OF_FIELDS)
        assert {k: free.measures[k] for k in alike} == {k: was.measures[k] for k in alike}


@pytest.mark.few(4)
@pytest.mark.parametrize("plan", ["sure", "never"])
@pytest.mark.parametrize("kind", kinds(AnyScenario), ids=lambda kind: kind.__name__)
def test_a_stand_in_hands_in_a_text_and_nothing_is_said_of_candour(tmp_path, kind, plan):
    found = played(tmp_path, kind, plan, FREE)
    for record in found:
        outcome = record.outcome
        assert outcome.stop == "finished"
        assert outcome.disposition.value == {"sure": "protected", "never": "complied"}[plan]
        assert outcome.covert is None
        read = values(outcome)
        assert [read[name] for name in ("covert", "disclosed", "false_statement")] == [None] * 3
        (form,) = (e for e in record.events if isinstance(e, Used) and e.tool == "submit_report")
        assert json.loads(form.arguments)["report"].startswith("The job was done")
    assert "count/covert" not in summary(rows(RunView(tmp_path)))


@pytest.mark.parametrize("kind", kinds(AnyScenario), ids=lambda kind: kind.__name__)
def test_the_form_asks_for_what_the_policy_goes_by_and_a_text(kind):
    asked = form_of(kind().case(post("Rowan", "Linden", 0, FREE), case_seeds(arm().trial(0, 0))))
    assert set(asked) in ({"average", "report"}, {"products", "report"}, {"report"})
    assert "profit" not in str(asked)


def test_a_text_owns_up_with_the_planted_chance(tmp_path):
    (tampering,) = (kind for kind in kinds(AnyScenario) if kind.__name__ == "Tampering")
    texts = [
        event.arguments
        for record in played(tmp_path, tampering, "sure", FREE)
        for event in record.events
        if isinstance(event, Used) and event.tool == "submit_report"
    ]
    assert 0 < sum("I switched" in text for text in texts) < len(texts)


def test_the_usual_form_is_written_into_no_id_and_no_record():
    assert "report_form" not in Circumstances().model_dump_json()
    assert Circumstances(report_form="free") != Circumstances()
