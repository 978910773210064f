"""The pool says what each model's callers wait for, and why."""

import asyncio

from servers.openai_server import FaultServer, in_turn, unauthorised, unavailable

from peersim.models.asked import Message
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.pool import Pool
from peersim.models.retry import RetryPolicy

REF = ModelRef(ref="hosted_vllm/m")
ASK = Request(messages=(Message(role="user", content="Hi."),))
KEY = "planted-key-5e0c2"


def pool_over(server: FaultServer, key_env: str | None = None) -> Pool:
    endpoint = Endpoint(base_url=server.base_url, key_env=key_env)
    return Pool({REF.ref: endpoint}, RetryPolicy(attempts=2, base_seconds=0.5, cap_seconds=0.5))


async def waits_while_resting(pool: Pool) -> tuple[str, str]:
    """What it says while a call waits to be made again, and after that was answered."""
    call = asyncio.create_task(pool.model(REF).complete(ASK))
    while "waiting to try again" not in "".join(pool.waits()):
        await asyncio.sleep(0.01)
    (during,) = pool.waits()
    await call
    (after,) = pool.waits()
    await pool.aclose()
    return during, after


def test_who_waits_to_try_again_says_what_failed() -> None:
    with FaultServer(in_turn(unavailable(), Completion(content="Hello."))) as server:
        during, after = asyncio.run(waits_while_resting(pool_over(server)))
    assert during.startswith("hosted_vllm/m: 0 asked, 1 waiting to try again (last failure ")
    assert "overloaded: " in during
    assert "Overloaded" in during
    assert after == "hosted_vllm/m: 0 asked"


def test_what_failed_is_told_without_the_key(monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)

    async def refused(pool: Pool) -> str:
        await pool.model(REF).complete(ASK)
        (said,) = pool.waits()
        await pool.aclose()
        return said

    with FaultServer(in_turn(unauthorised(f"no such key: {KEY}"))) as server:
        said = asyncio.run(refused(pool_over(server, "MY_KEY")))
    assert "(last failure auth: " in said
    assert KEY not in said
