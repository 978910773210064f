"""A whole study over real HTTP, faults included: it ends, and no fault becomes an outcome."""

import json
import random
from collections import Counter

import pytest
from servers.openai_server import (
    FaultServer,
    dropped,
    hang,
    in_turn,
    model_policy,
    not_json,
    rate_limited,
    server_error,
    unauthorised,
)
from support.models import tools
from support.shell import peersim, rates
from support.studies import simulated

from peersim.answers import Invalid, Valid
from peersim.events.deeds import Lapsed
from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.view import RunView

KEY = "sk-planted-1234567890abcdef"
COMMON = (
    "model=openai/stand-in",
    "model.send_seed=true",
    "tracking=none",
    "hydra.run.dir=run",
    "retry.base_seconds=0.01",
)
STAND_IN = model_policy(SimulatedModel(simulated(), Endpoint()))


def study(server, *more, cwd):
    return peersim(
        "run", *COMMON, f"model.base_url={server.base_url}", *more, cwd=cwd, OPENAI_API_KEY=KEY
    )


def faulty(chance, *faults, seed=0):
    """The stand-in, but so many requests in a hundred meet a fault."""
    rng = random.Random(seed)

    def policy(body, n):
        return rng.choice(faults) if rng.random() < chance else STAND_IN(body, n)

    return policy


def found(cwd):
    return [record for record, _ in RunView(cwd / "run").records()]


