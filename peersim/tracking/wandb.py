"""Weights & Biases itself: opening a run, what is logged to it, its trouble, its environment."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from peersim import __version__
from peersim.frozen import Frozen
from peersim.prompts.library import library_digest
from peersim.tracking.base import Ending
from peersim.tracking.page import Cell, Sheet

KEY = "WANDB_API_KEY"
INIT_SECONDS = 20
# Online, what is not uploaded by then stays on disk for `wandb sync`. All runs of a study
# together get so long, but each of them a little.
FINISH_SECONDS, LEAST_SECONDS = 60, 2
# W&B's server refuses longer ones.
TAG_LENGTH = 64
NAME_LENGTH = 128
# A run that did not come to its end must not look like one that did.
EXIT_CODES: dict[Ending, int] = {"complete": 0, "failed": 1, "budget": 4, "stopped": 130}
Mode = Literal["offline", "online", "disabled"]


class Entry(Frozen):
    """One W&B run, as it is opened.

    Attributes:
        run_id: Stays the same when a study is resumed or its mirror made again.
        group: The name that the runs of a study or sweep share.
        directory: Everything that W&B writes lies in its ``wandb`` folder.
        config: What is recorded with the run.
        finish_seconds: How long the run may take to upload what is left at its end.
    """

    project: str
    entity: str | None
    mode: Mode
    group: str
    job_type: str
    run_id: str
    name: str
    tags: tuple[str, ...]
    config: dict[str, Any]
    directory: Path
    finish_seconds: float = FINISH_SECONDS


class OpenRun:
    """A W&B run that is open."""

    def __init__(self, entry: Entry) -> None:
        """Open it.

        Raises:
            Exception: Any of ``troubles()``.
        """
        self.run_id = entry.run_id
        self._run = _open(entry)

    def log(self, values: dict[str, Cell]) -> None:
        """Log values as a step of the run's history; the last of each stays in the summary."""
        self._run.log(values)

    def summarise(self, values: dict[str, Cell]) -> None:
        """Put values into the run's summary."""
        self._run.summary.update(values)

    def table(self, sheet: Sheet) -> None:
        """Log a table."""
        import wandb

        data = [list(row) for row in sheet.rows]
        # A column that holds nothing but None, or both counts and words, is no mistake here.
        table = wandb.Table(columns=list(sheet.columns), data=data, allow_mixed_types=True)
        self._run.log({sheet.slug: table})

    def picture(self, slug: str, figure: Any) -> None:
        """Log a figure of plotly's: as data, which W&B's page draws by itself."""
        import wandb

        self._run.log({slug: wandb.Plotly(figure)})

    def files(self, name: str, paths: Sequence[Path]) -> None:
        """Log files as one artifact of type ``tables``; they are not copied and must stay."""
        import wandb

        artifact = wandb.Artifact(name[:NAME_LENGTH], type="tables")
        for path in paths:
            artifact.add_file(str(path), name=path.name, policy="immutable")
        self._run.log_artifact(artifact)

    def finish(self, ending: Ending) -> None:
        """Close the run, saying how the study ended."""
        self._run.summary["ended"] = ending
        self._run.finish(exit_code=EXIT_CODES[ending])


def mode_of(wanted: str, warn: Callable[[str], None]) -> Mode:
    """Return the mode to use: ``online`` and ``auto`` are offline without a key.

    Args:
        wanted: ``offline``, ``online``, ``auto`` (online if there is a key) or ``disabled``.
        warn: Told when there is no key although somebody relies on one.
    """
    keyed = bool(os.environ.get(KEY))
    if wanted == "online" and not keyed:
        warn(f"W&B tracking is offline because {KEY} is not set")
    if wanted in {"online", "auto"}:
        return "online" if keyed else "offline"
    return "disabled" if wanted == "disabled" else "offline"


def close_service() -> None:
    """End W&B's service, and with it all runs: an id that failed to open would stay in use."""
    import wandb

    wandb.teardown()


def troubles() -> tuple[type[Exception], ...]:
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


def cause(error: Exception) -> str:
    """Return an error's cause on one line; pydantic's first line does not name the setting."""
    if isinstance(error, ValidationError):  # its own text would quote the value
        return "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors() if e["loc"])
    return (str(error).splitlines() or [type(error).__name__])[0]


def _open(entry: Entry) -> Any:
    import wandb

    return wandb.init(
        project=entry.project,
        entity=entry.entity,
        group=entry.group[:NAME_LENGTH],
        job_type=entry.job_type,
        id=entry.run_id,
        # A study that is resumed adds to its run; offline this is ignored without a word.
        resume="allow",
        name=entry.name[:NAME_LENGTH],
        tags=[tag[:TAG_LENGTH] for tag in entry.tags],
        config={
            **entry.config,
            "peersim": __version__,
            "prompts": library_digest(),
            "wandb_base_url": os.environ.get("WANDB_BASE_URL") or wandb.Settings().base_url,
        },
        dir=str(entry.directory),
        mode=entry.mode,
        reinit="create_new",
        settings=wandb.Settings(
            console="off",
            silent=True,
            disable_git=True,
            disable_code=True,
            init_timeout=INIT_SECONDS,
            finish_timeout=entry.finish_seconds,
            finish_timeout_raises=True,
            host="",  # else the machine's name is in every run
            x_disable_stats=True,
            x_disable_machine_info=True,
            x_disable_meta=True,
            x_save_requirements=False,
        ),
    )


@contextlib.contextmanager
def own_environment(home: Path) -> Iterator[None]:
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
