"""Lets all jobs of a Hydra multirun become one study."""

import logging
from collections.abc import Sequence
from pathlib import Path

from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra.core.utils import JobReturn, configure_log, setup_globals
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from peersim.config.composing import SweepLoader
from peersim.config.jobs import Jobs

_log = logging.getLogger(__name__)


class PeersimLauncher(BasicLauncher):
    """Composes the jobs, and keeps Hydra's files of each; nothing is run here.

    What the task function is given it puts by: ``peersim.config.launch`` merges the jobs into one
    study when Hydra has gone through them all, in however many batches.
    """

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Take over the composing too: the sweeper checks every job by the same loader."""
        hydra_context.config_loader = SweepLoader(hydra_context.config_loader.get_search_path())
        super().setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        """Go through the jobs as Hydra's launcher does, by a quicker way to do one."""
        assert self.config is not None
        assert self.hydra_context is not None
        assert self.task_function is not None
        hydra = self.config.hydra
        setup_globals()
        configure_log(hydra.hydra_logging, hydra.verbose)
        Path(str(hydra.sweep.dir)).mkdir(parents=True, exist_ok=True)
        _log.info(f"Launching {len(job_overrides)} jobs locally")
        jobs = Jobs(self.hydra_context, self.task_function, self.config)
        return [jobs(*job) for job in enumerate(job_overrides, initial_job_idx)]
