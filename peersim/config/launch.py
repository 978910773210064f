"""Hydra's side of a run: compose, build the study, run it."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import hydra
from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from peersim.config.load import build
from peersim.config.messages import from_hydra
from peersim.config.models import conf_dir
from peersim.config.schema import RunConfig
from peersim.config.secrets import check_arguments, check_composed
from peersim.errors import ConfigError, Interrupted, PeersimError
from peersim.study.design import Study


class Job(NamedTuple):
    """One job of Hydra's: a study, and where it goes.

    Attributes:
        sweep: The directory of the sweep that the job belongs to; None for a single run.
    """

    study: Study
    config: RunConfig
    directory: Path
    sweep: Path | None


RunJob = Callable[[Job], None]


def launch(arguments: Sequence[str], run_job: RunJob) -> None:
    """Run Hydra's command line; each job is handed over as a study.

    Args:
        arguments: Overrides and Hydra's own flags, such as ``-m`` or ``--cfg job``.
        run_job: Runs a study in a directory.

    Raises:
        ConfigError: If the configuration is wrong.
        PeersimError: If a job cannot go on; the jobs after it are not started.
        Interrupted: If the user asked for an early end.
    """
    failed: list[PeersimError | Interrupted] = []

    def job(config: DictConfig) -> None:
        found = HydraConfig.get()
        in_process = "BasicLauncher" in str(found.launcher.get("_target_"))
        if failed:  # a sweep ends with the first job that cannot go on
            return
        try:
            start(config, found)
        except (PeersimError, Interrupted) as error:
            if not in_process:
                raise
            # Hydra would print a report of its own; ours comes after it has returned.
            failed.append(error)

    def start(config: DictConfig, found: HydraConf) -> None:
        check_composed(config, found)
        sources = [Path(s.path) for s in found.runtime.config_sources if s.schema == "file"]
        study, run = build(config, list(found.overrides.task), _compose, sources)
        sweep = Path(found.sweep.dir) if found.mode == RunMode.MULTIRUN else None
        run_job(Job(study, run, Path(found.runtime.output_dir), sweep))

    check_arguments(arguments)
    # Without this Hydra prints its own report and exits; ours names the thing and the fix.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    with _command_line(arguments):
        try:
            hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(job)()
        except (HydraException, OmegaConfBaseException, YAMLError, UnicodeDecodeError) as error:
            raise from_hydra(error) from error
        except OSError as error:
            raise ConfigError(
                f"{error.filename} cannot be written ({error.strerror})",
                "choose another directory with hydra.run.dir= or hydra.sweep.dir=",
            ) from error
    if failed:
        raise failed[0]


def _compose(overrides: Sequence[str]) -> DictConfig:
    return hydra.compose(config_name="config", overrides=list(overrides))


@contextlib.contextmanager
def _command_line(arguments: Sequence[str]) -> Iterator[None]:
    """Hydra reads the process's own command line, so lend it ours."""
    before = sys.argv
    sys.argv = ["peersim run", *arguments]
    try:
        yield
    finally:
        sys.argv = before
