"""Where a sweep goes on: an earlier attempt at the same study, or a place of its own."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from peersim.config.leavings import forget_sweep
from peersim.config.sweep import Job
from peersim.errors import ConfigError, StoreError
from peersim.store.runs import SWEEP_FILE, is_sweep
from peersim.store.schema import FILE
from peersim.store.torn import reading
from peersim.store.view import StoreView
from peersim.study.design import Study
from peersim.study.runner import STUDY_KEY, VERSION_KEY, version_mark

SWEEP_DIRECTORY = "hydra.sweep.dir="


def place_of(job: Job, arguments: Sequence[str], console: Console) -> Path:
    """Return the directory where a job's study is run.

    A sweep goes on where the same study was left unfinished beside it, so that the same command
    again is a resume; a directory that is given on the command line is taken as it is.

    Args:
        job: One of a sweep that is one study, or any other.
        arguments: The command line.
        console: Where to say that an earlier attempt is gone on with.

    Raises:
        ConfigError: If the directory holds runs of another kind.
    """
    if not job.merged:
        _check_alone(job)
        return job.directory
    if any(job.directory.glob(f"*/{FILE}")):
        raise ConfigError(
            f"{job.directory} holds a sweep whose jobs are runs of their own",
            f"go on with it: hydra/launcher=basic; or choose another {SWEEP_DIRECTORY}",
        )
    given = any(argument.lstrip("+").startswith(SWEEP_DIRECTORY) for argument in arguments)
    if given or (job.directory / FILE).is_file():
        return job.directory
    earlier = unfinished(job.study, job.directory)
    if earlier is None:
        return job.directory
    where, done = earlier
    console.print(
        f"going on with {escape(str(where))}, {done} of {job.study.size} trials finished"
        f" (to start afresh: {SWEEP_DIRECTORY}NAME)",
        soft_wrap=True,
    )
    forget_sweep(job.directory)
    return where


def _check_alone(job: Job) -> None:
    if job.sweep and (job.sweep / FILE).is_file():
        raise ConfigError(
            f"{job.sweep} holds a sweep that is one study",
            f"choose another {SWEEP_DIRECTORY} for jobs that are runs of their own",
        )


def unfinished(study: Study, directory: Path) -> tuple[Path, int] | None:
    """Return the newest sweep beside a directory that began a study and did not finish it.

    Only what this version began counts: another's cannot be gone on with.

    Returns:
        Where it is, and how many of its trials are finished; None if there is none.
    """
    beside = [path for path in directory.parent.iterdir() if path != directory and is_sweep(path)]
    begun = [path for path in beside if (path / FILE).is_file()]
    for path in sorted(begun, key=_age, reverse=True):
        done = _finished(path, study)
        if done is not None and done < study.size:
            return path, done
    return None


def _age(directory: Path) -> tuple[float, str]:
    return (directory / SWEEP_FILE).stat().st_mtime, directory.name


def _finished(directory: Path, study: Study) -> int | None:
    """Return how many trials of a study a sweep has finished; None if it is not that study's."""
    try:
        view = StoreView(directory / FILE)
    except StoreError:
        return None  # it will be told of when it is asked for
    try:
        held, version = view.meta(STUDY_KEY), view.meta(VERSION_KEY)
        if held is None or version != version_mark():
            return None
        with reading(f"the study in {view.path}"):
            if Study.model_validate_json(held).study_id != study.study_id:
                return None
        return int(str(view.query("SELECT COUNT(*) FROM trials")[0][0]))
    except StoreError:
        return None
    finally:
        view.connection.close()
