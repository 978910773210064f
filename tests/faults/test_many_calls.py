"""Ten thousand calls, a tenth of them faulty, 256 at a time: the server's ledger is the judge."""

import collections
import itertools
import random

import pytest
from servers.openai_server import (
    FaultServer,
    choiceless,
    cut_off,
    dropped,
    hang,
    model_policy,
    not_json,
    rate_limited,
    server_error,
    unavailable,
)
from support.studies import arm, opened, records, run, simulated, study

from peersim.answers import Valid
from peersim.models.base import Endpoint, ModelRef
from peersim.models.journal import CallKey
from peersim.models.retry import RetryPolicy
from peersim.models.simulated.model import SimulatedModel
from peersim.models.throttle import ThrottlePolicy
from peersim.store.view import RunView
from peersim.study.conditions import Conditions

CALLS = 10_000
FAULTY = 0.1
STAND_IN = SimulatedModel(simulated(), Endpoint())
KINDS = {
    "rate_limited": [rate_limited("0")],
    "overloaded": [server_error(), unavailable()],
    "connection": [dropped(), cut_off()],
    "malformed_reply": [not_json(), choiceless()],
}
QUICK = tuple(itertools.chain.from_iterable(KINDS.values()))
FAULTS = (*QUICK, hang())
# No honest reply may be late, however busy the machine, so whoever hangs does for long: only
# requests at the beginning do, so that they are waited out while the others go on.
TIMEOUT_SECONDS = 60
HANGING = 1_000


def faulty(seed):
    rng, answer = random.Random(seed), model_policy(STAND_IN)

    def policy(body, n):
        faults = FAULTS if n < HANGING else QUICK
        return rng.choice(faults) if rng.random() < FAULTY else answer(body, n)

    return policy


def study_over(server, replicates):
    ref = ModelRef(ref="hosted_vllm/stand-in", send_seed=True)
    endpoint = Endpoint(base_url=server.base_url, timeout_seconds=TIMEOUT_SECONDS)
    return study(
        replicates,
        arms=(arm("cooperative", ref=ref), arm("uncooperative", ref=ref)),
        endpoints={ref.ref: endpoint},
        retry=RetryPolicy(attempts=20, base_seconds=0.01, cap_seconds=0.1),
    )


@pytest.mark.slow
def test_nothing_is_lost_nothing_repeated_and_no_fault_is_behaviour(tmp_path):
    conditions = Conditions(
        concurrency=256, throttle=ThrottlePolicy(start=256, least=256, most=256)
    )
    with FaultServer(faulty(0)) as server:
        what = study_over(server, replicates=400)
        run(what, tmp_path / "run", conditions=conditions)
        ledger = server.ledger
    answered = [served.body for served in ledger if served.outcome == "reply"]
    outcomes = collections.Counter(served.outcome for served in ledger)
    assert len(answered) >= CALLS
    assert 0.08 < 1 - len(answered) / len(ledger) < 0.12
    assert set(outcomes) == {fault.name for fault in FAULTS} | {"reply"}
    (store,) = RunView(tmp_path / "run").stores
    failed = attempts_by_kind(tmp_path / "run", store)
    # Where a machine is so busy that a reply comes too late, the client says so.
    late = failed.pop("timeout") - outcomes["hang"]
    assert 0 <= late < 0.1 * CALLS
    assert failed == {
        kind: sum(outcomes[fault.name] for fault in faults) for kind, faults in KINDS.items()
    }
    # The per-call seed makes each request one of a kind: none was answered twice in time.
    seeds = collections.Counter(body["seed"] for body in answered)
    assert len(answered) == len(seeds) + late
    calls, attempts = store.query("SELECT COUNT(*), SUM(attempts) FROM calls")[0]
    assert (calls, attempts) == (len(seeds), len(ledger))
    assert store.query("SELECT COUNT(*) FROM failures") == [(0,)]
    assert all(
        isinstance(record.validity, Valid) for record, _ in RunView(tmp_path / "run").records()
    )
    assert dispositions(tmp_path / "run") == dispositions_of_the_stand_in(tmp_path, what)
    with opened(tmp_path / "run") as kept:
        assert len(kept.done()) == what.size == len(records(tmp_path / "run"))


def attempts_by_kind(directory, store):
    """Count the failed attempts that the journal holds."""
    keys = [CallKey(*row) for row in store.query("SELECT owner, caller, number FROM calls")]
    with opened(directory) as kept:
        entries = [kept.ledger.recall(key) for key in keys]
    return collections.Counter(
        attempt.kind for entry in entries for attempt in entry.completion.earlier
    )


def dispositions(directory):
    """Return what came of every trial, by its place in the plan."""
    return {
        (record.spec.history.replicate, record.spec.arm["persona.peer"]): (
            record.outcome.disposition,
            record.outcome.measures,
        )
        for record, _ in RunView(directory).records()
    }


def dispositions_of_the_stand_in(tmp_path, what):
    """Return the same for a run without a network, whose trials draw the same seeds."""

    class Direct:
        def model(self, ref):
            return STAND_IN

    run(what, tmp_path / "direct", models=Direct())
    return dispositions(tmp_path / "direct")
