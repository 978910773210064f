"""The tables of calls and of arms."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from peersim.models.base import Finish
from peersim.store.packing import unpack
from peersim.store.torn import reading
from peersim.store.view import StoreView
from peersim.study.design import Study
from peersim.study.exporting.column import Row, Table, count, level, number, text, truth

CALLS = Table(
    name="calls",
    doc="One row a model call: first all that were answered, then all that came to nothing.",
    columns=(
        text("owner_id", "What it was made for; a trial, history or recollection by its id."),
        text("owner_kind", "trial, history, recollection, probing or judging."),
        text("caller", "Who asked: an agent's name, or an instrument's."),
        count("number", "The caller's call for that owner, from 0."),
        text("job", "The job of a sweep that made it; empty outside a sweep."),
        count("session", "Which process's work on the run made it, from 1."),
        text("model", "The model as asked for."),
        text("served_model", "Who answered, as the provider named it; empty if it did not."),
        text("fingerprint", "The provider's mark of the version that answered."),
        text("provider", "Who served it behind a broker, where that is said."),
        truth("answered", "Whether it was answered."),
        text("failure", "The kind of failure; empty if answered."),
        text("finish", "Why the reply ended; empty unless answered."),
        count("attempts", "Requests that it took.", "requests"),
        count("input_tokens", "Tokens read; empty if not said.", "tokens"),
        count("cached_tokens", "Those of them from the provider's cache.", "tokens"),
        count("output_tokens", "Tokens written; empty if not said.", "tokens"),
        number("cost_usd", "What the reply cost; empty if unknown.", "USD"),
        count("charged_tokens", "What it counts for, failed attempts included.", "tokens"),
        number("charged_usd", "The same in dollars; empty where the price is unknown.", "USD"),
        number("estimated_usd", "The part of that which stands for unknown usage.", "USD"),
        truth("simulated", "Whether a stand-in was asked."),
    ),
)
_KEPT = ("caller", "number", "session", "model", "attempts", "charged_tokens", "charged_usd")
_ALL = ("owner", *_KEPT, "estimated_usd")
_ANSWERED = ("served", "input_tokens", "cached_tokens", "output_tokens", "cost_usd", "entry")


class _Completion(BaseModel):
    """What the table needs of a completion; its texts are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    finish: Finish = "stop"
    fingerprint: str = ""
    provider: str = ""
    simulated: bool = False


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    completion: _Completion


def call_rows(store: StoreView, job: str) -> Iterator[Row]:
    """Iterate over the calls of a store: answered ones by owner, then the failed ones in order."""
    names: tuple[str, ...] = (*_ALL, *_ANSWERED)
    order = "ORDER BY owner, caller, number"
    for found in store.each(f"SELECT {', '.join(names)} FROM calls {order}"):
        row = dict(zip(names, found, strict=True))
        with reading(f"a call of {row['owner']} in {store.path}"):
            completion = _Entry.model_validate_json(unpack(row.pop("entry"))).completion
        served = {"served_model": row.pop("served"), "answered": True, "job": job}
        yield _owned(row) | served | completion.model_dump()
    names = (*_ALL, "kind")
    for found in store.each(f"SELECT {', '.join(names)} FROM failures ORDER BY failure"):
        row = dict(zip(names, found, strict=True))
        stand_in = row["model"].startswith("simulated/")
        failed = {"failure": row.pop("kind"), "answered": False, "simulated": stand_in}
        yield _owned(row) | failed | {"job": job}


def _owned(row: Row) -> Row:
    owner = str(row.pop("owner"))
    return row | {"owner_id": owner, "owner_kind": owner.partition("-")[0]}


def arms_table(factors: Sequence[str]) -> Table:
    """Return the table of planned arms of a run with some factors."""
    return Table(
        name="arms",
        doc="One row a planned arm, in the planned order, run or not.",
        columns=(
            *map(level, factors),
            text("study", "The name of the study."),
            text("study_id", "The study; equal exactly when the same trials would be run."),
            count("histories", "Planned histories.", "histories"),
            count("trials", "Planned trials.", "trials"),
            truth("simulated", "Whether any model of the arm is a stand-in."),
        ),
    )


def arm_rows(studies: Sequence[Study], varied: Sequence[str]) -> Iterator[Row]:
    """Iterate over the planned arms of studies, each once.

    Args:
        studies: The studies of a run's stores.
        varied: Settings that name the arms beside the factors.
    """
    seen: set[frozenset[tuple[str, str]]] = set()
    for study in studies:
        for arm in study.arms:
            named = arm.levels | {key: arm.settings[key] for key in varied if key in arm.settings}
            if frozenset(named.items()) in seen:
                continue
            seen.add(frozenset(named.items()))
            row: Row = {f"arm.{name}": level for name, level in named.items()}
            yield row | {
                "study": study.name,
                "study_id": study.study_id,
                "histories": study.replicates,
                "trials": study.replicates * study.trials_per_history,
                "simulated": any(ref.simulated for ref in arm.models.values()),
            }
