"""A reply of status 200 that tells of an error is what it tells of, and no bad request."""

import asyncio
import json

import pytest
from servers.openai_server import Fault, FaultServer, always
from servers.openai_wire import reply_of
from support.shell import apart

from peersim.models.asked import Message
from peersim.models.base import Completion, Endpoint, Failure, ModelRef, Request
from peersim.models.litellm import LiteLLMModel, close_connections
from peersim.models.told import told

REFS = ["openai/m", "hosted_vllm/m"]
ASK = Request(messages=(Message(role="user", content="Hi."),))
TOO_LONG = "This model's maximum context length is 8192 tokens."
TOLD = [
    ("upstream is down", "malformed_reply", True),
    ({"message": "upstream is down"}, "malformed_reply", True),
    ({"message": "upstream is down", "code": "server_error"}, "malformed_reply", True),
    ({"message": "upstream is down", "code": 502}, "overloaded", True),
    ({"message": "slower", "code": "429"}, "rate_limited", True),
    ({"message": "no money left", "code": 402}, "auth", False),
    ({"message": "no such parameter", "code": 400}, "bad_request", False),
    ({"message": "no such parameter", "code": True}, "malformed_reply", True),
    (TOO_LONG, "context_window", False),
    ({"message": TOO_LONG, "code": 400}, "context_window", False),
    (["upstream", "down"], "malformed_reply", True),
]


def ask(ref, server):
    async def once():
        reply = await LiteLLMModel(ModelRef(ref=ref), Endpoint(base_url=server.base_url)).complete(
            ASK
        )
        await close_connections()
        return reply

    return asyncio.run(once())


@pytest.mark.parametrize(("error", "kind", "retryable"), TOLD)
def test_what_an_error_in_a_reply_means(error, kind, retryable):
    failure = told(error)
    assert (failure.kind, failure.retryable) == (kind, retryable)
    assert failure.sent


@pytest.mark.few(4)
@pytest.mark.parametrize("ref", REFS)
@pytest.mark.parametrize(("error", "kind", "retryable"), TOLD)
def test_a_reply_that_tells_of_an_error_is_one_request_and_keeps_its_words(
    ref, error, kind, retryable
):
    with FaultServer(always(Fault("told", 200, json.dumps({"error": error})))) as server:
        failure = ask(ref, server)
        assert len(server.ledger) == 1
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retryable) == (kind, retryable)
    said = error if isinstance(error, str) else json.dumps(error)
    assert failure.detail == f"the reply tells of an error: {said}"


@pytest.mark.parametrize("ref", REFS)
def test_a_block_that_a_reply_tells_of_is_an_outcome(ref):
    error = {"message": "blocked", "code": "content_filter"}
    with FaultServer(always(Fault("told", 200, json.dumps({"error": error})))) as server:
        assert ask(ref, server) == Completion(finish="content_filter")


def test_a_key_in_such_an_error_is_taken_out_as_it_was_written():
    assert "PlantedKey" not in told({"message": "no: PlantedKey-4711"}, ["PlantedKey-4711"]).detail


def numbered(*given):
    """A policy of replies that call a tool, in calls with ids that are no text."""
    function = {"name": "say_number", "arguments": '{"number": 7}'}
    calls = [{"id": number, "type": "function", "function": function} for number in given]

    def policy(body, n):
        reply = reply_of(body, Completion())
        reply["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": calls}
        return reply

    return policy


@pytest.mark.parametrize("ref", REFS)
@pytest.mark.parametrize(("given", "known"), [((7, 8), ["7", "8"]), ((7, 7), ["7", "call_1"])])
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_calls_that_a_server_numbers_are_calls(ref, given, known):
    with FaultServer(numbered(*given)) as server:
        reply = ask(ref, server)
    assert isinstance(reply, Completion)
    assert [call.id for call in reply.tool_calls] == known


def test_nothing_is_said_on_the_screen_of_a_reply_of_an_odd_shape(tmp_path):
    with FaultServer(numbered(7)) as server:
        address = f"model.base_url={server.base_url}"
        done = apart("doctor", "--call", "openai/m", "--set", address, cwd=tmp_path)
    assert "openai/m answered" in done.stdout
    assert "did not call the tool" not in done.stdout
    assert done.stderr == ""
