"""Weights & Biases: one run an arm, grouped by study; a mirror that can be lost and rebuilt.

While a study runs only its health is shown, never outcomes by arm: looking at those before the
end is an unplanned look at the result. Outcomes come with the end, from what is stored.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from peersim import __version__
from peersim.answers import Invalid
from peersim.frozen import Frozen
from peersim.ids import content_id
from peersim.models.line import CallCounter
from peersim.prompts.library import library_digest
from peersim.readings.rows import TrialRow
from peersim.record import TrialRecord
from peersim.tracking.base import Ending, Header
from peersim.tracking.summary import COLUMNS, cells, summary

KEY = "WANDB_API_KEY"
INIT_SECONDS = 20
# Online, what is not uploaded by then stays on disk for `wandb sync`.
FINISH_SECONDS = 20
# W&B's server refuses longer ones.
TAG_LENGTH = 64
NAME_LENGTH = 128
# A run that did not come to its end must not look like one that did.
_EXIT_CODES: dict[Ending, int] = {"complete": 0, "failed": 1, "budget": 4, "stopped": 130}


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
        earlier: Callable[[], Iterable[TrialRecord]] = tuple,
    ) -> None:
        """Begin without any run.

        Args:
            settings: Where runs go.
            stored: Reads back all finished trials of the run directory.
            warn: Told once what went wrong with W&B.
            earlier: Reads back the records of earlier sessions, one at a time, so that a resumed
                study's health goes on where it was.
        """
        self._settings = settings
        self._stored = stored
        self._earlier = earlier
        self._warn = warn
        self._lost = False
        self._mode = _mode(settings, warn)
        self._header: Header | None = None
        self._runs: dict[str, _ArmRun] = {}

    def begin(self, header: Header) -> None:
        """Open one run an arm, before any model call waits: opening may take seconds."""
        self._header = header
        self._try(lambda: [self._run(arm) for arm in header.arms])
        if self._lost or not header.done:
            return
        for record in self._earlier():
            self._try(partial(self._count, record))

    def started(self, trial_id: str) -> None:
        """Need no sign of a start."""

    def finished(self, record: TrialRecord, spent: CallCounter) -> None:
        """Log the health of the trial's arm."""
        self._try(lambda: self._run(record.spec.arm).log(record))

    def warned(self, text: str) -> None:
        """Leave warnings to the terminal: they are about this machine, not about the study."""

    def end(self, ending: Ending) -> None:
        """Log the outcomes by arm, if the study is complete, and finish all runs."""
        if ending == "complete" and not self._lost:
            # Read outside the guard: a store that cannot be read is not W&B's trouble.
            rows = self._stored()
            self._try(lambda: self._summarise(rows))
        for run in self._runs.values():
            # Lost or not: a run left open would keep its id from being used again.
            self._guard(partial(run.finish, ending))

    def _count(self, record: TrialRecord) -> None:
        self._run(record.spec.arm).count(record)

    def _summarise(self, rows: Sequence[TrialRow]) -> None:
        arms: dict[str, list[TrialRow]] = {}
        for row in rows:
            arms.setdefault(_name(row.arm), []).append(row)
        for own in arms.values():
            self._run(own[0].arm).summarise(own)

    def _run(self, arm: dict[str, str]) -> "_ArmRun":
        name = _name(arm)
        if name not in self._runs:
            assert self._header is not None, "begin() comes before any trial"
            self._runs[name] = _ArmRun(self._settings, self._header, arm, self._mode)
        return self._runs[name]

    def _try(self, act: Callable[[], object]) -> None:
        """Do something with W&B, unless there was trouble with it before."""
        if not self._lost:
            self._guard(act)

    def _guard(self, act: Callable[[], object]) -> None:
        """Do something with W&B; its first trouble is one warning, all others are passed over."""
        try:
            with _own_environment(self._settings.directory / "wandb"):
                act()
        except _troubles() as error:
            if not self._lost:
                why = _cause(error)
                self._warn(f"W&B tracking is off for the rest of this run ({why}); nothing is lost")
            self._lost = True


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
        self._counts = {"finished": 0, "invalid": 0}
        self._run = _open(settings, header, labels, mode)

    def count(self, record: TrialRecord) -> None:
        """Count a trial. Calls and tokens stay out: by arm they would hint at the outcome."""
        self._counts["finished"] += 1
        self._counts["invalid"] += isinstance(record.validity, Invalid)

    def log(self, record: TrialRecord) -> None:
        """Log the running health of the arm, a finished trial included."""
        self.count(record)
        self._run.log({f"health/{k}": v for k, v in self._counts.items()})

    def summarise(self, rows: Sequence[TrialRow]) -> None:
        """Write the arm's outcomes, as stored, into the run's summary and a table."""
        import wandb

        self._run.summary.update(summary(rows))
        table = wandb.Table(columns=list(COLUMNS), data=[cells(row) for row in rows])
        self._run.log({"trials": table})

    def finish(self, ending: Ending) -> None:
        """Close the run, saying how the study ended."""
        self._run.summary["ended"] = ending
        self._run.finish(exit_code=_EXIT_CODES[ending])


