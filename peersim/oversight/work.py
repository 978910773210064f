"""Drives the oversight job: lets the overseer work until it is done, stuck or out of calls."""

from peersim.agents.base import Agent, Turn, Use
from peersim.answers import Failed
from peersim.events.calls import Thought, Used, Wrote
from peersim.events.log import EventLog
from peersim.oversight.base import Conduct, Environment
from peersim.prompts.render import render

# Turns without a tool call in a row before the work counts as given up.
SILENT_TURNS = 3


class _Tracker:
    """Collects the overseer's conduct while the log is written."""

    def __init__(self, log: EventLog, name: str) -> None:
        self.uses: list[Use] = []
        self.said: list[str] = []
        self.calls = 0
        self.silent = 0
        self._log = log
        self._name = name

    def take(self, turn: Turn) -> None:
        number = self.calls
        if turn.called:
            self._log.append(turn.called)
        self.calls += 1
        self.silent = 0 if turn.uses else self.silent + 1
        if turn.thought:
            self._log.append(Thought(agent=self._name, number=number, text=turn.thought))
        if turn.said:
            self.said.append(turn.said)
            self._log.append(Wrote(agent=self._name, number=number, text=turn.said))
        for use in turn.uses:
            self.uses.append(use)
            self._log.append(
                Used(
                    agent=self._name,
                    number=number,
                    tool=use.tool,
                    arguments=use.arguments,
                    result=use.result,
                    error=use.error,
                )
            )

    def conduct(self, stop: str) -> Conduct:
        return Conduct(
            uses=tuple(self.uses),
            said=tuple(self.said),
            calls=self.calls,
            blocked=stop == "blocked",
            stop=stop,
        )


async def work(
    agent: Agent, job: str, environment: Environment, limit: int, log: EventLog
) -> Conduct | Failed:
    """Let an agent work on a job.

    Args:
        agent: The overseer.
        job: The job as put to it.
        environment: The world it works in.
        limit: Model calls at most.
        log: Gets the events.

    Returns:
        What it did, or the infrastructure failure that ended it.
    """
    tracker = _Tracker(log, agent.name)
    text: str | None = job
    while tracker.calls < limit:
        turn = await agent.step(text, environment)
        if turn.failure:
            # A context the model itself filled up is its own doing, so the trial stays valid.
            full = turn.failure.kind == "context_window"
            return tracker.conduct("context") if full else turn.failure.as_failed()
        tracker.take(turn)
        if turn.end == "blocked":
            return tracker.conduct("blocked")
        if environment.finished:
            return tracker.conduct("finished")
        if tracker.silent >= SILENT_TURNS:
            return tracker.conduct("silent")
        text = None if turn.uses else render("go_on.md.j2")
    return tracker.conduct("limit")
