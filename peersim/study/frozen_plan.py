"""The plan as it was frozen when a run began, and every later departure from it."""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from peersim import __version__
from peersim.errors import StoreError
from peersim.frozen import Frozen, later
from peersim.ids import content_id
from peersim.store.runs import find_stores
from peersim.store.study import StudyStore
from peersim.store.torn import reading
from peersim.store.view import RunView, StoreView
from peersim.study.contrast import Contrast
from peersim.study.design import Study
from peersim.study.deviations import Deviation, added, changed
from peersim.study.early import check_early
from peersim.study.protocol import Protocol, Scope
from peersim.study.scopes import coarsest

PLAN_FILE = "plan.json"
PLAN_KEY = "plan"
DEVIATIONS_KEY = "deviations"
OVERRIDE_KEY = "gate_override"
NO_REASON = "no reason was given"


class FrozenPlan(Frozen):
    """What was to be run and compared, as it stood when the run began.

    Attributes:
        arms: The levels of all arms.
        finished: Trials that were finished when it was frozen; 0 unless the run is older than
            frozen plans are.
        version: The version of peersim that froze it.
        allow_few_histories: Whether it was begun although the analysis will refuse a primary
            contrast for want of histories.
    """

    study_id: str
    name: str
    seed: int
    replicates: int
    trials_per_history: int
    arms: tuple[dict[str, str], ...]
    protocol: Protocol
    finished: int = 0
    version: str
    allow_few_histories: bool = later(False)

    @property
    def digest(self) -> str:
        """The hash of the whole plan."""
        return content_id("plan", self)


class HeldPlan(Frozen):
    """The plan that an analysis is held to.

    Attributes:
        protocol: The one that was frozen first: what a deviation adds only explores.
        added: The contrasts that deviations added, or asked in another way, as explorations.
        digest: The hash of the frozen plan.
        deviations: All departures from it, in order.
        finished: Trials that were finished when the plan was frozen.
        gate_override: Why the study went on past a closed gate; None if it did not.
        few_allowed: Whether too few histories for a primary contrast were allowed.
    """

    protocol: Protocol
    added: tuple[Contrast, ...] = ()
    digest: str
    deviations: tuple[Deviation, ...] = ()
    finished: int = 0
    gate_override: str | None = None
    few_allowed: bool = False

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """All that is answered: what was frozen, then what was added."""
        return (*self.protocol.contrasts, *self.added)


_DEVIATIONS = TypeAdapter(tuple[Deviation, ...])


async def freeze(study: Study, store: StudyStore) -> None:
    """Freeze a study's plan in its store and beside it; a changed one is noted, never put in.

    Raises:
        StoreError: If ``plan.json`` cannot be written.
    """
    if study.override_gates:
        await store.put_meta(OVERRIDE_KEY, study.override_gates.strip() or NO_REASON)
    held = store.meta(PLAN_KEY)
    if held is None:
        plan = _plan_of(study, len(store.done()))
        held = json.dumps(plan.model_dump(mode="json") | {"digest": plan.digest}, indent=2)
        await store.put_meta(PLAN_KEY, held)
    else:
        await _note_deviation(study, store, held)
    path = store.directory / PLAN_FILE
    try:
        if not path.exists():
            # Put there whole, as what is torn would be taken for what somebody changed.
            fresh = path.with_suffix(".new")
            fresh.write_text(held + "\n", encoding="utf-8")
            fresh.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror})", "make room") from error


def held_plan(view: RunView | StoreView) -> HeldPlan | None:
    """Return the plan that a run is held to; None for a run from before plans were frozen.

    A sweep whose jobs are runs of their own has a plan for each; they are read as one, with all
    contrasts that any of them declares.

    Raises:
        StoreError: If a store holds a plan that cannot be read.
    """
    stores = view.stores if isinstance(view, RunView) else [view]
    found = [plan for store in stores if (plan := _held_by(store)) is not None]
    return found[0] if len(found) == 1 else _together(found) if found else None


