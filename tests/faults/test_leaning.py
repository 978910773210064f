"""The inner parts of libraries that are leant on are what they were, or else they are let be."""

import asyncio
import hashlib
import inspect
from contextvars import ContextVar
from types import SimpleNamespace

import pytest
from servers.openai_server import FaultServer, always

from peersim.models import spared, unresent
from peersim.models.asked import Message
from peersim.models.base import Completion, Endpoint, ModelRef, Request
from peersim.models.litellm import LiteLLMModel, close_connections, load_litellm

WALK = "async_maybe_transform"
ASKED = Request(messages=(Message(role="user", content="Hi."),))
WHAT_TO_DO = (
    "A library has changed a part of itself that {file} leans on: {part}. Look there what it does"
    " now, mend {file} (or take it out, if the library spares or refrains by itself), run"
    " tests/faults/test_sparing.py and test_unresent.py, and only then put the new {kind} here."
)


def told(file, part, kind="digest"):
    return WHAT_TO_DO.format(file=file, part=part, kind=kind)


def digest_of(*parts):
    text = "".join(inspect.getsource(inspect.unwrap(part)) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_openai_s_client_walks_a_request_as_it_did_when_the_walk_was_left_out():
    from openai._utils import _transform, is_given

    walk = (
        *(_transform.async_maybe_transform, _transform.async_transform),
        *(_transform._async_transform_recursive, _transform._async_transform_typeddict),
        *(_transform._get_annotated_type, _transform._maybe_transform_key, is_given),
    )
    found = digest_of(*walk)
    file = "peersim/models/spared.py (_spare_renaming) and renamed.py"
    assert found == "958f9f68709b445e", told(file, "openai/_utils/_transform.py and is_given")


def test_openai_s_client_still_looks_for_its_walk_where_ours_is_put():
    load_litellm()
    from openai.resources.chat.completions import completions

    said = told("peersim/models/spared.py", "completions.async_maybe_transform", "name")
    assert completions.async_maybe_transform.__module__ == spared.__name__, said
    assert WALK in inspect.unwrap(completions.AsyncCompletions.create).__code__.co_names, said


def test_litellm_still_prices_and_logs_where_it_is_kept_from_it():
    load_litellm()
    from litellm import utils
    from litellm._internal_context import is_internal_call
    from litellm.litellm_core_utils import litellm_logging

    file = "peersim/models/spared.py"
    said = told(file, "litellm._internal_context.is_internal_call", "name")
    assert isinstance(is_internal_call, ContextVar), said
    assert "is_internal_call.get()" in inspect.getsource(utils.client), said
    calculated = litellm_logging.Logging._response_cost_calculator
    said = told(file, "Logging._response_cost_calculator", "name")
    assert calculated.__module__ == spared.__name__, said


def test_litellm_sends_a_second_time_only_where_it_is_kept_from_it():
    load_litellm()
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

    file, part = "peersim/models/unresent.py", "AsyncHTTPHandler.post"
    second = getattr(AsyncHTTPHandler, "single_connection_post_request", None)
    assert second is unresent._reported, told(file, f"{part}'s second sending", "name")
    assert digest_of(AsyncHTTPHandler.post) == "023f79d718034671", told(file, part)


def asked_of_a_server():
    """Make one call as ever and one of LiteLLM's own; return what came, and the two bodies."""
    with FaultServer(always(Completion(content="Hello."))) as server:
        model = LiteLLMModel(ModelRef(ref="openai/some"), Endpoint(base_url=server.base_url))

        async def both():
            found = await model.complete(ASKED)
            await load_litellm().acompletion(**model._keywords(ASKED))
            await close_connections()
            return found

        found = asyncio.run(both())
        return found, [served.body for served in server.ledger]


@pytest.mark.parametrize("mark", [None, True, SimpleNamespace(get=lambda: False)])
def test_without_the_mark_of_inner_calls_a_call_is_as_litellm_makes_it(mark, monkeypatch):
    load_litellm()
    from litellm import _internal_context

    if mark is None:
        monkeypatch.delattr(_internal_context, "is_internal_call")
    else:
        monkeypatch.setattr(_internal_context, "is_internal_call", mark)
    found, (ours, bare) = asked_of_a_server()
    assert isinstance(found, Completion)
    assert ours == bare


async def of_more(data, expected_type, strict):
    """Stand in for a walk that wants more."""


def at_once(data, expected_type):
    """Stand in for a walk that nobody waits for."""


@pytest.mark.parametrize("walk", [None, of_more, at_once])
def test_a_walk_of_another_shape_is_let_be(walk):
    held = SimpleNamespace(**({} if walk is None else {WALK: walk}))
    spared._spare_renaming(held)
    assert vars(held) == ({} if walk is None else {WALK: walk})


async def priced_later(self, result):
    """Stand in for a price that has to be waited for."""


@pytest.mark.parametrize("held", [None, SimpleNamespace(), priced_later])
def test_prices_of_another_shape_are_let_be(held):
    logging = SimpleNamespace(_response_cost_calculator=held) if callable(held) else held
    spared._spare_prices(logging)
    assert getattr(logging, "_response_cost_calculator", None) in (None, held)


def test_a_library_without_any_of_these_parts_still_calls(monkeypatch):
    load_litellm()
    from litellm.litellm_core_utils import litellm_logging
    from litellm.llms.custom_httpx import http_handler
    from openai import _utils
    from openai.resources.chat.completions import completions

    own = completions.async_maybe_transform.__closure__
    (whole,) = [cell.cell_contents for cell in own if cell.cell_contents.__name__ == WALK]
    monkeypatch.setattr(completions, WALK, whole)
    monkeypatch.delattr(_utils, "is_given")
    monkeypatch.delattr(litellm_logging, "Logging")
    monkeypatch.delattr(http_handler, "AsyncHTTPHandler")
    spared.teach_sparing()
    unresent.teach_sending_once()
    assert completions.async_maybe_transform is whole
    monkeypatch.undo()
    monkeypatch.setattr(completions, WALK, whole)
    found, (ours, bare) = asked_of_a_server()
    assert isinstance(found, Completion)
    assert ours == bare
