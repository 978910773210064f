"""Model references in Hydra's ``model`` group."""

import re
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

_MODEL_PATH = re.compile(r"^model/(?P<ref>(?!simulated/)[\w.-]+/.+?)(\.yaml)?$")


def conf_dir() -> Path:
    """Return the shipped configuration: inside an installed wheel, or beside the package."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "conf"
    return inside if inside.is_dir() else package.parent / "conf"


def model_reference(config_path: str) -> str | None:
    """Return the LiteLLM reference that a config path of the group names, or None.

    A reference is ``provider/name``; ``simulated/`` is ours and needs a file.
    """
    found = _MODEL_PATH.match(config_path)
    return found["ref"] if found else None


def model_config(config_path: str) -> DictConfig:
    """Return the configuration of a model that has no file: the defaults and its reference."""
    config = OmegaConf.load(conf_dir() / "model" / "base.yaml")
    assert isinstance(config, DictConfig)
    config.ref = model_reference(config_path)
    return config
