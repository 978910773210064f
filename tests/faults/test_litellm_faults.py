"""A real provider's troubles, over real sockets: each one ends as the right data."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from servers.openai_server import (
    Fault,
    FaultServer,
    Policy,
    always,
    bad_parameter,
    blocked_prompt,
    choiceless,
    context_too_long,
    cut_off,
    drip,
    dropped,
    hang,
    in_turn,
    model_policy,
    not_json,
    out_of_credit,
    rate_limited,
    server_error,
    simulated_policy,
    unauthorised,
    unavailable,
    unknown_model,
)
from servers.openai_wire import Body, Reply, error_body, reply_of

from peersim.errors import ConfigError
from peersim.models.asked import Message, Sampling, ToolCall, ToolSpec
from peersim.models.base import Completion, Endpoint, Failure, ModelRef, Request
from peersim.models.litellm import LiteLLMModel, load_litellm, price_known
from peersim.models.money import Usage
from peersim.models.needed import missing_key
from peersim.models.retry import Retrying, RetryPolicy

REFS = ("openai/some-model", "hosted_vllm/some-model")
KEY = "planted-4f1c99e2"
ASK = Request(messages=(Message(role="user", content="Hi."),))
T = TypeVar("T")
COUNTED = Usage(input_tokens=9, output_tokens=2)
HELLO = Completion(content="Hello.", usage=COUNTED)
PING = ToolSpec(
    name="ping",
    description="Pings a host.",
    parameters={"type": "object", "properties": {"host": {"type": "string"}}},
)

each_ref = pytest.mark.parametrize("ref", REFS)


@pytest.fixture(autouse=True)
def _only_our_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PEERSIM_TEST_ENTRY", KEY)


def endpoint(server: FaultServer, timeout: float = 5.0) -> Endpoint:
    return Endpoint(base_url=server.base_url, key_env="PEERSIM_TEST_ENTRY", timeout_seconds=timeout)


def run(use: Callable[[LiteLLMModel], Awaitable[T]], model: LiteLLMModel) -> T:
    async def used() -> T:
        try:
            return await use(model)
        finally:
            await model.aclose()

    return asyncio.run(used())


def ask(
    policy: Policy, ref: str = REFS[0], request: Request = ASK, timeout: float = 5.0
) -> tuple[Completion | Failure, FaultServer]:
    with FaultServer(policy) as server:
        model = LiteLLMModel(ModelRef(ref=ref), endpoint(server, timeout))
        return run(lambda m: m.complete(request), model), server


def answer(policy: Policy, ref: str = REFS[0], request: Request = ASK) -> Completion:
    reply, server = ask(policy, ref, request)
    assert isinstance(reply, Completion), reply
    assert len(server.ledger) == 1
    return reply


FAILURES = [
    (rate_limited(), "rate_limited", True, 7.0),
    (rate_limited(None), "rate_limited", True, None),
    (out_of_credit(), "auth", False, None),
    (server_error(), "overloaded", True, None),
    (Fault("bad_gateway", 502, "<html>Bad gateway</html>"), "overloaded", True, None),
    (unavailable("3"), "overloaded", True, 3.0),
    (unauthorised(), "auth", False, None),
    (Fault("forbidden", 403, "{}"), "auth", False, None),
    (unknown_model(), "bad_request", False, None),
    (bad_parameter(), "bad_request", False, None),
    (Fault("moved", 307, "", {"Location": "/elsewhere"}), "bad_request", False, None),
    (Fault("nginx", 405, "<html>405 Not Allowed</html>"), "bad_request", False, None),
    (Fault("too_early", 425, error_body("Too early", "x")), "overloaded", True, None),
    (context_too_long(), "context_window", False, None),
    (dropped(), "connection", True, None),
    (cut_off(), "connection", True, None),
    (Fault("conflict", 409, error_body("Conflict", "x")), "overloaded", True, None),
    (Fault("closed", 499, error_body("Client closed request", "x")), "connection", True, None),
    (not_json(), "malformed_reply", True, None),
    (Fault("html", 200, "<html>Please sign in</html>"), "malformed_reply", True, None),
    (Fault("a_list", 200, "[]"), "malformed_reply", True, None),
    (Fault("upstream", 200, '{"error": {"message": "x", "code": 502}}'), "overloaded", True, None),
]


@each_ref
@pytest.mark.parametrize(
    ("fault", "kind", "retryable", "wait"), FAILURES, ids=[row[0].name for row in FAILURES]
)
def test_a_fault_is_one_request_and_the_right_failure(
    ref: str, fault: Fault, kind: str, retryable: bool, wait: float | None
) -> None:
    failure, server = ask(always(fault), ref)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable, failure.retry_after) == (kind, retryable, wait)
    assert [served.outcome for served in server.ledger] == [fault.name]
    assert "\n" not in failure.detail


@each_ref
def test_a_server_that_is_not_there_is_a_lost_connection(ref: str) -> None:
    with FaultServer(always(HELLO)) as server:
        gone = endpoint(server)
    failure = run(lambda m: m.complete(ASK), LiteLLMModel(ModelRef(ref=ref), gone))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable, failure.sent) == ("connection", True, False)


@each_ref
@pytest.mark.parametrize("scheme", ["https", "nowhere"])
def test_no_such_host_and_no_tls_sent_nothing_and_cost_nothing(ref: str, scheme: str) -> None:
    with FaultServer(always(HELLO)) as server:
        tls = server.base_url.replace("http:", "https:")
        gone = Endpoint(base_url=tls if scheme == "https" else "http://nowhere.invalid/v1")
        failure = run(lambda m: m.complete(ASK), LiteLLMModel(ModelRef(ref=ref), gone))
        assert server.ledger == []
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable, failure.sent) == ("connection", True, False)


@each_ref
@pytest.mark.parametrize("fault", [dropped(), cut_off()], ids=["dropped", "cut_off"])
def test_a_connection_that_breaks_may_have_been_answered_and_is_charged(
    ref: str, fault: Fault
) -> None:
    failure, _ = ask(always(fault), ref)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.sent) == ("connection", True)


@each_ref
@pytest.mark.parametrize("fault", [hang(), drip()], ids=["hang", "drip"])
def test_a_server_that_never_finishes_cannot_hold_us(ref: str, fault: Fault) -> None:
    began = time.monotonic()
    failure, server = ask(always(fault), ref, timeout=0.3)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == ("timeout", True)
    assert 0.3 <= time.monotonic() - began < 2.0
    assert len(server.ledger) == 1


def test_a_cancelled_call_is_cancelled_and_no_failure() -> None:
    async def cancelled(model: LiteLLMModel) -> bool:
        task = asyncio.create_task(model.complete(ASK))
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    with FaultServer(always(hang())) as server:
        assert run(cancelled, LiteLLMModel(ModelRef(ref=REFS[0]), endpoint(server)))


@each_ref
def test_a_reply_without_choices_is_malformed(ref: str) -> None:
    failure, _ = ask(always(choiceless()), ref)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == ("malformed_reply", True)


@each_ref
def test_an_error_that_ends_a_reply_is_no_stop(ref: str) -> None:
    def policy(body: Body, n: int) -> Reply:
        reply = reply_of(body, HELLO)
        reply["choices"][0]["finish_reason"] = "error"
        return reply

    failure, _ = ask(policy, ref)
    assert isinstance(failure, Failure)
    assert failure.kind == "malformed_reply"


@each_ref
def test_a_plain_reply_comes_whole(ref: str) -> None:
    said = Completion(
        content="Hello.",
        thinking="Hm.",
        served_model="another-model",
        fingerprint="fp",
        usage=Usage(input_tokens=90, output_tokens=20, cached_tokens=50, reasoning_tokens=10),
    )
    assert answer(always(said), ref) == said


@each_ref
def test_missing_usage_is_unknown_and_costs_nobody_knows_what(ref: str) -> None:
    assert answer(always(Completion(content="Hello.")), ref).usage == Usage()


@each_ref
def test_a_reply_cut_by_the_filter_is_an_outcome(ref: str) -> None:
    said = Completion(content="Hel", finish="content_filter", usage=COUNTED)
    assert answer(always(said), ref).finish == "content_filter"


@each_ref
def test_a_prompt_blocked_by_policy_is_an_outcome(ref: str) -> None:
    completion = answer(always(blocked_prompt()), ref)
    assert completion == Completion(finish="content_filter")


FLAGGED = {"code": 403, "message": "No.", "metadata": {"reasons": ["x"], "flagged_input": "Hi"}}
TOLD = [
    (400, {"message": "Content Exists Risk", "type": "x", "code": "x"}, "blocked"),
    (400, {"message": "?", "code": "1301"}, "blocked"),
    (400, {"message": "High risk", "type": "content_filter"}, "blocked"),
    (403, FLAGGED, "blocked"),
    (403, {"message": "Your account was flagged for potential abuse.", "type": "x"}, "auth"),
    (400, {"message": "Unknown parameter: 'content_filter'.", "type": "x"}, "bad_request"),
    (429, {"message": "Suspended.", "type": "exceeded_current_quota_error"}, "auth"),
    (429, {"message": "Please recharge.", "code": "1113"}, "auth"),
    (400, {"message": "You have reached your specified API usage limits.", "type": "x"}, "auth"),
    (400, {"message": "Your request exceeded model token limit: 9", "type": "x"}, "context_window"),
    (400, {"message": "Prompt exceeds max length", "code": "1261"}, "context_window"),
]


@pytest.mark.parametrize("ref", [*REFS, "openrouter/a/some-model"])
@pytest.mark.parametrize(("status", "error", "means"), TOLD)
def test_a_refusal_is_what_its_body_says(
    ref: str, status: int, error: dict[str, object], means: str
) -> None:
    fault = Fault("refused", status, json.dumps({"error": error}))
    reply, server = ask(always(fault), ref)
    assert len(server.ledger) == 1
    if means == "blocked":
        assert reply == Completion(finish="content_filter")
    else:
        assert isinstance(reply, Failure)
        assert (reply.kind, reply.retryable) == (means, False)


@each_ref
def test_tools_parallel_calls_and_their_results_round_trip(ref: str) -> None:
    calls = (
        ToolCall(id="a", name="ping", arguments='{"host": "x"}'),
        ToolCall(id="", name="ping", arguments="{not json"),
    )
    first = Request(messages=ASK.messages, tools=(PING,), tool_choice="required")
    with FaultServer(in_turn(Completion(tool_calls=calls, finish="stop"), HELLO)) as server:
        model = LiteLLMModel(ModelRef(ref=ref), endpoint(server))

        async def talk(model: LiteLLMModel) -> tuple[Completion, Request]:
            reply = await model.complete(first)
            assert isinstance(reply, Completion)
            results = [
                Message(role="tool", content=f"pong {call.id}", tool_call_id=call.id)
                for call in reply.tool_calls
            ]
            said = Message(role="assistant", content="", tool_calls=reply.tool_calls)
            second = Request(messages=(*ASK.messages, said, *results), tools=(PING,))
            await model.complete(second)
            return reply, second

        reply, second = run(talk, model)
    assert reply.finish == "tool_calls"
    assert reply.tool_calls == (calls[0], calls[1].model_copy(update={"id": "call_1"}))
    assert server.requests[0] == first
    # What is no JSON object goes back wrapped as one: some providers refuse anything else.
    wrapped = reply.tool_calls[1].model_copy(update={"arguments": '{"unreadable": "{not json"}'})
    said = second.messages[len(ASK.messages)]
    mended = said.model_copy(update={"tool_calls": (reply.tool_calls[0], wrapped)})
    back = server.requests[1].messages
    assert back[len(ASK.messages)].tool_calls == mended.tool_calls
    assert back[len(ASK.messages) + 1 :] == second.messages[len(ASK.messages) + 1 :]


@each_ref
def test_only_what_was_asked_for_is_sent(ref: str) -> None:
    sampling = Sampling(temperature=0.0, top_p=0.5, max_tokens=9, seed=11)
    request = ASK.model_copy(update={"sampling": sampling})
    _, server = ask(always(HELLO), ref, request)
    sent = server.requests[0].sampling
    assert sent == sampling.model_copy(update={"seed": None})
    assert server.ledger[0].body["model"] == "some-model"
    assert server.ledger[0].authorization == f"Bearer {KEY}"


def test_the_seed_and_extra_parameters_reach_the_server() -> None:
    ref = ModelRef(ref=REFS[0], send_seed=True, extra={"top_k": 5})
    request = ASK.model_copy(update={"sampling": Sampling(seed=11)})
    with FaultServer(always(HELLO)) as server:
        run(lambda m: m.complete(request), LiteLLMModel(ref, endpoint(server)))
    body = server.ledger[0].body
    assert (body["seed"], body["top_k"]) == (11, 5)


@each_ref
def test_a_planted_key_shows_nowhere(ref: str) -> None:
    policy = always(unauthorised(f"Incorrect API key provided: {KEY}. Or sk-proj-abcdef123456"))
    failure, server = ask(policy, ref)
    assert isinstance(failure, Failure)
    assert "[secret]" in failure.detail
    assert "abcdef123456" not in failure.detail
    assert KEY not in repr(failure)
    assert KEY not in repr(answer(always(HELLO), ref))
    assert KEY not in repr(vars(LiteLLMModel(ModelRef(ref=ref), endpoint(server))))


@pytest.mark.parametrize("ref", [*REFS, "custom_openai/x", "litellm_proxy/x", "xinference/x"])
@pytest.mark.parametrize("key", [None, ""])
def test_a_local_server_needs_no_key(
    ref: str, key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if key is not None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    with FaultServer(always(HELLO)) as server:
        model = LiteLLMModel(ModelRef(ref=ref), Endpoint(base_url=server.base_url))
        assert isinstance(run(lambda m: m.complete(ASK), model), Completion)


@each_ref
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("ending", ["\n", "\r\n", " "])
def test_a_key_out_of_a_file_is_sent_without_its_line_break(
    ref: str, named: bool, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "MY_KEY" if named else f"{ref.partition('/')[0].upper()}_API_KEY"
    monkeypatch.setenv(name, KEY + ending)
    with FaultServer(always(HELLO)) as server:
        reached = Endpoint(base_url=server.base_url, key_env="MY_KEY" if named else None)
        reply = run(lambda m: m.complete(ASK), LiteLLMModel(ModelRef(ref=ref), reached))
    assert isinstance(reply, Completion)
    assert server.ledger[0].authorization == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("openai/x", "MY_KEY"),
        ("openai/x", "OPENAI_API_KEY"),
        ("hosted_vllm/x", "HOSTED_VLLM_API_KEY"),
        ("anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY"),
        ("gemini/gemini-3-flash-preview", "GOOGLE_API_KEY"),
        ("zai/glm-4.7", "ZAI_API_KEY"),
    ],
)
@pytest.mark.parametrize("key", ["planted\r\n4711", "pl\u00e4nted4711", "planted\u201d4711"])
def test_a_key_that_no_header_carries_is_named_before_any_request(
    ref: str, name: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, key)
    with FaultServer(always(HELLO)) as server:
        key_env = name if name == "MY_KEY" else None
        reached = Endpoint(base_url=server.base_url, key_env=key_env)
        failure = run(lambda m: m.complete(ASK), LiteLLMModel(ModelRef(ref=ref), reached))
        assert server.ledger == []
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == ("auth", False)
    assert name in failure.detail
    assert "4711" not in failure.detail
    with pytest.raises(ConfigError, match=name):
        missing_key(ModelRef(ref=ref), reached)


def test_without_a_key_no_request_is_made_and_none_again() -> None:
    model = LiteLLMModel(ModelRef(ref="openai/x"), Endpoint())
    failure = run(lambda m: m.complete(ASK), model)
    assert failure == Failure(kind="auth", detail="OPENAI_API_KEY is not set", retryable=False)


@pytest.mark.parametrize("ref", ["zai/glm-4.7", "azure/x", "github/x"])
def test_a_client_that_gives_up_without_a_key_is_not_asked_for_ever(ref: str) -> None:
    with FaultServer(always(HELLO)) as server:
        model = LiteLLMModel(ModelRef(ref=ref), Endpoint(base_url=server.base_url))
        failure = run(lambda m: m.complete(ASK), model)
        assert server.ledger == []
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == ("auth", False)


def test_extra_parameters_may_not_change_how_calls_are_made() -> None:
    with pytest.raises(ConfigError, match="num_retries"):
        LiteLLMModel(ModelRef(ref=REFS[0], extra={"num_retries": 3}), Endpoint())


def test_a_named_key_that_is_not_set_makes_no_request() -> None:
    with FaultServer(always(HELLO)) as server:
        asked = Endpoint(base_url=server.base_url, key_env="PEERSIM_NO_SUCH_KEY")
        failure = run(lambda m: m.complete(ASK), LiteLLMModel(ModelRef(ref=REFS[0]), asked))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == ("auth", False)
    assert "PEERSIM_NO_SUCH_KEY" in failure.detail
    assert server.ledger == []


@each_ref
def test_a_limit_is_waited_out_and_then_the_call_succeeds(ref: str) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    with FaultServer(in_turn(rate_limited("2"), HELLO)) as server:
        model = LiteLLMModel(ModelRef(ref=ref), endpoint(server))
        patient = Retrying(model, RetryPolicy(), sleep)
        reply = run(lambda m: patient.complete(ASK), model)
    assert reply == HELLO.model_copy(
        update={"served_model": "some-model", "earlier": reply.earlier}
    )
    assert [one.kind for one in reply.earlier] == ["rate_limited"]
    assert 2.0 <= waits[0] <= 3.0
    assert [served.outcome for served in server.ledger] == ["rate_limited", "reply"]


def test_one_model_serves_one_event_loop_after_another() -> None:
    with FaultServer(always(HELLO)) as server:
        model = LiteLLMModel(ModelRef(ref=REFS[0]), endpoint(server))
        replies = [run(lambda m: m.complete(ASK), model) for _ in range(5)]
    assert all(isinstance(reply, Completion) for reply in replies)


@each_ref
def test_a_closed_model_opens_again_at_its_next_call(ref: str) -> None:
    async def again(model: LiteLLMModel) -> Completion | Failure:
        await model.complete(ASK)
        await model.aclose()
        return await model.complete(ASK)

    with FaultServer(always(HELLO)) as server:
        model = LiteLLMModel(ModelRef(ref=ref), endpoint(server))
        assert isinstance(run(again, model), Completion)


def test_many_calls_are_in_flight_at_once() -> None:
    async def slow(body: Body) -> Reply:
        await asyncio.sleep(0.5)
        return reply_of(body, HELLO)

    async def crowd(model: LiteLLMModel) -> list[Completion | Failure]:
        return await asyncio.gather(*[model.complete(ASK) for _ in range(50)])

    with FaultServer(simulated_policy(slow)) as server:
        model = LiteLLMModel(ModelRef(ref=REFS[1]), endpoint(server, timeout=10.0))
        run(lambda m: m.complete(ASK), model)
        began = time.monotonic()
        replies = run(crowd, model)
    assert all(isinstance(reply, Completion) for reply in replies)
    assert time.monotonic() - began < 5.0


class Echo:
    """A model to put behind HTTP."""

    name = "simulated/echo"
    simulated = True

    async def complete(self, request: Request) -> Completion | Failure:
        """Repeat the last message."""
        return Completion(content=request.messages[-1].content)


def test_a_model_of_ours_behind_http_is_asked_the_same() -> None:
    assert answer(model_policy(Echo())).content == "Hi."


def priced(reply: Completion, ref: str, monkeypatch: pytest.MonkeyPatch) -> float | None:
    """Return the cost of a reply that came by the provider's usual way."""
    with FaultServer(always(reply)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-priced-1234567890")
        found = asyncio.run(LiteLLMModel(ModelRef(ref=ref), Endpoint()).complete(ASK))
    assert isinstance(found, Completion), found
    return found.usage.cost_usd


def test_cost_is_known_when_price_and_usage_are(monkeypatch: pytest.MonkeyPatch) -> None:
    ref = "openai/gpt-4o-mini"
    assert priced(HELLO, ref, monkeypatch) == pytest.approx(9 * 0.15e-6 + 2 * 0.60e-6)
    assert priced(Completion(content="Hello."), ref, monkeypatch) is None
    assert priced(HELLO, "openai/stand-in", monkeypatch) is None


def test_a_server_of_ones_own_has_no_known_price() -> None:
    assert answer(always(HELLO), "openai/gpt-4o-mini").usage.cost_usd is None


def test_litellm_looks_up_only_the_prices_that_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    litellm = load_litellm()
    from litellm import cost_calculator

    looked_up: list[object] = []
    whole = cost_calculator.completion_cost

    def counted(*args: object, **kwargs: object) -> float:
        looked_up.append(kwargs.get("model"))
        cost: float = whole(*args, **kwargs)
        return cost

    monkeypatch.setattr(cost_calculator, "completion_cost", counted)
    answer(always(HELLO), "openai/gpt-4o-mini")
    assert looked_up == []
    assert priced(HELLO, "openai/gpt-4o-mini", monkeypatch) is not None
    assert len(looked_up) == 1
    with FaultServer(always(HELLO)) as server:  # outside our calls it is as ever
        bare = litellm.acompletion(
            model="openai/gpt-4o-mini",
            messages=[{"role": "user", "content": "Hi."}],
            api_base=server.base_url,
            api_key="sk-bare-1234567890",
        )
        assert asyncio.run(bare)._hidden_params["response_cost"] > 0


@pytest.mark.parametrize(
    ("ref", "known"),
    [
        ("openai/gpt-4o-mini", True),
        ("gpt-4o-mini", True),
        ("anthropic/claude-sonnet-4-5", True),
        ("gemini/gemini-2.5-flash", True),
        ("openai/no-such-model", False),
        ("hosted_vllm/gpt-4o-mini", False),
    ],
)
def test_prices_are_known_for_what_the_map_holds(ref: str, known: bool) -> None:
    assert price_known(ModelRef(ref=ref)) is known


LOCAL = Endpoint(base_url="http://127.0.0.1:9/v1")


@pytest.mark.parametrize(
    ("ref", "reached", "environment", "missing"),
    [
        ("openai/x", Endpoint(), {}, "OPENAI_API_KEY"),
        ("openai/x", Endpoint(), {"OPENAI_API_KEY": ""}, "OPENAI_API_KEY"),
        ("openai/x", Endpoint(), {"OPENAI_API_KEY": KEY}, None),
        ("openai/x", Endpoint(), {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, None),
        ("openai/x", Endpoint(), {"OPENAI_API_BASE": "http://127.0.0.1:9/v1"}, None),
        ("openai/x", LOCAL, {}, None),
        ("openai/x", Endpoint(key_env="MY_KEY"), {"OPENAI_API_KEY": KEY}, "MY_KEY"),
        ("openai/x", Endpoint(key_env="MY_KEY"), {"MY_KEY": KEY}, None),
        ("anthropic/x", Endpoint(), {"OPENAI_BASE_URL": "http://x"}, "ANTHROPIC_API_KEY"),
        ("hosted_vllm/x", LOCAL, {}, None),
        ("ollama/x", Endpoint(), {}, None),
        ("bedrock/x", Endpoint(), {}, None),
        ("together_ai/x", Endpoint(), {}, None),
    ],
)
def test_the_key_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch,
    ref: str,
    reached: Endpoint,
    environment: dict[str, str],
    missing: str | None,
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert missing_key(ModelRef(ref=ref), reached) == missing
