"""A model that cannot be reached is a failure that says what could not be, and where to read it."""

import asyncio
import os

import pytest
from servers.anthropic_server import AnthropicServer, text
from servers.gemini_server import GeminiServer
from servers.openai_server import FaultServer, always
from support.shell import peersim

from peersim.models.asked import Message, Sampling
from peersim.models.base import Completion, Endpoint, Failure, ModelRef, Request
from peersim.models.litellm import LiteLLMModel, close_connections

REFS = ["openai/m", "hosted_vllm/m"]
NOWHERE = "http://127.0.0.1:9/v1"
ASK = Request(messages=(Message(role="user", content="Hi."),))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "ZAI_API_KEY"):
        monkeypatch.setenv(name, "sk-test-1234")


def ask(ref, address, max_tokens=None, **extra):
    model = ModelRef(ref=ref, extra=extra, sampling=Sampling(max_tokens=max_tokens))

    async def once():
        reply = await LiteLLMModel(model, Endpoint(base_url=address)).complete(ASK)
        await close_connections()
        return reply

    return asyncio.run(once())


@pytest.mark.parametrize("ref", REFS)
@pytest.mark.parametrize(
    ("address", "said"),
    [(NOWHERE, "127.0.0.1:9"), ("http://nowhere.invalid/v1", "nowhere.invalid")],
)
def test_the_place_that_was_not_reached_is_named_once_and_without_noise(ref, address, said):
    failure = ask(ref, address)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.sent) == ("connection", False)
    assert failure.detail.count(f"Cannot connect to host {said}") == 1
    assert "SSLContext" not in failure.detail
    assert failure.detail.startswith("InternalServerError: ")
    assert "litellm.InternalServerError: I" not in failure.detail


@pytest.mark.parametrize("ref", REFS)
@pytest.mark.parametrize("without", [False, True])
def test_a_proxy_that_is_not_there_is_named_and_may_be_left_out(ref, without, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://me:passw0rd-4711@127.0.0.1:9")
    if without:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FaultServer(always(Completion(content="Hello."))) as server:
        found = ask(ref, server.base_url)
    if without:
        assert isinstance(found, Completion)
        return
    assert isinstance(found, Failure)
    assert (found.kind, found.sent) == ("connection", False)
    assert found.detail.startswith("at the proxy (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY; NO_PROXY): ")
    assert "passw0rd" not in found.detail


def test_status_says_what_failed_last(tmp_path):
    words = (
        *("run", "model=openai/m", f"model.base_url={NOWHERE}", "replicates=1", "tracking=none"),
        *("hydra.run.dir=run", "retry.call_seconds=1", "retry.base_seconds=0.01"),
        *("retry.reach_seconds=1", "max_invalid=1"),
    )
    peersim(*words, cwd=tmp_path)
    shown = peersim("status", "run", cwd=tmp_path).stdout
    assert "calls to openai/m (connection)" in shown
    assert "last: InternalServerError: OpenAIException - Connection error. ConnectError:" in shown
    assert "Cannot connect to host 127.0.0.1:9" in shown


@pytest.mark.parametrize("ref", REFS)
def test_an_address_with_a_slash_at_its_end_is_the_same_one(ref):
    with FaultServer(always(Completion(content="Hello."))) as server:
        assert isinstance(ask(ref, f"{server.base_url}/"), Completion)
    with AnthropicServer([text("Hello.")]) as server:
        found = ask("anthropic/claude-haiku-4-5", f"{server.base_url}/", max_tokens=9)
        assert isinstance(found, Completion)


@pytest.mark.parametrize("ref", REFS)
def test_a_server_without_tls_that_is_asked_for_it_is_told_of(ref):
    with FaultServer(always(Completion(content="Hello."))) as server:
        failure = ask(ref, server.base_url.replace("http:", "https:"))
    assert isinstance(failure, Failure)
    assert failure.detail.startswith("no TLS is spoken there (http:// for https://?): ")


def test_a_wrong_path_is_told_of_where_the_address_itself_speaks_of_models():
    with GeminiServer() as server:
        failure = ask("gemini/gemini-3-flash-preview", f"{server.base_url}/beta")
    assert isinstance(failure, Failure)
    assert failure.detail.startswith("HTTP 404, as from a wrong address")


def test_a_parameter_that_the_client_takes_no_notice_of_is_a_bad_request_that_was_not_sent():
    with FaultServer(always(Completion(content="Hello."))) as server:
        failure = ask("zai/glm-4.7", server.base_url, thinking={"type": "disabled"})
        body = {"thinking": {"type": "disabled"}}
        found = ask("zai/glm-4.7", server.base_url, extra_body=body)
        (served,) = server.ledger
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable, failure.sent) == ("bad_request", False, False)
    assert failure.detail.startswith("its client takes no thinking (try model.extra.extra_body=")
    assert isinstance(found, Completion)
    assert served.body["thinking"] == body["thinking"]
