"""Everything that the models of one trial see and say, and its outcome, word for word.

When a change is meant, write the file anew: PEERSIM_GOLDEN=write scripts/test tests/golden
"""

import asyncio
import json
import os
from pathlib import Path

from support.studies import arm, opened, study

from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.view import RunView
from peersim.study.runner import run_study

FILE = Path(__file__).with_name("trial.txt")


class Listening:
    """Simulated models that write down every request and reply."""

    def __init__(self):
        self.lines = []

    def model(self, ref):
        return _Listener(SimulatedModel(ref, Endpoint()), self.lines)


class _Listener:
    simulated = True

    def __init__(self, model, lines):
        self.name, self._model, self._lines, self._seen = model.name, model, lines, set()

    async def complete(self, request):
        reply = await self._model.complete(request)
        tools = ", ".join(tool.name for tool in request.tools)
        self._lines.append(f"===== request (tools: {tools}; seed {request.sampling.seed})")
        self._lines += [f"--- {m.role}\n{m.content}" for m in request.messages]
        self._lines.append(f"===== reply ({reply.finish})\n{reply.content}")
        self._lines += [f"{call.name} {call.arguments}" for call in reply.tool_calls]
        return reply


def lived(tmp_path):
    models = Listening()
    with opened(tmp_path) as store:
        asyncio.run(run_study(study(1, arms=(arm(),)), store, models=models))
    ((record, _),) = RunView(tmp_path).records()
    outcome = json.dumps(record.outcome.model_dump(mode="json"), indent=2)
    identity = f"{record.trial_id} {record.history_id} {record.recollection_id}"
    return "\n".join([*models.lines, "===== outcome", outcome, identity, ""])


def test_a_whole_trial_is_as_it_was(tmp_path):
    found = lived(tmp_path)
    if os.environ.get("PEERSIM_GOLDEN") == "write":
        FILE.write_text(found, encoding="utf-8")
    assert found == FILE.read_text(encoding="utf-8")
