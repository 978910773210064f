"""From a composed configuration to a study."""

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from peersim.config.declared import settle
from peersim.config.extra import is_extra
from peersim.config.grids import factor_cells, grid_cells
from peersim.config.messages import from_hydra, from_validation
from peersim.config.parts import REACHING, arm, endpoints, reference
from peersim.config.schema import RunConfig
from peersim.errors import ConfigError
from peersim.study.contrast import matches
from peersim.study.design import Arm, GateArms, Study

# Overrides that change how a study is run but not what an arm is.
OPERATIONAL = (
    "seed",
    "replicates",
    "trials_per_history",
    "concurrency",
    "max_invalid",
    "study",
    "probes",
    "tracking",
    "retry",
    "budget",
    "throttle",
    "limits",
    "override_gates",
    "allow_few_histories",
    "hydra",
)

# Judging comes after the trials, so who judges is no part of an arm either.
JUDGE = re.compile(r"(^|@)roles\.judge\b")

Compose = Callable[[Sequence[str]], DictConfig]


def read(config: DictConfig) -> RunConfig:
    """Return a composed configuration as typed values.

    Raises:
        ConfigError: If a key is unknown or a value is not allowed.
    """
    try:
        plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise from_hydra(error, RunConfig) from error
    try:
        return RunConfig.model_validate(plain)
    except ValidationError as error:
        raise from_validation(error, RunConfig, plain) from error


def chosen(overrides: Sequence[str]) -> dict[str, str]:
    """Return the keys and values of command-line overrides, the operational ones left out."""
    pairs = (override.lstrip("+~").partition("=") for override in overrides)
    return {
        key: value
        for key, _, value in pairs
        if key.split(".")[0].split("/")[0].split("@")[0] not in OPERATIONAL
        and not JUDGE.search(key)
        and not set(key.split(".")) & set(REACHING)
    }


def build(
    config: DictConfig,
    overrides: Sequence[str],
    compose: Compose,
    sources: Sequence[Path],
    *,
    whole: bool = True,
) -> tuple[Study, RunConfig]:
    """Return the study that a configuration describes, and the configuration as read.

    A factor that is set on the command line is fixed there: it keeps its place in the arm's
    name, but is no longer varied.

    Args:
        config: The composed configuration.
        overrides: The command line's overrides.
        compose: Composes again with further overrides.
        sources: The configuration directories, for personas.
        whole: Whether this is all of the study. Of a part, such as a job of a sweep, nothing is
            excluded and nothing declared yet: that is ``declared.settle``'s, of all parts.

    Raises:
        ConfigError: If anything in it is wrong.
    """
    run = read(config)
    fixed = chosen(overrides)
    settings = {key: value for key, value in fixed.items() if key not in run.study.factors}
    cells = grid_cells(run.study) or [
        (levels, {key: level for key, level in levels.items() if key not in fixed})
        for levels in factor_cells(run.study, fixed)
    ]
    bases = Bases(overrides, compose)
    level_runs = [(levels, bases.run(keys) if keys else run) for levels, keys in cells]
    arms = tuple(arm(levels, settings, level_run, sources) for levels, level_run in level_runs)
    if run.replicates == 1 and any(one.transform.kind == "yoked" for one in arms):
        raise ConfigError("transform yoked needs another history", "set replicates to 2 or more")
    gates, gate_runs = _gates(run, arms, bases, settings, sources)
    runs = [level_run for _, level_run in level_runs] + gate_runs
    configs = [c for r in runs for c in (r.model, *r.roles.values())]
    study = Study(
        name=run.study.name,
        seed=run.seed,
        replicates=run.replicates,
        trials_per_history=run.trials_per_history,
        arms=arms,
        endpoints=endpoints(configs),
        retry=run.retry,
        judge=reference(run.roles["judge"]) if "judge" in run.roles else None,
        probes=run.probes,
        gates=gates,
        override_gates=run.override_gates,
        allow_few_histories=run.allow_few_histories,
    )
    return settle(study, run.study) if whole else study, run


def _gates(
    run: RunConfig,
    arms: Sequence[Arm],
    bases: "Bases",
    settings: dict[str, str],
    sources: Sequence[Path],
) -> tuple[tuple[GateArms, ...], list[RunConfig]]:
    """Return the arms of the control gates, and the configurations that were read for them."""
    runs: list[RunConfig] = []

    def side(levels: dict[str, str]) -> Arm:
        found = next((one for one in arms if levels and matches(one.levels, {**levels})), None)
        if found is not None:
            return found
        runs.append(bases.run(levels))
        return arm(levels, settings, runs[-1], sources)

    found = tuple(
        GateArms(id=gate.id, positive=side(gate.positive), negative=side(gate.negative))
        for gate in run.study.gates
    )
    return found, runs


class Bases:
    """Configurations by the choices that only Hydra can make; the rest is set on copies.

    Composing takes a twentieth of a second, and the cells of a matrix differ mostly in values.
    """

    def __init__(self, overrides: Sequence[str], compose: Compose) -> None:
        """Compose with the command line's overrides."""
        self._overrides = overrides
        self._compose = compose
        self._known: dict[tuple[str, ...], DictConfig] = {}

    def run(self, keys: Mapping[str, str]) -> RunConfig:
        """Return the configuration with some keys set besides.

        Raises:
            ConfigError: If there is no such key, choice or value.
        """
        chosen = tuple(f"{key}={value}" for key, value in keys.items() if "." not in key)
        if chosen not in self._known:
            self._known[chosen] = self._compose([*self._overrides, *chosen])
        config = copy.deepcopy(self._known[chosen])
        try:
            for key, value in keys.items():
                if "." in key:
                    value_of, new = yaml.safe_load(value), is_extra(key)
                    OmegaConf.update(config, key, value_of, merge=False, force_add=new)
        except OmegaConfBaseException as error:
            raise from_hydra(error, RunConfig) from error
        return read(config)