def check_plan(directory: Path) -> list[str]:
    """Return what is wrong with a run's files of its plan and of early looks, in sentences.

    There are none if all is as it was frozen and noted.

    Args:
        directory: A run, or a sweep of runs.

    Raises:
        StoreError: If there is no run, or its store cannot be read.
    """
    said = (_wrong(StoreView(path), path.parent / PLAN_FILE) for path in find_stores(directory))
    return [*(sentence for sentence in said if sentence), *check_early(directory)]


def _plan_of(study: Study, finished: int) -> FrozenPlan:
    return FrozenPlan(
        study_id=study.study_id,
        name=study.name,
        seed=study.seed,
        replicates=study.replicates,
        trials_per_history=study.trials_per_history,
        arms=tuple(arm.levels for arm in study.arms),
        protocol=study.protocol,
        finished=finished,
        version=__version__,
        allow_few_histories=study.allow_few_histories,
    )


def _read(text: str, where: str) -> FrozenPlan:
    with reading(where):
        return FrozenPlan.model_validate(
            {key: value for key, value in json.loads(text).items() if key != "digest"}
        )


async def _note_deviation(study: Study, store: StudyStore, held: str) -> None:
    where = f"the plan in {store.directory}"
    with reading(where):
        noted = _DEVIATIONS.validate_json(store.meta(DEVIATIONS_KEY) or "[]")
    last = noted[-1].protocol if noted else _read(held, where).protocol
    if last.digest == study.protocol.digest:
        return
    new = Deviation(
        old=last.digest,
        new=study.protocol.digest,
        finished=len(store.done()),
        changed=changed(last, study.protocol),
        protocol=study.protocol,
    )
    await store.put_meta(DEVIATIONS_KEY, _DEVIATIONS.dump_json((*noted, new)).decode())


def _held_by(store: StoreView) -> HeldPlan | None:
    text, where = store.meta(PLAN_KEY), f"the plan in {store.path}"
    if text is None:
        return None
    plan = _read(text, where)
    with reading(where):
        noted = _DEVIATIONS.validate_json(store.meta(DEVIATIONS_KEY) or "[]")
    return HeldPlan(
        protocol=plan.protocol,
        added=added(plan.protocol.contrasts, (c for one in noted for c in one.protocol.contrasts)),
        digest=plan.digest,
        deviations=noted,
        finished=plan.finished,
        gate_override=store.meta(OVERRIDE_KEY),
        few_allowed=plan.allow_few_histories,
    )


def _together(plans: list[HeldPlan]) -> HeldPlan:
    """Return the plans of a sweep's jobs as one."""
    protocols = [plan.protocol for plan in plans]
    scopes: dict[str, list[Scope]] = {}
    for factor, scope in (pair for one in protocols for pair in one.factors.items()):
        scopes.setdefault(factor, []).append(scope)
    contrasts = {c.id: c for one in protocols for c in (*one.contrasts, *one.left_out)}
    overrides = [plan.gate_override for plan in plans if plan.gate_override]
    protocol = protocols[0].model_copy(
        update={
            "factors": {factor: coarsest(of) for factor, of in scopes.items()},
            "contrasts": tuple(contrasts.values()),
            "left_out": (),
        }
    )
    deviations = tuple(one for plan in plans for one in plan.deviations)
    since = (one.protocol for one in deviations)
    return HeldPlan(
        protocol=protocol,
        added=added(
            protocol.contrasts, (c for one in since for c in (*one.contrasts, *one.left_out))
        ),
        digest=content_id("plan", [plan.digest for plan in plans]),
        deviations=deviations,
        finished=sum(plan.finished for plan in plans),
        gate_override="; ".join(dict.fromkeys(overrides)) or None,
        few_allowed=any(plan.few_allowed for plan in plans),
    )


def _wrong(store: StoreView, path: Path) -> str | None:
    text = store.meta(PLAN_KEY)
    if text is None:
        return None
    digest = _read(text, f"the plan in {store.path}").digest
    if not path.is_file():
        return f"{path} is gone; the store holds the plan {digest}"
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        said, found = given.get("digest"), _read(json.dumps(given), str(path)).digest
    except (OSError, ValueError, AttributeError, ValidationError, StoreError):
        return f"{path} cannot be read; the store holds the plan {digest}"
    if found != digest or said != digest:
        return f"{path} was changed after the run began: it is {found}, the frozen plan is {digest}"
    return None
