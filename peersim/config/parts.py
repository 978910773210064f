"""The parts of an arm: what a configuration as read says of personas, models and company."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from peersim.agents.persona import Persona
from peersim.config.messages import from_validation
from peersim.config.near import near
from peersim.config.schema import ModelConfig, PersonaConfig, RunConfig
from peersim.errors import ConfigError
from peersim.history.spec import check_group
from peersim.ids import digest
from peersim.models.base import Endpoint, ModelRef
from peersim.study.design import Arm, Company, Role
from peersim.tasks.scripts import NoScript

ROLES: tuple[Role, ...] = ("subject", "peer", "memory")
# Overrides of how a model is reached: no part of an arm, and an address may hold a secret.
REACHING = (
    "base_url",
    "key_env",
    "timeout_seconds",
    "price",
    "prompt_cache",
    "latency_seconds",
    "expected_output_tokens",
)


def endpoints(models: Sequence[ModelConfig]) -> dict[str, Endpoint]:
    """Return how each model is reached, by its reference.

    Raises:
        ConfigError: If one reference is to be reached in two ways: its calls would be mixed up.
    """
    found: dict[str, Endpoint] = {}
    for model in models:
        first, own = found.setdefault(model.ref, model.endpoint()), model.endpoint()
        if first != own:
            # What was given for them may be a secret, so only their names are said.
            apart = [
                key for key in Endpoint.model_fields if getattr(first, key) != getattr(own, key)
            ]
            raise ConfigError(
                f"{model.ref} is to be reached in two ways (they differ in {', '.join(apart)})",
                "give every role that it has the same, or run two studies",
            )
    return found


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
        where = "see: README, History as a material, Tasks"
        raise ConfigError(f"task and roster do not fit: {error}", where) from error
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
        fix = near(name, known) or f"choose one of {', '.join(known)}"
        raise ConfigError(f"no persona named {name!r}", fix)
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
