"""Lets all jobs of a Hydra multirun become one study."""

from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from peersim.config.composing import SweepLoader


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
