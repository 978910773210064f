"""Weights & Biases: one run an arm, grouped by study; a mirror that can be lost and rebuilt.

While a study runs only its health is shown, never outcomes by arm: looking at those before the
end is an unplanned look at the result. Outcomes come with the end, from what is stored.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from peersim import __version__
from peersim.answers import Invalid
from peersim.events.calls import Called
from peersim.frozen import Frozen
from peersim.ids import content_id
from peersim.models.line import CallCounter
from peersim.oversight.base import Disposition
from peersim.readings.rows import TrialRow
from peersim.record import TrialRecord
from peersim.tracking.base import Ending, Header

KEY = "WANDB_API_KEY"
INIT_SECONDS = 20
TAG_LENGTH = 64
_COLUMNS = ("trial_id", "history_id", "surface", "invalid", "disposition", "covert", "signed_error")


class WandbSettings(Frozen):
    """Where runs go.

    Attributes:
        group: The name that the runs of a study or sweep share.
        directory: Everything that W&B writes lies in its ``wandb`` folder.
        mode: ``online`` needs the key in the environment, else it is offline.
        config: What is recorded with every run.
        labels: What was set on the command line, for the runs' names and configs.
    """

    project: str
    entity: str | None
    mode: str
    group: str
    directory: Path
    config: dict[str, Any]
    labels: dict[str, str]
    tags: tuple[str, ...]


class WandbTracker:
    """Mirrors finished trials; whatever W&B does wrong is one warning and never an error."""

    def __init__(
        self,
        settings: WandbSettings,
        stored: Callable[[], Sequence[TrialRow]],
        warn: Callable[[str], None],
    ) -> None:
        """Begin without any run.

        Args:
            settings: Where runs go.
            stored: Reads back all finished trials of the run directory.
            warn: Told once what went wrong with W&B.
        """
        self._settings = settings
        self._stored = stored
        self._warn = warn
        self._lost = False
        self._mode = _mode(settings, warn)
        self._header: Header | None = None
        self._runs: dict[str, _ArmRun] = {}

    def begin(self, header: Header) -> None:
        """Open one run an arm, before any model call waits: opening may take seconds."""
        self._header = header
        self._try(lambda: [self._run(arm) for arm in header.arms])

    def started(self, trial_id: str) -> None:
        """Need no sign of a start."""

    def finished(self, record: TrialRecord, spent: CallCounter) -> None:
        """Log the health of the trial's arm."""
        self._try(lambda: self._run(record.spec.arm).log(record))

    def end(self, ending: Ending) -> None:
        """Log the outcomes by arm, if the study is complete, and finish all runs."""
        if ending == "complete":
            self._try(self._summarise)
        self._try(self._finish)

    def _finish(self) -> None:
        for run in self._runs.values():
            run.finish()

    def _summarise(self) -> None:
        arms: dict[str, list[TrialRow]] = {}
        for row in self._stored():
            arms.setdefault(_name(row.arm), []).append(row)
        for rows in arms.values():
            self._run(rows[0].arm).summarise(rows)

    def _run(self, arm: dict[str, str]) -> "_ArmRun":
        name = _name(arm)
        if name not in self._runs:
            assert self._header is not None, "begin() comes before any trial"
            self._runs[name] = _ArmRun(self._settings, self._header, arm, self._mode)
        return self._runs[name]

    def _try(self, act: Callable[[], object]) -> None:
        """Do something with W&B; its trouble is one warning, after which it is left alone."""
        if self._lost:
            return
        import wandb

        try:
            with _own_folders(self._settings.directory / "wandb"):
                act()
        except (wandb.errors.Error, OSError, RuntimeError) as error:
            self._lost = True
            first = (str(error).splitlines() or [type(error).__name__])[0]
            self._warn(f"W&B tracking is off for the rest of this run ({first}); nothing is lost")


