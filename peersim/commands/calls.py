"""Does a model answer? One cheap call, through the very path that a study takes."""

import contextlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from peersim import steady
from peersim.errors import ConfigError, PeersimError
from peersim.models.asked import Message, Sampling, ToolSpec
from peersim.models.base import Completion, Endpoint, Failure, ModelRef, Request
from peersim.models.money import Price
from peersim.models.pool import Pool
from peersim.models.retry import RetryPolicy
from peersim.record import substituted
from peersim.study.design import Study

TOOL = ToolSpec(
    name="say_number",
    description="Say a number.",
    parameters={
        "type": "object",
        "properties": {"number": {"type": "integer"}},
        "required": ["number"],
    },
)
ASK = Request(
    messages=(
        Message(role="system", content="You answer with tools alone."),
        Message(role="user", content="Say the number 7 with the tool say_number."),
    ),
    tools=(TOOL,),
)
# Enough for a call of the tool and some thinking before it, and cheap with every model.
ENOUGH = 1024
# Who thinks within a budget needs a limit above it, which is then the model's own.
BUDGETS = frozenset({"thinking", "reasoning_effort", "max_completion_tokens"})
FIXES = {
    "auth": "check the key and that it may use this model",
    "bad_request": "check the model's name, its parameters and base_url",
    "connection": "check that its server runs, model.base_url and the network",
    "timeout": "check base_url, or raise model.timeout_seconds",
    "rate_limited": "wait, or check the account's limits",
}


def call_model(name: str, settings: Sequence[str], console: Console) -> list[str]:
    """Make one call of a model and print what came of it.

    Args:
        name: A file of ``conf/model`` or a LiteLLM reference.
        settings: Further overrides, such as ``model.base_url=http://localhost:8000/v1``.
        console: Where to print.

    Returns:
        The problems; none if the model answered.
    """
    try:
        study = study_of(name, settings)
        ref = study.models[0]
        _check_key(study)
        return steady.run(_call(study, ref, console))
    except PeersimError as error:
        return [f"{name}: {error}"]


def study_of(name: str, settings: Sequence[str]) -> Study:
    """Return a study of the model alone, composed as a run would compose it.

    Args:
        name: A file of ``conf/model`` or a LiteLLM reference.
        settings: Further overrides.

    Raises:
        ConfigError: If there is no such model, or an override does not fit.
    """
    from peersim.config.launch import Job, launch

    found: list[Study] = []

    def keep(job: Job) -> None:
        found.append(job.study)

    quiet = ("hydra.run.dir=.", "hydra.output_subdir=null", "tracking=none")
    # Composed elsewhere, so that nothing is left behind: a path must still be found from here.
    settings = [_found_from_anywhere(setting) for setting in settings]
    with tempfile.TemporaryDirectory() as home, contextlib.chdir(Path(home)):
        launch([f"model={name}", *settings, *quiet], keep)
    if not found:
        raise ConfigError(f"{name} composes to nothing", "see: peersim run --help")
    return found[0]


def _found_from_anywhere(setting: str) -> str:
    key, _, path = setting.partition("=")
    return f"{key}={Path(path).resolve()}" if key == "model.function" else setting


def _check_key(study: Study) -> None:
    from peersim.commands.keys import check_keys

    check_keys(study)


async def _call(study: Study, ref: ModelRef, console: Console) -> list[str]:
    from peersim.models.litellm import load_litellm

    pool = Pool(study.endpoints, RetryPolicy(attempts=1))
    try:
        model = pool.model(ref)
        if not ref.simulated:
            load_litellm()  # takes seconds that are none of the model's
        began = time.monotonic()
        ask = _limited(ref, study.endpoints.get(ref.ref, Endpoint()))
        reply = await model.complete(ask)
    finally:
        await pool.aclose()
    if isinstance(reply, Failure):
        fix = FIXES.get(reply.kind, "see its provider's status")
        return [f"{ref.ref}: {reply.kind} ({reply.detail}): {fix}"]
    _tell(ref, reply, time.monotonic() - began, pool.price(ref), console)
    return []


def _limited(ref: ModelRef, endpoint: Endpoint) -> Request:
    """Return the question with a limit to its answer, where the model takes one."""
    own = ref.sampling.max_tokens
    if BUDGETS & ref.extra.keys() or (own and own <= ENOUGH):
        return ASK
    sampling = ref.sampling.model_copy(update={"max_tokens": ENOUGH})
    if not ref.simulated and own is None:
        from peersim.models.taken import untaken

        if untaken(ref.model_copy(update={"sampling": sampling}), endpoint):
            return ASK
    return ASK.model_copy(update={"sampling": Sampling(max_tokens=ENOUGH)})


def _cost(price: Price | None, cost_usd: float | None) -> str:
    """Return what a call cost; what is not known is never shown as nothing."""
    if cost_usd is not None:
        return f"${cost_usd:.6f}"
    return "price unknown" if price is None else "cost unknown"


def _tell(
    ref: ModelRef, reply: Completion, seconds: float, price: Price | None, console: Console
) -> None:
    """Print who answered, how fast, what it used, and whether it can call tools."""
    usage = reply.usage
    known = [n for n in (usage.input_tokens, usage.output_tokens) if n is not None]
    tokens = f"{known[0]} tokens in, {known[1]} out" if len(known) == 2 else "usage unknown"
    cost = _cost(price, usage.cost_usd)
    served = reply.served_model or "unknown"
    console.print(
        f"  {escape(ref.ref)} answered in {seconds:.1f} s as {escape(served)}: {tokens}, {cost}",
        soft_wrap=True,
    )
    if reply.served_model and substituted(ref.ref, reply.served_model):
        console.print("    [bold red]that is not the model asked for[/]")
    if not reply.tool_calls and reply.finish == "length":
        console.print("    [yellow]its answer was cut before it called the tool it was given[/]")
    elif not reply.tool_calls:
        console.print("    [yellow]it did not call the tool it was given[/]")
