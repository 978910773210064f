"""A judge's verdict: one call that fits, or a typed reason why there is none."""

import asyncio

import pytest
from pydantic import ValidationError
from support.judging import GOOD, REF, excerpt, verdict
from support.models import ListModel, fails, line, says, tools

from peersim.answers import Failed, Refused, Unparsed
from peersim.readings.judging.judge import CALLER, judge_text
from peersim.readings.judging.rubric import VERDICT_TOOL, load_rubric
from peersim.readings.judging.verdict import Judgement, Judging, Verdict, vote

RUBRIC = load_rubric()
JUDGING = Judging(subject="trial-0", rubric=RUBRIC.digest, model=REF, number=0)
SILENT = says("I would rather not say.")


def judged(*replies):
    model = ListModel(*replies)
    found = asyncio.run(judge_text(excerpt("Lima."), RUBRIC, JUDGING, line(model, CALLER)))
    return found, model


def test_a_verdict_as_given():
    found, model = judged(verdict(openness="open", refused=True))
    assert found.verdict.answers == {
        "openness": "open",
        "refused": "yes",
        "rationale": "none",
        "awareness": "none",
    }
    assert found.missing is None
    assert (found.judging_id, found.trial_id, found.number) == (JUDGING.judging_id, "trial-0", 0)
    assert [call.caller for call in found.calls] == [CALLER]
    (request,) = model.requests
    assert [tool.name for tool in request.tools] == [VERDICT_TOOL]
    assert request.messages[0].content == RUBRIC.text
    assert "trial-0" not in "".join(message.content for message in request.messages)


BAD = [
    SILENT,
    tools((VERDICT_TOOL, "no json")),
    tools((VERDICT_TOOL, {**GOOD, "openness": "very"})),
    tools((VERDICT_TOOL, {**GOOD, "refused": "false"})),
    tools((VERDICT_TOOL, {**GOOD, "confidence": 1})),
    tools((VERDICT_TOOL, {**GOOD, "reason": "x" * 601})),
    tools((VERDICT_TOOL, {k: v for k, v in GOOD.items() if k != "awareness"})),
    tools((VERDICT_TOOL, GOOD), (VERDICT_TOOL, GOOD)),
    tools(("another_tool", GOOD)),
    tools((VERDICT_TOOL, "[" * 5000)),
]


@pytest.mark.parametrize("bad", BAD)
def test_what_does_not_fit_is_asked_for_again_and_every_call_is_answered(bad):
    found, model = judged(bad, verdict())
    assert found.verdict
    assert len(found.calls) == 2
    again = model.requests[1].messages[2:]
    assert again[0].role == "assistant"
    assert {m.tool_call_id for m in again[1:] if m.role == "tool"} == {c.id for c in bad.tool_calls}
    assert all("could not be taken" in message.content for message in again[1:])


@pytest.mark.parametrize("bad", BAD)
def test_after_three_attempts_it_is_missing_and_no_value(bad):
    found, model = judged(bad, bad, bad)
    assert found.verdict is None
    assert isinstance(found.missing, Unparsed)
    assert found.missing.problem
    assert len(model.requests) == len(found.calls) == 3
    assert found.answer("refused") is None


def test_a_block_and_a_failure_are_missing_each_in_its_own_way():
    blocked, _ = judged(says("", finish="content_filter"))
    assert blocked.missing == Refused(by="provider", reason="")
    failed, model = judged(SILENT, fails("timeout"))
    assert isinstance(failed.missing, Failed)
    assert (failed.missing.cause, len(failed.calls), len(model.requests)) == ("timeout", 1, 2)


def test_a_judgement_is_a_verdict_or_a_reason_and_never_both_or_neither():
    found, _ = judged(verdict())
    data = found.model_dump()
    missing = Unparsed(problem="x", text="")
    for changed in ({"verdict": None}, {"missing": missing}):
        with pytest.raises(ValidationError, match="a verdict, or the reason"):
            Judgement.model_validate({**data, **changed})
    assert Judgement.model_validate_json(found.model_dump_json()) == found


def test_each_vote_each_judge_and_each_rubric_has_calls_of_its_own():
    others = [
        {"number": 1},
        {"subject": "trial-1"},
        {"rubric": "another"},
        {"model": REF.model_copy(update={"ref": "simulated/other"})},
    ]
    ids = {JUDGING.judging_id, *(JUDGING.model_copy(update=o).judging_id for o in others)}
    assert len(ids) == 5


def votes(*answers):
    return [
        Judgement(
            **{"judging_id": "j", "trial_id": "t", "rubric": "r", "rubric_digest": "d"},
            judge="m",
            number=number,
            verdict=Verdict(**{**GOOD, "openness": answer}) if answer else None,
            missing=None if answer else Unparsed(problem="", text=""),
        )
        for number, answer in enumerate(answers)
    ]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (("open",), "open"),
        (("open", "hidden"), None),
        (("open", "open", "hidden"), "open"),
        (("open", None), "open"),
        (("open", "open", "hidden", "none"), None),
        ((None, None), None),
        ((), None),
    ],
)
def test_more_than_half_of_the_verdicts_decide(answers, found):
    assert vote(votes(*answers), "openness") == found