def _name(arm: dict[str, str]) -> str:
    return ", ".join(f"{factor}={level}" for factor, level in arm.items()) or "all"


def _mode(settings: WandbSettings, warn: Callable[[str], None]) -> str:
    if settings.mode == "online" and not os.environ.get(KEY):
        warn(f"W&B tracking is offline because {KEY} is not set")
        return "offline"
    return settings.mode


def _troubles() -> tuple[type[Exception], ...]:
    """Return what W&B raises; wrong WANDB_ variables are ValueErrors.

    The errors of its service process, dead or unwilling, share no base with its others; where a
    version keeps them elsewhere, those that all versions have must do.
    """
    known: tuple[type[Exception], ...] = (ImportError, OSError, RuntimeError, ValueError)
    with contextlib.suppress(ImportError):
        from wandb.errors import Error

        known += (Error,)
        from wandb.sdk.lib.service.service_token import WandbServiceConnectionError
        from wandb.sdk.mailbox.mailbox import MailboxClosedError
        from wandb.sdk.mailbox.mailbox_handle import HandleAbandonedError, ServerResponseError

        known += (WandbServiceConnectionError, MailboxClosedError)
        known += (HandleAbandonedError, ServerResponseError)
    return known


def _cause(error: Exception) -> str:
    """Return an error's cause on one line; pydantic's first line does not name the setting."""
    if isinstance(error, ValidationError):  # its own text would quote the value
        return "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors() if e["loc"])
    return (str(error).splitlines() or [type(error).__name__])[0]


def _open(settings: WandbSettings, header: Header, labels: dict[str, str], mode: str) -> Any:
    """Open the run of one arm; its id stays the same when the study is resumed."""
    import wandb

    return wandb.init(
        project=settings.project,
        entity=settings.entity,
        group=settings.group[:NAME_LENGTH],
        job_type="arm",
        id=content_id("arm", [header.study_id, labels]).replace("-", ""),
        # A study that is resumed adds to its run; offline this is ignored without a word.
        resume="allow",
        name=_name(labels)[:NAME_LENGTH],
        tags=[tag[:TAG_LENGTH] for tag in settings.tags],
        config={
            **settings.config,
            "study": header.name,
            "study_id": header.study_id,
            "arm": labels,
            "simulated": header.simulated,
            "peersim": __version__,
            "prompts": library_digest(),
            "wandb_base_url": os.environ.get("WANDB_BASE_URL") or wandb.Settings().base_url,
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
            finish_timeout=FINISH_SECONDS,
            finish_timeout_raises=True,
            host="",  # else the machine's name is in every run
            x_disable_stats=True,
            x_disable_machine_info=True,
            x_disable_meta=True,
            x_save_requirements=False,
        ),
    )


@contextlib.contextmanager
def _own_environment(home: Path) -> Iterator[None]:
    """Keep W&B quiet and inside the run directory; the environment is given back.

    Error reporting goes over the network even offline, unless it is off before W&B starts.
    """
    folders = ("WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_ARTIFACT_DIR")
    own = {name: str(home / "own") for name in folders}
    own |= {"WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true"}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
