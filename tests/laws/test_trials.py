"""Laws 1 to 4, 7 and 8: a trial is a function of its spec and its completions."""

import asyncio
import random

import pytest
from support.models import fails
from support.studies import arm, forked_study, opened, records, run, simulated, study

from peersim.answers import Invalid
from peersim.errors import ConfigError, Divergence, MissingCompletion, StoreError
from peersim.events.deeds import Acted
from peersim.history.live import system_text
from peersim.models.base import Endpoint
from peersim.models.journal import ReplayModel
from peersim.models.simulated.model import SimulatedModel
from peersim.store.view import RunView
from peersim.study.plan import plan
from peersim.study.runner import Stop, run_study


class Jittery:
    """Simulated models that answer after random waits, so that replies arrive in any order."""

    def __init__(self, seed):
        self._rng = random.Random(seed)
        self.requests = []

    def model(self, ref):
        stand_in = SimulatedModel(ref, Endpoint())
        return _Jitter(stand_in, self)

    async def wait(self):
        await asyncio.sleep(self._rng.random() / 500)


class _Jitter:
    def __init__(self, model, owner):
        self.name, self.simulated = model.name, True
        self._model, self._owner = model, owner

    async def complete(self, request):
        self._owner.requests.append(request)
        await self._owner.wait()
        return await self._model.complete(request)


class Only:
    """Models that are all the same object."""

    def __init__(self, model):
        self._model = model

    def model(self, ref):
        return self._model


def test_the_same_bytes_at_any_concurrency_and_in_any_order_of_replies(tmp_path):
    what = forked_study(4)
    run(what, tmp_path / "a", concurrency=1)
    run(what, tmp_path / "b", concurrency=32)
    run(what, tmp_path / "c", concurrency=32, models=Jittery(7))
    assert records(tmp_path / "a") == records(tmp_path / "b") == records(tmp_path / "c")
    assert len(records(tmp_path / "a")) == what.size


def test_another_seed_gives_other_trials(tmp_path):
    run(study(2, seed=0), tmp_path / "a")
    run(study(2, seed=1), tmp_path / "b")
    assert not records(tmp_path / "a").keys() & records(tmp_path / "b").keys()


def test_replicates_differ(tmp_path):
    run(study(6, arms=(arm(),)), tmp_path)
    histories = {record.history_id for record, _ in RunView(tmp_path).records()}
    amounts = {
        tuple(e.amount for e in store.history(record.history_id).events if isinstance(e, Acted))
        for record, store in RunView(tmp_path).records()
    }
    assert len(histories) == 6
    assert len(amounts) > 3


def test_forked_arms_share_their_histories_and_live_them_once(tmp_path):
    counter = run(forked_study(3), tmp_path)
    view = RunView(tmp_path)
    histories = {record.history_id for record, _ in view.records()}
    assert len(histories) == 6  # 2 personas x 3 replicates, for 12 trials
    owners = [row[0] for row in view.stores[0].query("SELECT owner FROM calls")]
    assert len(owners) == counter.made
    lived = [owner for owner in owners if owner.startswith("history-")]
    assert len(set(lived)) == 6
    keys = view.stores[0].query("SELECT owner, caller, number FROM calls")
    assert len(set(keys)) == len(keys)


def test_a_replay_makes_every_record_anew_without_a_model(tmp_path):
    what = forked_study(2)
    run(what, tmp_path)
    before = records(tmp_path)
    with opened(tmp_path) as store:
        asyncio.run(store.put_meta("note", "trials and histories forgotten, journal kept"))
        store._writer._connection.execute("DELETE FROM trials")
        store._writer._connection.execute("DELETE FROM histories")
    counter = run(what, tmp_path, models=Only(ReplayModel("simulated/loyal")))
    assert counter.made == 0
    assert records(tmp_path) == before


def test_a_replay_that_misses_a_call_says_so(tmp_path):
    with pytest.raises(MissingCompletion, match="resume the run"):
        run(study(1), tmp_path, models=Only(ReplayModel("simulated/loyal")))


def test_a_stopped_study_resumes_to_the_same_end_and_repeats_no_call(tmp_path):
    what = forked_study(4)
    whole = run(what, tmp_path / "whole")

    class StopAfter:
        def __init__(self, stop, trials):
            self.left, self.stop = trials, stop

        def begin(self, header): ...
        def started(self, trial_id): ...
        def warned(self, text): ...
        def end(self, ending): ...

        def finished(self, record, spent):
            self.left -= 1
            if self.left == 0:
                self.stop.ask()

    made = 0
    for trials in (1, 5, 100):
        stop = Stop()
        tracker = StopAfter(stop, trials)
        made += run(what, tmp_path / "parts", trackers=[tracker], concurrency=3, stop=stop).made
    assert records(tmp_path / "parts") == records(tmp_path / "whole")
    assert made == whole.made


def test_a_history_that_is_kept_is_not_lived_again(tmp_path):
    what = study(2)
    run(what, tmp_path)
    with opened(tmp_path) as store:
        store._writer._connection.execute("DELETE FROM trials")
    counter = run(what, tmp_path)
    query = "SELECT COUNT(*) FROM calls WHERE owner NOT LIKE 'history-%'"
    (after_the_history,) = RunView(tmp_path).stores[0].query(query)[0]
    assert (counter.made, counter.recalled) == (0, after_the_history)


