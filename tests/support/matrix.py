"""Every kind of failure that a provider can bring about, for tests that meet it in every role."""

import collections
import itertools

from servers.openai_server import (
    bad_parameter,
    choiceless,
    cut_off,
    dropped,
    hang,
    model_policy,
    not_json,
    out_of_credit,
    rate_limited,
    server_error,
    unauthorised,
    unavailable,
    unknown_model,
    wrong_address,
)
from support.studies import simulated

from peersim.models.asked import Sampling
from peersim.models.base import Endpoint, ModelRef
from peersim.models.retry import RetryPolicy
from peersim.models.simulated.model import SimulatedModel

STAND_IN = model_policy(SimulatedModel(simulated(), Endpoint()))
PASSING = {
    "rate_limited": rate_limited("0"),
    "overloaded": server_error(),
    "unavailable": unavailable("0"),
    "timeout": hang(),
    "connection": dropped(),
    "cut_off": cut_off(),
    "malformed_reply": not_json(),
    "no_choices": choiceless(),
}
CAUSES = {
    "unavailable": "overloaded",
    "cut_off": "connection",
    "no_choices": "malformed_reply",
}
STOPPING = {
    "auth": unauthorised(),
    "auth (no credit)": out_of_credit(),
    "bad_request (name)": unknown_model(),
    "bad_request (parameter)": bad_parameter(),
    "bad_request (address)": wrong_address(),
}
# What passes is waited out; what may be billed each time is tried three times.
PATIENT = ("rate_limited", "overloaded")
RETRY = RetryPolicy(attempts=3, base_seconds=0.01, cap_seconds=0.1)
BRIEF = RETRY.model_copy(update={"call_seconds": 1.0})
# For a model that is not there.
IMPATIENT = RETRY.model_copy(update={"reach_seconds": 0.2})
NOWHERE = Endpoint(base_url="http://127.0.0.1:9/v1")
ALWAYS = 10**6
# The reply that a role may give at most, where its calls are to find no room in a budget.
HUGE = 10**6


def ref(role, max_tokens=None):
    """The model of a role, known to a server by the role's name."""
    sampling = Sampling(max_tokens=max_tokens)
    return ModelRef(ref=f"hosted_vllm/{role}", send_seed=True, sampling=sampling)


def cause_of(kind):
    """The kind under which a failure is recorded."""
    return CAUSES.get(kind, kind)


def patience(kind):
    """A policy under which a failure that stays is given up soon."""
    return BRIEF if cause_of(kind) in PATIENT else RETRY


def policy(role, fault, times=ALWAYS):
    """The stand-in, but the first requests of a role meet a fault."""
    count = itertools.count()

    def answer(body, n):
        if body["model"] == role and next(count) < times:
            return fault
        return STAND_IN(body, n)

    return answer


def answered(server):
    """How many requests of each role a server answered, by its own account."""
    return collections.Counter(
        served.body["model"] for served in server.ledger if served.outcome == "reply"
    )


def journalled(store):
    """How many completions of each role over HTTP a store holds."""
    found = store.query(
        "SELECT REPLACE(model, 'hosted_vllm/', ''), COUNT(*) FROM calls"
        " WHERE model LIKE 'hosted_vllm/%' GROUP BY 1"
    )
    return collections.Counter(dict(found))
