"""Hydra's side of a run: compose, build the study, run it."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import hydra
from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from peersim.config.composing import Composer, composed
from peersim.config.extra import freely
from peersim.config.leavings import forget_failed, standing
from peersim.config.load import build
from peersim.config.messages import from_hydra, null_for_a_file
from peersim.config.models import conf_dir
from peersim.config.schema import RunConfig
from peersim.config.secrets import check_arguments, check_composed
from peersim.config.sweep import Job, merged
from peersim.errors import ConfigError, Interrupted, PeersimError

__all__ = ["Job", "RunJob", "launch"]

RunJob = Callable[[Job], None]
# The launchers that stay in this process: ours, and Hydra's own, which runs each job by itself.
OURS = "hydra_plugins.peersim_launcher."
BASIC = "BasicLauncher"


def launch(arguments: Sequence[str], run_job: RunJob) -> None:
    """Run Hydra's command line; what it describes is handed over as a study.

    All jobs of a sweep are one study, unless another launcher than ours was chosen: then each is
    handed over as a study of its own.

    Args:
        arguments: Overrides and Hydra's own flags, such as ``-m`` or ``--cfg job``.
        run_job: Runs a study in a directory.

    Raises:
        ConfigError: If the configuration is wrong.
        PeersimError: If a job cannot go on; the jobs after it are not started.
        Interrupted: If the user asked for an early end.
    """
    failed: list[PeersimError | Interrupted] = []
    before = standing(arguments)
    written: list[Path] = []
    parts: list[Job] = []
    composer = Composer(composed)

    def job(config: DictConfig) -> None:
        found = HydraConfig.get()
        launcher = str(found.launcher.get("_target_"))
        written.append(Path(found.runtime.output_dir))
        if found.mode == RunMode.MULTIRUN:
            written.append(Path(found.sweep.dir))
        if failed:  # a sweep ends with the first job that cannot go on
            with contextlib.suppress(ConfigError):
                check_composed(config, found)  # Hydra has written this one down all the same
            return
        try:
            start(config, found, found.mode == RunMode.MULTIRUN and launcher.startswith(OURS))
        except (PeersimError, Interrupted) as error:
            if not launcher.startswith(OURS) and BASIC not in launcher:
                raise
            # Hydra would print a report of its own; ours comes after it has returned.
            failed.append(error)

    def start(config: DictConfig, found: HydraConf, part: bool) -> None:
        check_composed(config, found)
        sources = [Path(s.path) for s in found.runtime.config_sources if s.schema == "file"]
        own = list(found.overrides.task)

        def compose(overrides: Sequence[str]) -> DictConfig:
            return config if list(overrides) == own else composer(overrides)

        study, run = build(config, own, compose, sources, whole=not part)
        sweep = Path(found.sweep.dir) if found.mode == RunMode.MULTIRUN else None
        one = Job(study, run, Path(found.runtime.output_dir), sweep)
        parts.append(one) if part else run_job(one)

    check_arguments(arguments)
    try:
        _through_hydra(freely(arguments), job)
        if failed:
            raise failed[0]
        if parts:
            run_job(merged(parts))
    except (PeersimError, Interrupted, KeyboardInterrupt):
        forget_failed(written, before)
        raise


def _through_hydra(arguments: Sequence[str], job: Callable[[DictConfig], None]) -> None:
    """Let Hydra read a command line and call the job, once or for each of a sweep."""
    from peersim.study.runner import collecting_rarely

    # Without this Hydra prints its own report and exits; ours names the thing and the fix.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    # Hydra copies the whole configuration many times for each job of a sweep.
    with _command_line(arguments), collecting_rarely():
        try:
            hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(job)()
        except (HydraException, OmegaConfBaseException, YAMLError, UnicodeDecodeError) as error:
            raise from_hydra(error, RunConfig) from error
        except ValueError as error:
            if "Config group override" in str(error):
                raise null_for_a_file(arguments) from error
            if "Only one of --run" in str(error):
                raise ConfigError(
                    str(error), "to see the configuration of one arm, leave -m out"
                ) from error
            raise
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # whoever reads what is printed has gone
                raise
            raise ConfigError(
                f"{error.filename or 'a file of the run'} cannot be written ({error.strerror})",
                "choose another directory with hydra.run.dir= or hydra.sweep.dir=",
            ) from error


@contextlib.contextmanager
def _command_line(arguments: Sequence[str]) -> Iterator[None]:
    """Hydra reads the process's own command line, so lend it ours."""
    before = sys.argv
    sys.argv = ["peersim run", *arguments]
    try:
        yield
    finally:
        sys.argv = before
