"""Wall limits, lanes and stalls: nobody waits for ever, and nobody for somebody else's model."""

import asyncio

import pytest
from support.studies import arm, records, run, simulated, study

from peersim.answers import Invalid
from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.view import RunView
from peersim.study.conditions import Conditions, Limits
from peersim.study.site import Stop
from peersim.tracking.base import Tracker


class Slow:
    """Models of which one never answers until it is let go."""

    def __init__(self, stuck="simulated/stuck"):
        self._stuck = stuck
        self.gate = asyncio.Event()

    def model(self, ref):
        return _Slow(SimulatedModel(ref, Endpoint()), self.gate if ref.ref == self._stuck else None)


class _Slow:
    def __init__(self, model, gate):
        self.name, self.simulated = model.name, True
        self._model, self._gate = model, gate

    async def complete(self, request):
        if self._gate:
            await self._gate.wait()
        return await self._model.complete(request)


class Heard(Tracker):
    """A tracker that keeps what it hears, and lets the stuck model go in the end."""

    def __init__(self, models=None, until=None):
        self.warnings, self.finished_arms = [], []
        self._models, self._until = models, until

    def begin(self, header): ...
    def started(self, trial_id): ...

    def finished(self, record, spent):
        self.finished_arms.append(record.spec.arm["model"])
        if self._models and self._until == len(self.finished_arms):
            self._models.gate.set()

    def warned(self, text):
        self.warnings.append(text)

    def end(self, ending): ...


def two_models():
    stuck = simulated().model_copy(update={"ref": "simulated/stuck"})
    return (arm(model="loyal"), arm(ref=stuck, model="stuck"))


def test_a_model_that_hangs_holds_up_no_other_model(tmp_path):
    models = Slow()
    heard = Heard(models, until=6)
    run(study(6, arms=two_models()), tmp_path, concurrency=2, models=models, trackers=[heard])
    assert heard.finished_arms == ["loyal"] * 6 + ["stuck"] * 6


def test_a_trial_over_its_wall_limit_is_invalid_and_says_what_it_waited_for(tmp_path):
    models = Slow()
    limits = Limits(trial_seconds=0.3)
    what = study(2, arms=two_models())
    run(what, tmp_path, models=models, conditions=Conditions(limits=limits))
    for record, _ in RunView(tmp_path).records():
        if record.spec.arm["model"] == "loyal":
            assert record.outcome
            continue
        assert isinstance(record.validity, Invalid)
        assert (record.validity.origin, record.validity.cause) == ("provider", "wall_limit")
        assert "limits.trial_seconds" in record.validity.detail
        assert "call 0 to simulated/stuck" in record.validity.detail


def test_what_ran_into_the_wall_limit_can_be_run_again_to_the_same_end(tmp_path):
    what = study(2, arms=two_models())
    limits = Conditions(limits=Limits(trial_seconds=0.3))
    run(what, tmp_path / "late", models=Slow(), conditions=limits)
    from support.studies import opened

    with opened(tmp_path / "late") as store:
        asyncio.run(store.forget_invalid())
    run(what, tmp_path / "late")
    run(what, tmp_path / "whole")
    assert records(tmp_path / "late") == records(tmp_path / "whole")


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_stall_is_told_with_what_is_waited_for(tmp_path, concurrency):
    models, stop = Slow(), Stop()

    class Releasing(Heard):
        def warned(self, text):
            super().warned(text)
            models.gate.set()

    heard = Releasing()
    conditions = Conditions(concurrency=concurrency, limits=Limits(stall_seconds=0.4))
    what = study(1, arms=two_models())
    run(what, tmp_path, models=models, conditions=conditions, trackers=[heard], stop=stop)
    assert "to simulated/stuck for" in heard.warnings[0]
    # Of the model alone while the other still goes on, of the whole study after that.
    told = ("simulated/stuck has answered nothing for", "nothing has moved for")
    assert heard.warnings[0].startswith(told)
    assert len(heard.finished_arms) == 2