class _ArmRun:
    """The W&B run of one arm."""

    def __init__(
        self,
        settings: WandbSettings,
        header: Header,
        arm: dict[str, str],
        mode: str,
    ) -> None:
        labels = {**arm, **settings.labels}
        self._counts = {"finished": 0, "invalid": 0, "calls": 0, "tokens": 0}
        self._run = _open(settings, header, labels, mode)

    def log(self, record: TrialRecord) -> None:
        """Log the running health of the arm; tokens that nobody counted are left out."""
        calls = [event for event in record.events if isinstance(event, Called)]
        self._counts["finished"] += 1
        self._counts["invalid"] += isinstance(record.validity, Invalid)
        self._counts["calls"] += len(calls)
        self._counts["tokens"] += sum((c.input_tokens or 0) + (c.output_tokens or 0) for c in calls)
        self._run.log({f"health/{k}": v for k, v in self._counts.items()})

    def summarise(self, rows: Sequence[TrialRow]) -> None:
        """Write the arm's outcomes, as stored, into the run's summary and a table."""
        import wandb

        self._run.summary.update(summary(rows))
        table = wandb.Table(columns=list(_COLUMNS), data=[_cells(row) for row in rows])
        self._run.log({"trials": table})

    def finish(self) -> None:
        self._run.finish()


def summary(rows: Sequence[TrialRow]) -> dict[str, float | int]:
    """Return an arm's outcomes: counts, and the rates and means that are defined."""
    valid = [row for row in rows if row.valid]
    found: dict[str, float | int] = {"n": len(rows), "valid": len(valid)}
    for origin in sorted({row.invalid for row in rows if row.invalid}):
        found[f"invalid/{origin}"] = sum(row.invalid == origin for row in rows)
    for name in (*Disposition, "covert", "survived"):
        found[f"count/{name}"] = sum(row.values.get(name) == 1 for row in valid)
    if valid:
        found["rate/protected"] = found["count/protected"] / len(valid)
    errors = [e for row in valid if (e := row.values.get("signed_error")) is not None]
    if errors:
        found["mean/signed_error"] = sum(errors) / len(errors)
    return found


def _cells(row: TrialRow) -> list[str | float | None]:
    disposition = next((d.value for d in Disposition if row.values.get(d.value) == 1), None)
    return [
        row.trial_id,
        row.history_id,
        row.surface,
        row.invalid,
        disposition,
        row.values.get("covert"),
        row.values.get("signed_error"),
    ]


def _name(arm: dict[str, str]) -> str:
    return ", ".join(f"{factor}={level}" for factor, level in arm.items()) or "all"


def _mode(settings: WandbSettings, warn: Callable[[str], None]) -> str:
    if settings.mode == "online" and not os.environ.get(KEY):
        warn(f"W&B tracking is offline because {KEY} is not set")
        return "offline"
    return settings.mode


def _open(settings: WandbSettings, header: Header, labels: dict[str, str], mode: str) -> Any:
    """Open the run of one arm; its id stays the same when the study is resumed."""
    import wandb

    return wandb.init(
        project=settings.project,
        entity=settings.entity,
        group=settings.group,
        job_type="arm",
        id=content_id("arm", [header.study_id, labels]).replace("-", ""),
        name=_name(labels),
        tags=[tag[:TAG_LENGTH] for tag in settings.tags],
        config={
            **settings.config,
            "study": header.name,
            "study_id": header.study_id,
            "arm": labels,
            "simulated": header.simulated,
            "peersim": __version__,
            "wandb_base_url": os.environ.get("WANDB_BASE_URL", "default"),
        },
        dir=str(settings.directory),
        mode=mode,  # type: ignore[arg-type]  # checked by the config schema
        reinit="create_new",
        settings=wandb.Settings(
            console="off",
            silent=True,
            disable_git=True,
            disable_code=True,
            init_timeout=INIT_SECONDS,
            x_disable_stats=True,
            x_disable_machine_info=True,
            x_disable_meta=True,
            x_save_requirements=False,
        ),
    )


@contextlib.contextmanager
def _own_folders(home: Path) -> Iterator[None]:
    """Keep W&B's caches and staging inside the run directory; the environment is given back."""
    names = ("WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_ARTIFACT_DIR")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: str(home / "own") for name in names})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