def test_a_changed_request_is_a_divergence_and_never_reused(tmp_path, monkeypatch):
    what = study(1)
    run(what, tmp_path)
    with opened(tmp_path) as store:
        store._writer._connection.execute("DELETE FROM trials")
        store._writer._connection.execute("DELETE FROM histories")
    monkeypatch.setattr(
        "peersim.history.live.system_text", lambda spec, member: system_text(spec, member) + "!"
    )
    with pytest.raises(Divergence, match=r"call 0 \(changed: message 0 \(system\)\)"):
        run(what, tmp_path)


def test_another_study_is_refused_the_directory(tmp_path):
    run(study(1), tmp_path)
    with pytest.raises(ConfigError, match="holds another study"):
        run(study(2), tmp_path)


def test_two_arms_that_are_the_same_are_refused(tmp_path):
    twins = (arm(), arm(extra="1"))
    with pytest.raises(ConfigError, match="the same in everything"):
        run(study(1, arms=twins), tmp_path)


def test_a_second_process_is_told(tmp_path):
    with opened(tmp_path), pytest.raises(StoreError, match="in use by another peersim"):
        run(study(1), tmp_path)


@pytest.mark.parametrize("kind", ["rate_limited", "overloaded", "timeout", "malformed_reply"])
def test_a_failure_is_data_with_an_origin_and_never_an_outcome(tmp_path, kind):
    class Flaky(Jittery):
        def model(self, ref):
            return self

        name, simulated = "simulated/loyal", True

        async def complete(self, request):
            if len(request.messages) > 6:
                return fails(kind)
            return await SimulatedModel(simulated(), Endpoint()).complete(request)

    run(study(2), tmp_path, models=Flaky(0))
    found = [record for record, _ in RunView(tmp_path).records()]
    assert len(found) == 4
    for record in found:
        assert isinstance(record.validity, Invalid)
        assert (record.validity.origin, record.validity.cause) == ("provider", kind)
        assert record.outcome is None
        assert record.state is None


def test_a_bug_of_ours_is_an_invalid_trial_and_the_study_goes_on(tmp_path, monkeypatch):
    def broken(spec, job, past):
        raise KeyError("oops")

    monkeypatch.setattr("peersim.trial.stage", broken)
    run(study(1), tmp_path)
    for record, _ in RunView(tmp_path).records():
        assert (record.validity.origin, record.validity.cause) == ("internal", "KeyError")


def test_no_arm_label_reaches_a_model(tmp_path):
    marked = tuple(
        arm(peer, ref=simulated(), secret_label=f"level-{peer}-xyzzy")
        for peer in ("cooperative", "uncooperative")
    )
    models = Jittery(0)
    run(study(1, arms=marked), tmp_path, models=models)
    assert models.requests
    for request in models.requests:
        text = request.model_dump_json()
        assert "xyzzy" not in text
        assert "secret_label" not in text
        # The disposition and the persona's name are for analyses, never for models.
        assert "uncooperative" not in text


def test_the_persona_is_dropped_at_oversight_unless_it_is_kept(tmp_path):
    for kept in ("dropped", "kept"):
        models = Jittery(0)
        one = arm().model_copy(
            update={"persona_at_oversight": kept, "overseer_persona": arm().peer_persona}
        )
        run(study(1, arms=(one,)), tmp_path / kept, models=models)
        job = [r for r in models.requests if any(t.name == "submit_report" for t in r.tools)]
        assert job
        assert all(("<persona>" in r.messages[0].content) == (kept == "kept") for r in job)


def test_call_seeds_differ_between_arms_replicates_and_calls(tmp_path):
    models = Jittery(0)
    run(forked_study(3), tmp_path, models=models)
    seeds = [request.sampling.seed for request in models.requests]
    assert len(set(seeds)) == len(seeds)


def test_every_record_says_which_models_were_simulated(tmp_path):
    run(study(1), tmp_path)
    for record, _ in RunView(tmp_path).records():
        assert record.provenance.simulated
        assert set(record.provenance.models.values()) == {"simulated/loyal"}
        assert record.provenance.served == ("simulated/loyal",)


def test_blocks_hold_every_arm_once_and_their_order_is_permuted():
    planned = plan(forked_study(20))
    orders = []
    for block in range(20):
        arms = [str(p.spec.arm) for p in planned if p.block == block]
        assert len(set(arms)) == len(arms) == 4
        orders.append(tuple(arms))
    assert len(set(orders)) > 5


def test_cancelling_leaves_a_store_that_resumes(tmp_path):
    what = study(4)

    async def cut():
        with opened(tmp_path) as store:
            task = asyncio.create_task(run_study(what, store, models=Jittery(1)))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cut())
    run(what, tmp_path)
    run(what, tmp_path / "whole")
    assert records(tmp_path) == records(tmp_path / "whole")


def test_a_run_begun_by_another_version_is_refused(tmp_path):
    what = study(1)
    run(what, tmp_path)
    with opened(tmp_path) as store:
        asyncio.run(store.put_meta("version", "peersim 0.0.1, prompts 0"))
    with pytest.raises(ConfigError, match=r"begun by peersim 0\.0\.1"):
        run(what, tmp_path)
