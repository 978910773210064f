"""From a composed configuration to a study."""

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from peersim.agents.persona import Persona
from peersim.config.grids import combinations, grid_cells
from peersim.config.messages import from_hydra, from_validation
from peersim.config.schema import (
    ModelConfig,
    PersonaConfig,
    RunConfig,
)
from peersim.errors import ConfigError
from peersim.history.spec import check_group
from peersim.ids import digest
from peersim.models.base import Endpoint, ModelRef
from peersim.study.design import Arm, Company, Role, Study
from peersim.tasks.scripts import NoScript

ROLES: tuple[Role, ...] = ("subject", "peer", "memory")
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
    "hydra",
)

# Overrides of how a model is reached: no part of an arm, and an address may hold a secret.
REACHING = (
    "base_url",
    "key_env",
    "timeout_seconds",
    "price",
    "prompt_cache",
    "latency_seconds",
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
        raise from_hydra(error) from error
    try:
        return RunConfig.model_validate(plain)
    except ValidationError as error:
        raise from_validation(error, RunConfig) from error


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
    config: DictConfig, overrides: Sequence[str], compose: Compose, sources: Sequence[Path]
) -> tuple[Study, RunConfig]:
    """Return the study that a configuration describes, and the configuration as read.

    A factor that is set on the command line is fixed there: it keeps its place in the arm's
    name, but is no longer varied.

    Args:
        config: The composed configuration.
        overrides: The command line's overrides.
        compose: Composes again with further overrides.
        sources: The configuration directories, for personas.

    Raises:
        ConfigError: If anything in it is wrong.
    """
    run = read(config)
    fixed = chosen(overrides)
    factors = {
        key: (fixed[key],) if key in fixed else levels for key, levels in run.study.factors.items()
    }
    settings = {key: value for key, value in fixed.items() if key not in factors}
    cells = grid_cells(run.study) or [
        (levels, {key: level for key, level in levels.items() if key not in fixed})
        for levels in combinations(factors)
    ]
    bases = Bases(overrides, compose)
    level_runs = [(levels, bases.run(keys) if keys else run) for levels, keys in cells]
    arms = tuple(arm(levels, settings, level_run, sources) for levels, level_run in level_runs)
    if run.replicates == 1 and any(one.transform.kind == "yoked" for one in arms):
        raise ConfigError("transform yoked needs another history", "set replicates to 2 or more")
    configs = [c for _, r in level_runs for c in (r.model, *r.roles.values())]
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
    )
    return study, run


def endpoints(models: Sequence[ModelConfig]) -> dict[str, Endpoint]:
    """Return how each model is reached, by its reference.

    Raises:
        ConfigError: If one reference is to be reached in two ways: its calls would be mixed up.
    """
    found: dict[str, Endpoint] = {}
    for model in models:
        if found.setdefault(model.ref, model.endpoint()) != model.endpoint():
            raise ConfigError(
                f"{model.ref} is to be reached in two ways ({', '.join(REACHING)})",
                "give the same endpoint everywhere, or run two studies",
            )
    return found


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
                    OmegaConf.update(config, key, yaml.safe_load(value), merge=False)
        except OmegaConfBaseException as error:
            raise from_hydra(error) from error
        return read(config)


def arm(
    levels: dict[str, str], settings: dict[str, str], run: RunConfig, sources: Sequence[Path]
) -> Arm:
    """Return the arm that a configuration describes."""
    return Arm(
        levels=levels,
        settings=settings,
        roster=run.roster,
        overseer_persona=persona(run.persona.overseer, sources),
        peer_persona=persona(run.persona.peer, sources),
        task=run.task,
        memory=run.memory,
        scenario=run.scenario,
        persona_at_oversight=run.persona_at_oversight,
        models={role: reference(run.model_of(role)) for role in ROLES},
        company=company(run, sources),
        transform=run.transform,
        appointment=run.appointment,
        circumstances=run.circumstances,
    )


def company(run: RunConfig, sources: Sequence[Path]) -> Company:
    """Return who takes part beside the two in focus, and how.

    Raises:
        ConfigError: If a persona is missing, or the group cannot do the task.
    """
    some = bool(run.roster.background)
    scripts = (run.partner_script, run.background_script if some else NoScript())
    peer, background = (None if isinstance(s, NoScript) else s for s in scripts)
    lived = run.history == "lived"
    try:
        if lived:
            check_group(run.task, len(run.roster.names), run.topology)
    except ValueError as error:
        raise ConfigError(f"task and roster do not fit: {error}", "see: README, Groups") from error
    return Company(
        lived=lived,
        topology=run.topology,
        delay=run.delay,
        peer_script=peer,
        background_script=background,
        background_persona=persona(run.persona.background, sources) if some else None,
    )


def persona(name: str, sources: Sequence[Path]) -> Persona:
    """Return a persona by the name of its file.

    Args:
        name: The file's name under ``persona/`` in a configuration directory, without ending.
        sources: The configuration directories; the first that has the file counts.

    Raises:
        ConfigError: If there is none, or it does not fit.
    """
    paths = [source / "persona" / f"{name}.yaml" for source in sources]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        known = sorted({p.stem for source in sources for p in source.glob("persona/*.yaml")})
        raise ConfigError(f"no persona named {name!r}", f"choose one of {', '.join(known)}")
    try:
        found = PersonaConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        problem = str(error).splitlines()[0]
        raise ConfigError(f"{path} cannot be read ({problem})", "mend the file") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {from_validation(error, PersonaConfig)}") from error
    return Persona(name=name, disposition=found.disposition, voice=found.voice, goals=found.goals)


def reference(model: ModelConfig) -> ModelRef:
    """Return what decides a model's replies; a function counts by the text of its file.

    Raises:
        ConfigError: If the profile or the function's file cannot be used.
    """
    from peersim.models.simulated.profile import check_profile

    code = None
    if model.function:
        path = Path(model.function.rpartition(":")[0])
        if not path.is_file():
            raise ConfigError(
                f"{model.ref}: no file {str(path)!r}", "give model.function as path/to/file.py:name"
            )
        code = digest(path.read_text(encoding="utf-8"))
    elif model.ref.startswith("simulated/"):
        check_profile(model.ref, model.profile)
    return model.reference(code)