def test_every_call_goes_over_http_and_is_journalled_once(tmp_path):
    with FaultServer(STAND_IN) as server:
        done = study(server, "replicates=4", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        served = len(server.ledger)
    (store,) = RunView(tmp_path / "run").stores
    assert store.query("SELECT COUNT(*) FROM calls") == [(served,)]
    for record in found(tmp_path):
        assert isinstance(record.validity, Valid)
        assert not record.provenance.simulated
        assert record.provenance.litellm
        assert set(record.provenance.models.values()) == {"openai/stand-in"}
    assert all("simulated" not in json.dumps(entry.body) for entry in server.ledger)


@pytest.mark.slow
def test_retried_faults_leave_no_trace_in_the_outcomes(tmp_path):
    policy = faulty(0.2, rate_limited("0"), server_error(), dropped(), not_json())
    with FaultServer(policy) as server:
        done = study(server, "replicates=6", "retry.attempts=12", cwd=tmp_path)
        outcomes = Counter(entry.outcome for entry in server.ledger)
    assert done.returncode == 0, done.stderr
    assert all(isinstance(record.validity, Valid) for record in found(tmp_path))
    assert outcomes["reply"] < outcomes.total()
    (store,) = RunView(tmp_path / "run").stores
    assert store.query("SELECT COUNT(*) FROM calls") == [(outcomes["reply"],)]


def test_faults_that_stay_are_typed_and_counted_and_none_becomes_an_outcome(tmp_path):
    policy = faulty(0.06, rate_limited("0"), server_error(), hang(), not_json())
    with FaultServer(policy) as server:
        done = study(
            server,
            "replicates=12",
            "retry.attempts=1",
            "model.timeout_seconds=0.5",
            "max_invalid=1",
            cwd=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    records = found(tmp_path)
    invalid = [r.validity for r in records if isinstance(r.validity, Invalid)]
    assert len(records) == 24
    assert 0 < len(invalid) < 24
    causes = {"rate_limited", "overloaded", "timeout", "malformed_reply"}
    assert {one.origin for one in invalid} == {"provider"}
    assert {one.cause for one in invalid} <= causes
    for record in records:
        assert (record.outcome is None) == isinstance(record.validity, Invalid)
    table = rates("run", cwd=tmp_path)
    assert sum(arm["n"] for arm in table) == 24
    assert sum(arm["valid"] for arm in table) == 24 - len(invalid)
    assert sum(arm["invalid"].get("provider", 0) for arm in table) == len(invalid)


def broken_off(chance, native, seed=0):
    """The stand-in, but so many replies in a hundred end half-way, in a provider's own word."""
    rng = random.Random(seed)

    async def policy(body, n):
        reply = await STAND_IN(body, n)
        if rng.random() < chance:
            (choice,) = reply["choices"]
            choice["finish_reason"] = native
            choice["message"] = {"role": "assistant", "content": "half an ans"}
        return reply

    return policy


def test_a_reply_that_its_provider_broke_off_is_made_again_and_nobody_reads_it(tmp_path):
    with FaultServer(broken_off(0.2, "insufficient_system_resource")) as server:
        done = study(server, "replicates=3", cwd=tmp_path)
        served = len(server.ledger)
    assert done.returncode == 0, done.stderr
    records = found(tmp_path)
    assert all(isinstance(record.validity, Valid) for record in records)
    assert "half an ans" not in "".join(record.model_dump_json() for record in records)
    (store,) = RunView(tmp_path / "run").stores
    ((calls, attempts),) = store.query("SELECT COUNT(*), SUM(attempts) FROM calls")
    assert calls < attempts == served
    assert "ended in a way" not in peersim("status", "run", cwd=tmp_path).stdout


@pytest.mark.slow
def test_ends_that_nobody_knows_are_counted_by_status(tmp_path):
    with FaultServer(broken_off(0.2, "repetition")) as server:
        done = study(server, "replicates=2", "max_invalid=1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = peersim("status", "run", cwd=tmp_path).stdout
    assert "calls ended in a way that is not known (repetition)" in shown


def test_too_many_invalid_trials_are_an_exit_code_and_can_be_run_again(tmp_path):
    good = False

    def policy(body, n):
        return STAND_IN(body, n) if good else server_error()

    with FaultServer(policy) as server:
        done = study(server, "replicates=2", "retry.attempts=1", cwd=tmp_path)
        assert done.returncode == 3, done.stderr
        assert "max_invalid" in done.stdout
        assert all(arm["rate"] is None for arm in rates("run", cwd=tmp_path))
        good = True
        again = peersim("resume", "run", "--retry-invalid", cwd=tmp_path, OPENAI_API_KEY=KEY)
    assert again.returncode == 0, again.stderr
    assert all(isinstance(record.validity, Valid) for record in found(tmp_path))


def test_malformed_tool_arguments_are_asked_again_and_are_behaviour(tmp_path):
    calls = Counter()

    def policy(body, n):
        names = {tool["function"]["name"] for tool in body.get("tools", ())}
        if "send_points" in names:
            calls["broken"] += 1
            return in_turn(tools(("send_points", "{points: lots")))(body, 0)
        return STAND_IN(body, n)

    with FaultServer(policy) as server:
        done = study(server, "replicates=1", "task.rounds=1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert calls["broken"] == 2 * 3  # two arms, one ask each, asked again twice
    view = RunView(tmp_path / "run")
    for record, store in view.records():
        events = store.history(record.history_id).events
        assert [type(e) for e in events].count(Lapsed) == 1
        assert isinstance(record.validity, Valid)


def test_a_refused_key_stops_the_study_at_once_with_one_sentence(tmp_path):
    with FaultServer(in_turn(*(unauthorised(),) * 50)) as server:
        done = study(server, "replicates=20", cwd=tmp_path)
        assert len(server.ledger) <= 32
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "openai/stand-in refuses" in line
    assert "resume" in line


def test_the_key_is_nowhere(tmp_path):
    policy = faulty(0.3, server_error(), unauthorised(f"Incorrect API key provided: {KEY}"))
    with FaultServer(policy) as server:
        done = study(server, "replicates=2", "retry.attempts=1", "max_invalid=1", cwd=tmp_path)
        assert any(KEY in entry.authorization for entry in server.ledger)
    assert KEY not in done.stdout + done.stderr
    for path in (tmp_path / "run").rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def test_a_missing_key_is_named_before_anything_is_paid_for(tmp_path):
    done = peersim("run", "model=openai/gpt-5.2", "tracking=none", cwd=tmp_path)
    assert done.returncode == 1
    assert "OPENAI_API_KEY" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_parameter_that_the_model_is_never_sent_is_named_before_anything_is_paid_for(tmp_path):
    with FaultServer(STAND_IN) as server:
        done = peersim(
            *("run", "model=kimi-k2.5", "model.temperature=0", "tracking=none"),
            f"model.base_url={server.base_url}",
            cwd=tmp_path,
            MOONSHOT_API_KEY=KEY,
        )
        assert server.ledger == []
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "moonshot/kimi-k2.5 takes no temperature" in line
    assert "model.temperature" in line


def served_by(name):
    """The stand-in under a name of its own."""

    async def policy(body, n):
        return await STAND_IN(body, n) | {"model": name}

    return policy


@pytest.mark.parametrize(
    ("name", "other"), [("another", True), ("stand-in-2026-01-01", False), ("", False)]
)
def test_another_model_that_served_is_told_of_with_the_rates(tmp_path, name, other):
    with FaultServer(served_by(name)) as server:
        done = study(server, "replicates=2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = f"openai/stand-in was served by {name} in 4 trials, which is not the model asked for"
    assert (said in done.stdout) == other
    assert (said in peersim("rates", "run", cwd=tmp_path).stdout) == other
    found = json.loads(peersim("rates", "run", "--json", cwd=tmp_path).stdout)
    assert isinstance(found, dict) == other
    assert not other or found["strangers"] == [said]
