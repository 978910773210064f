"""The arms that a run or sweep planned, named as its tables name them."""

from peersim.store.tables import varied_settings
from peersim.store.view import RunView
from peersim.study.design import Study
from peersim.study.runner import STUDY_KEY


def held_studies(run: RunView) -> list[Study]:
    """Return the studies of a run's stores; a store that ended before its plan has none."""
    held = (store.meta(STUDY_KEY) for store in run.stores)
    return [Study.model_validate_json(text) for text in held if text]


def planned_arms(run: RunView) -> list[dict[str, str]]:
    """Return all planned arms, each once, so that one that never ran is not passed over."""
    arms = [arm for study in held_studies(run) for arm in study.arms]
    varied = varied_settings([arm.settings for arm in arms])
    named = [
        arm.levels | {key: arm.settings[key] for key in varied if key in arm.settings}
        for arm in arms
    ]
    return [arm for position, arm in enumerate(named) if arm not in named[:position]]
