"""Lets Hydra choose any LiteLLM model: ``model=openai/gpt-5.2`` needs no file of its own."""

from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigResult, ConfigSource

from peersim.config.models import model_config, model_reference


class ModelSource(ConfigSource):
    """A config source that holds ``model/<provider>/<name>`` for every provider but our own.

    It stands last in the search path, so a file in ``conf/model`` goes first.
    """

    @staticmethod
    def scheme() -> str:
        """Return the scheme of search path entries."""
        return "peersim"

    def available(self) -> bool:
        """Always be there."""
        return True

    def is_group(self, config_path: str) -> bool:
        """Have no groups to list: there is no end to the models."""
        return False

    def is_config(self, config_path: str) -> bool:
        """Hold what looks like a provider's model."""
        return model_reference(config_path) is not None

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """List nothing."""
        return []

    def load_config(self, config_path: str) -> ConfigResult:
        """Return the configuration of a model."""
        return ConfigResult(
            config=model_config(config_path),
            path=f"{self.scheme()}://{self.path}",
            provider=self.provider,
            header={"package": None},
        )
