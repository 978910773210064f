"""Money is reserved before it is spent, and a study that runs out of it resumes to the same end."""

import asyncio
import shutil

import pytest
from support.studies import opened, records, run, study

from peersim.cli.base import plain_console
from peersim.commands.status import show_status
from peersim.errors import BudgetSpent, ConfigError
from peersim.models.base import Endpoint, ModelRef
from peersim.models.meter import Budget
from peersim.models.money import Price
from peersim.models.pool import FREE, Pool
from peersim.models.retry import RetryPolicy
from peersim.store.view import RunView
from peersim.study.conditions import Conditions
from peersim.study.runner import run_study


def tokens(directory):
    (store,) = RunView(directory).stores
    return store.query("SELECT SUM(charged_tokens) FROM calls")[0][0] or 0


def with_tokens(ceiling, concurrency=8):
    return Conditions(concurrency=concurrency, budget=Budget(tokens=ceiling))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run without any ceiling."""
    directory = tmp_path_factory.mktemp("whole") / "run"
    run(study(4), directory)
    return directory


@pytest.mark.parametrize("share", [0.0005, 0.2, 0.7, 0.95])
def test_a_study_out_of_budget_keeps_below_it_and_resumes_to_the_same_end(whole, tmp_path, share):
    ceiling = int(tokens(whole) * share)
    with pytest.raises(BudgetSpent, match=f"the budget of {ceiling:,} tokens") as caught:
        run(study(4), tmp_path, conditions=with_tokens(ceiling))
    assert "--budget-usd" in str(caught.value)
    assert tokens(tmp_path) <= ceiling
    (store,) = RunView(tmp_path).stores
    (session,) = store.sessions()
    assert session.ended == "budget"
    counter = run(study(4), tmp_path, conditions=with_tokens(10**9))
    assert counter.recalled + counter.made > 0
    assert records(tmp_path) == records(whole)
    assert tokens(tmp_path) == tokens(whole)


def test_a_budget_that_no_call_fits_says_what_a_call_is_taken_for(tmp_path, capsys):
    with pytest.raises(BudgetSpent, match=r"without model\.max_tokens a call .* 4,096 tokens"):
        run(study(1), tmp_path, conditions=with_tokens(10))
    show_status(tmp_path, plain_console())
    said = " ".join(capsys.readouterr().out.split())
    assert f"peersim resume {tmp_path} --budget-usd X or --budget-tokens N" in said


def test_no_trial_that_ran_out_of_budget_is_a_record(tmp_path, whole):
    with pytest.raises(BudgetSpent):
        run(study(4), tmp_path, conditions=with_tokens(tokens(whole) // 2, concurrency=1))
    found = records(tmp_path)
    assert 0 < len(found) < 8
    assert found.items() <= records(whole).items()


def test_the_ceiling_is_over_all_sessions_together(tmp_path, whole):
    ceiling = tokens(whole) // 2
    for _ in range(3):
        with pytest.raises(BudgetSpent):
            run(study(4), tmp_path, conditions=with_tokens(ceiling))
    assert tokens(tmp_path) <= ceiling


def test_a_ceiling_in_dollars_refuses_to_start_while_a_price_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(Pool, "price", lambda self, ref: None)
    conditions = Conditions(budget=Budget(usd=1.0))
    with pytest.raises(ConfigError, match=r"that of simulated/loyal is unknown.*model\.price"):
        run(study(1), tmp_path, conditions=conditions)
    with opened(tmp_path) as store:
        assert store.done() == set()


def test_a_price_in_the_configuration_is_the_price():
    ref, price = ModelRef(ref="hosted_vllm/mine"), Price(input=1.0, output=2.0)
    pool = Pool({ref.ref: Endpoint(price=price)}, RetryPolicy())
    assert pool.price(ref) == price


def test_what_a_killed_process_had_in_flight_is_taken_off_the_budget(tmp_path, capsys):
    """A copy of a run that is going on is what a kill would leave of it."""
    live, dead = tmp_path / "live", tmp_path / "dead"
    slow = {"simulated/loyal": Endpoint(latency_seconds=0.02)}

    async def copied():
        with opened(live) as store:
            work = asyncio.create_task(
                run_study(study(4, endpoints=slow), store, conditions=with_tokens(10**9))
            )
            while len(list(live.glob("*-wal"))) == 0 or tokens(live) < 2000:
                await asyncio.sleep(0.01)
            shutil.copytree(live, dead)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            return store.spent(lambda name: FREE)

    stopped = asyncio.run(copied())
    with opened(dead) as store:
        found = store.spent(lambda name: FREE)
        in_flight = found.tokens - tokens(dead)
        assert in_flight > 8 * 100
        why = (
            f"{in_flight:,} tokens of it is an estimate, for the most that can have been in flight"
        )
        with pytest.raises(BudgetSpent, match=why):
            asyncio.run(
                run_study(study(4, endpoints=slow), store, conditions=with_tokens(found.tokens))
            )
    show_status(dead, plain_console())
    said = " ".join(capsys.readouterr().out.split())
    assert f"was killed or stopped, or now: at most {in_flight:,} tokens, which count" in said
    # Who was stopped in the proper way knows what was given up, and counts no mark.
    assert tokens(live) < stopped.tokens < tokens(live) + 2 * in_flight
