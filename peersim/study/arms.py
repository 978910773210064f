"""The arms that a run or sweep planned, and its rows, named and ordered by them."""

from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.store.tables import rows
from peersim.store.torn import reading
from peersim.store.view import RunView, StoreView
from peersim.study.design import Study
from peersim.study.runner import STUDY_KEY


def held_studies(run: RunView) -> list[Study]:
    """Return the studies of a run's stores; a store that ended before its plan has none."""
    held = (held_study(store) for store in run.stores)
    return [study for study in held if study]


def held_study(store: StoreView) -> Study | None:
    """Return the study that a store holds; None if it ended before its plan.

    Raises:
        StoreError: If this code cannot read it.
    """
    text = store.meta(STUDY_KEY)
    with reading(f"the study in {store.path}"):
        return Study.model_validate_json(text) if text else None


def planned_arms(run: RunView) -> list[dict[str, str]]:
    """Return all planned arms, each once, so that one that never ran is not passed over."""
    planned = [arm for study in held_studies(run) for arm in study.arms]
    varied = varied_settings([arm.settings for arm in planned])
    named = [
        arm.levels | {key: arm.settings[key] for key in varied if key in arm.settings}
        for arm in planned
    ]
    found: dict[frozenset[tuple[str, str]], dict[str, str]] = {}
    for arm in named:
        found.setdefault(_key(arm), arm)
    return list(found.values())


def finished_rows(run: RunView) -> list[TrialRow]:
    """Return one row a finished trial, arms in the planned order, each in run order.

    Raises:
        AnalysisRefusal: If no trial is finished.
    """
    planned = [arm.settings for study in held_studies(run) for arm in study.arms]
    arms = planned_arms(run)
    found = rows(run, varied_settings(planned))
    if not found:
        raise AnalysisRefusal(f"{run.directory} has no finished trial", "see: peersim status")
    places = {_key(arm): place for place, arm in enumerate(arms)}
    # Rows of an arm share its dictionary, so that each arm is looked up once.
    own = {id(row.arm): row.arm for row in found}
    order = {name: places[_key(arm)] for name, arm in own.items()}
    return sorted(found, key=lambda row: order[id(row.arm)])


def _key(arm: dict[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(arm.items())


def varied_settings(settings: list[dict[str, str]]) -> list[str]:
    """Return the keys on which settings differ, in order of first appearance."""
    keys = dict.fromkeys(key for one in settings for key in one)
    return [key for key in keys if len({one.get(key) for one in settings}) > 1]
