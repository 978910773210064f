"""Refuses a Hydra multirun of nothing."""

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.types import Override

from peersim.errors import ConfigError


class PeersimSweeper(BasicSweeper):
    """Hydra's own, which hands a sweep without a job to the launcher, and ends in silence."""

    @staticmethod
    def split_arguments(
        overrides: list[Override], max_batch_size: int | None
    ) -> list[list[list[str]]]:
        """Return the jobs in batches, each by its overrides.

        Raises:
            ConfigError: If there is none, as where a glob fits nothing.
        """
        batches = BasicSweeper.split_arguments(overrides, max_batch_size)
        if not any(batches):
            raise ConfigError(
                "the sweep has no job: the values of one of its keys are none",
                "write them out, such as persona.peer=cooperative,uncooperative; glob(*) is for the"
                " groups of conf alone, such as memory",
            )
        return batches
