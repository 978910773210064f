"""What the runs of a study are called in W&B, and what is recorded with them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peersim.frozen import Frozen
from peersim.ids import content_id
from peersim.tracking.base import Header
from peersim.tracking.page import ArmFacts
from peersim.tracking.wandb import FINISH_SECONDS, LEAST_SECONDS, Entry, Mode

# Arms beyond which they get no runs of their own. Offline 271 open in 2.3 s, but online each
# waits for the server, and nobody reads so many side by side.
ARMS_MAX = 300


class WandbSettings(Frozen):
    """Where a study's runs go, and what is recorded with them.

    Attributes:
        mode: ``auto`` is online if the key is in the environment; ``online`` says so if not.
        group: The name that the runs of a study or sweep share.
        directory: Everything that W&B writes lies in its ``wandb`` folder.
        config: What is recorded with every run.
        labels: What was set on the command line for the whole study; names its run.
        arms: What is known of the arms.
        arms_max: More arms than that have no run each.
        blind: Whether contrasts are declared, so that before a look nothing is shown by arm.
    """

    project: str
    entity: str | None
    mode: str
    group: str
    directory: Path
    config: dict[str, Any] = {}
    labels: dict[str, str] = {}
    tags: tuple[str, ...] = ()
    arms: tuple[ArmFacts, ...] = ()
    arms_max: int = ARMS_MAX
    blind: bool = False


def arm_entry(settings: WandbSettings, mode: Mode, header: Header, facts: ArmFacts) -> Entry:
    """Return how the run of an arm is opened."""
    number = content_id("arm", [facts.study_id, facts.labels])
    own = {"study_id": facts.study_id, "arm": facts.labels, "resolved": facts.config}
    return _entry(settings, mode, header, ("arm", number, _name(facts.labels)), own)


def study_entry(settings: WandbSettings, mode: Mode, header: Header) -> Entry:
    """Return how the run of the whole study is opened."""
    labels = settings.labels
    number = content_id("whole", [header.study_id, labels])
    name = f"{header.name} (study)" + (f": {_name(labels)}" if labels else "")
    return _entry(settings, mode, header, ("study", number, name), {"settings": labels})


def _entry(
    settings: WandbSettings,
    mode: Mode,
    header: Header,
    named: tuple[str, str, str],
    own: Mapping[str, Any],
) -> Entry:
    job_type, number, name = named
    common = {"study": header.name, "study_id": header.study_id, "simulated": header.simulated}
    return Entry(
        project=settings.project,
        entity=settings.entity,
        mode=mode,
        group=settings.group,
        job_type=job_type,
        run_id=number.replace("-", ""),
        name=name,
        tags=settings.tags,
        config={**settings.config, **common, **own},
        directory=settings.directory,
        finish_seconds=max(LEAST_SECONDS, FINISH_SECONDS / (len(header.arms) + 1)),
    )


def _name(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{factor}={level}" for factor, level in labels.items()) or "all"
