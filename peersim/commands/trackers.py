"""Who is told of a study that is run, besides the terminal, and what they can read of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from peersim.frozen import Frozen
from peersim.ids import content_id
from peersim.readings.rows import TrialRow
from peersim.store.runs import is_sweep
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.arms import varied_settings
from peersim.study.design import Arm, Study
from peersim.tracking.base import Header, Tracker

if TYPE_CHECKING:
    from peersim.tracking.entries import WandbSettings
    from peersim.tracking.page import ArmFacts


class Tracking(Frozen):
    """Where a study is tracked."""

    kind: str
    project: str = "peersim"
    mode: str = "offline"
    entity: str | None = None
    arms_max: int = 300


def trackers(study: Study, tracking: Tracking, directory: Path, console: Console) -> list[Tracker]:
    """Return the trackers of a study, besides the terminal's progress."""
    if tracking.kind == "none":
        return []
    from peersim.tracking.mirror import WandbTracker
    from peersim.tracking.page import Shown, Sources

    def warn(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    def stored() -> list[TrialRow]:
        return rows(RunView(directory))

    def now() -> Shown:
        from peersim.commands.study_page import shown  # not before: statistics load slowly

        return shown(RunView(directory), [study])

    sources = Sources(rows=stored, shown=now)
    return [WandbTracker(settings_of([study], tracking, directory), sources, warn)]


def settings_of(studies: Sequence[Study], tracking: Tracking, directory: Path) -> "WandbSettings":
    """Return how the runs of a directory's studies are opened.

    Args:
        studies: One, or those of the jobs of a sweep that was run job by job.
        tracking: Where runs go.
        directory: The run or sweep; W&B's files go there.
    """
    from peersim.tracking.entries import WandbSettings

    first = studies[0]
    tags = dict.fromkeys(ref.ref for study in studies for ref in study.models)
    simulated = any(study.simulated for study in studies)
    fixed = [arm.settings for study in studies for arm in study.arms]
    apart = varied_settings(fixed)
    return WandbSettings(
        project=tracking.project,
        entity=tracking.entity,
        mode=tracking.mode,
        group=f"{first.name}-{_group(first, directory)}",
        directory=directory,
        config=_config(studies),
        labels={key: level for key, level in fixed[0].items() if key not in apart},
        tags=(*tags, *(("simulated",) if simulated else ())),
        arms=_all_facts(studies),
        arms_max=tracking.arms_max,
        blind=any(study.protocol.contrasts for study in studies),
    )


def header_of(studies: Sequence[Study], directory: Path, done: int) -> Header:
    """Return what a tracker is told when the mirror of a directory is made again."""
    ids = [study.study_id for study in studies]
    named = [facts.arm for facts in _all_facts(studies)]
    return Header(
        name=studies[0].name,
        study_id=ids[0] if len(ids) == 1 else content_id("studies", ids),
        directory=str(directory),
        total=sum(study.size for study in studies),
        done=done,
        simulated=any(study.simulated for study in studies),
        arms=tuple(arm for place, arm in enumerate(named) if arm not in named[:place]),
    )


def _group(study: Study, directory: Path) -> str:
    """Return what tells this study from others of its name: its sweep, or its id."""
    for place in (directory, directory.parent):
        if is_sweep(place):
            return place.name
    return study.study_id.removeprefix("study-")[:8]


def between_jobs(studies: Sequence[Study]) -> list[str]:
    """Return the settings that name the arms beside the factors: those that jobs differ in."""
    if len(studies) == 1:
        return []
    return varied_settings([arm.settings for study in studies for arm in study.arms])


def _all_facts(studies: Sequence[Study]) -> "tuple[ArmFacts, ...]":
    varied = between_jobs(studies)
    return tuple(_facts(study, arm, varied) for study in studies for arm in study.arms)


def _facts(study: Study, arm: Arm, varied: Sequence[str]) -> "ArmFacts":
    from peersim.tracking.page import ArmFacts

    named = {key: arm.settings[key] for key in varied if key in arm.settings}
    return ArmFacts(
        arm=arm.levels | named,
        labels={**arm.levels, **arm.settings},
        study_id=study.study_id,
        config=arm.model_dump(mode="json", exclude={"levels", "settings"}),
    )


def _config(studies: Sequence[Study]) -> dict[str, Any]:
    """Return what is recorded with every run of a study."""
    first = studies[0]
    factors: dict[str, dict[str, None]] = {}
    for arm in (arm for study in studies for arm in study.arms):
        for factor, level in arm.levels.items():
            factors.setdefault(factor, {})[level] = None
    return {
        "seed": first.seed,
        "replicates": first.replicates,
        "trials_per_history": first.trials_per_history,
        "probes": first.probes,
        "models": list(dict.fromkeys(ref.ref for study in studies for ref in study.models)),
        "factors": {factor: list(levels) for factor, levels in factors.items()},
        "protocol": first.protocol.model_dump(mode="json"),
    }
