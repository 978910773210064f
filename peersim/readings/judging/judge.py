"""A judge reads the paper of a trial, or of a history, and gives its verdict.

It has one tool call to give it by, and three attempts.
"""

from collections.abc import Callable
from typing import NamedTuple

from pydantic import ValidationError

from peersim.answers import Refused, Unparsed
from peersim.events.calls import Called
from peersim.history.spec import History
from peersim.models.asked import Message
from peersim.models.base import Completion, Failure, ModelRef, Request
from peersim.models.line import Line
from peersim.prompts.render import render
from peersim.prompts.sections import quoted
from peersim.readings.judging.paper import paper, passages
from peersim.readings.judging.record import dealings_paper, masks, pairs
from peersim.readings.judging.rubric import AGAIN, ASK, ASK_TIES, VERDICT_TOOL, Rubric
from peersim.readings.judging.treatment import Treatments, read_treatments
from peersim.readings.judging.verdict import Judgement, Judging, Missing, Verdict
from peersim.record import TrialRecord

ATTEMPTS = 3
CALLER = "judge"


# Reads the arguments of the call: the verdict, or none and what is wrong.
Reading = Callable[[str], tuple[Verdict | Treatments | None, str]]


class _Found(NamedTuple):
    verdict: Verdict | Treatments | None
    missing: Missing | None
    calls: tuple[Called, ...]


async def judge(
    record: TrialRecord, rubric: Rubric, model: ModelRef, number: int, line: Line
) -> Judgement:
    """Return what a judge makes of a trial.

    Args:
        record: A trial that ran to its end.
        rubric: What the judge is told.
        model: The judge's model.
        number: Which vote of that model, from 0.
        line: A way to the model, of this judging's own.
    """
    judging = Judging(subject=record.trial_id, rubric=rubric.digest, model=model, number=number)
    return await judge_text(paper(passages(record)), rubric, judging, line)


async def judge_text(text: str, rubric: Rubric, judging: Judging, line: Line) -> Judgement:
    """Return what a judge makes of a paper; no failure of it is ever a verdict.

    Args:
        text: The paper.
        rubric: What the judge is told.
        judging: What this judging is.
        line: A way to the judge's model.

    Raises:
        BudgetSpent: If the budget has no room for a call.
        ProviderStop: If the provider refuses all work.
        Divergence: If the journal holds another request for one of the calls.
    """
    ask = render(ASK, paper=text, tool=VERDICT_TOOL)
    return _judgement(judging, rubric, await _asked(ask, rubric, _conduct, line))


async def judge_history(
    history: History, rubric: Rubric, model: ModelRef, number: int, line: Line
) -> Judgement:
    """Return how, by a judge, the members of a history treated each other, under their names.

    It sees the interaction alone, under other names, and knows of no arm.

    Args:
        history: A history that was lived to its end.
        rubric: What the judge is told; one that is about histories.
        model: The judge's model.
        number: Which vote of that model, from 0.
        line: A way to the model, of this judging's own.

    Raises:
        BudgetSpent: If the budget has no room for a call.
        ProviderStop: If the provider refuses all work.
        Divergence: If the journal holds another request for one of the calls.
    """
    subject = history.spec.history_id
    judging = Judging(subject=subject, rubric=rubric.digest, model=model, number=number)
    asked = pairs(history)
    ask = render(ASK_TIES, paper=dealings_paper(history), pairs=asked, tool=VERDICT_TOOL)
    found = await _asked(ask, rubric, lambda given: read_treatments(given, asked), line)
    if isinstance(found.verdict, Treatments):
        names = {mask: name for name, mask in masks(history).items()}
        found = found._replace(verdict=found.verdict.named(names))
    return _judgement(judging, rubric, found)


def _judgement(judging: Judging, rubric: Rubric, found: _Found) -> Judgement:
    return Judgement(
        judging_id=judging.judging_id,
        trial_id=judging.subject,
        rubric=rubric.title,
        rubric_digest=rubric.digest,
        judge=judging.model.ref,
        number=judging.number,
        verdict=found.verdict,
        missing=found.missing,
        calls=found.calls,
    )


async def _asked(ask: str, rubric: Rubric, read: Reading, line: Line) -> _Found:
    messages: tuple[Message, ...] = (
        Message(role="system", content=rubric.text),
        Message(role="user", content=ask),
    )
    calls: list[Called] = []
    problem, said = "", ""
    for _ in range(ATTEMPTS):
        reply = await line.complete(Request(messages=messages, tools=(rubric.tool,)))
        if isinstance(reply, Failure):
            return _Found(None, reply.as_failed(), tuple(calls))
        calls.append(line.called(reply))
        if reply.finish == "content_filter":
            return _Found(None, Refused(by="provider", reason=reply.content), tuple(calls))
        verdict, problem = _read(reply, read)
        if verdict:
            return _Found(verdict, None, tuple(calls))
        said = reply.content
        messages = (*messages, *_again(reply, problem))
    return _Found(None, Unparsed(problem=problem, text=said), tuple(calls))


def _read(reply: Completion, read: Reading) -> tuple[Verdict | Treatments | None, str]:
    """Return the verdict of a reply, or none and what is wrong."""
    calls = [call for call in reply.tool_calls if call.name == VERDICT_TOOL]
    if len(calls) != 1:
        return None, f"{VERDICT_TOOL} was called {len(calls)} times."
    return read(calls[0].arguments)


def _conduct(arguments: str) -> tuple[Verdict | None, str]:
    try:
        return Verdict.model_validate_json(arguments, strict=True), ""
    except ValidationError as error:
        # What was given is not repeated: it may be huge.
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return None, " ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}." for e in found)


def _again(reply: Completion, problem: str) -> tuple[Message, ...]:
    """Return the reply and what to tell the judge about it, every tool call answered."""
    text = render(AGAIN, tool=VERDICT_TOOL, problem=quoted(problem))
    said = Message(
        role="assistant",
        content=reply.content,
        tool_calls=reply.tool_calls,
        thinking=reply.thinking,
        thinking_blocks=reply.thinking_blocks,
    )
    if not reply.tool_calls:
        return (said, Message(role="user", content=text))
    answers = (Message(role="tool", content=text, tool_call_id=c.id) for c in reply.tool_calls)
    return (said, *answers)
