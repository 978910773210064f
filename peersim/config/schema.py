"""The composed configuration as typed values; a key that is not here is an error."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, JsonValue, ValidationInfo, field_validator, model_validator

from peersim.agents.persona import Disposition
from peersim.frozen import Frozen
from peersim.history.transforms import AnyTransform
from peersim.memory.kinds import AnyMemory
from peersim.models.asked import Sampling
from peersim.models.base import Endpoint, ModelRef
from peersim.models.meter import Budget
from peersim.models.money import Price
from peersim.models.retry import RetryPolicy
from peersim.models.secretive import secretive_names
from peersim.models.throttle import ThrottlePolicy
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.kinds import AnyScenario
from peersim.spec import Appointment
from peersim.study.conditions import Limits
from peersim.study.contrast import Cells, Contrast
from peersim.study.design import Role, Roster
from peersim.study.protocol import Gate, Protocol, Scope
from peersim.tasks.kinds import AnyTask
from peersim.tasks.pairs import Topology
from peersim.tasks.scripts import ScriptOrNone

Level = str | int | float | bool | None


def level_text(level: Level) -> str:
    """Return a level as Hydra's command line writes it."""
    if level is None or isinstance(level, bool):
        return {None: "null", True: "true", False: "false"}[level]
    return str(level)


class ModelConfig(Frozen):
    """One model of the group ``model``; see ``conf/model/base.yaml``."""

    ref: str = Field(pattern=r"^[\w.-]+/.+$")
    temperature: float | None = Field(default=None, ge=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    send_seed: bool = False
    extra: dict[str, JsonValue] = {}
    base_url: str | None = Field(default=None, pattern=r"^https?://[^@]+$")
    key_env: str | None = Field(default=None, pattern=r"^[A-Z_][A-Z0-9_]*$")
    timeout_seconds: float = Field(default=120.0, gt=0)
    price: Price | None = None
    prompt_cache: bool = False
    latency_seconds: float = Field(default=0.0, ge=0)
    expected_output_tokens: int | None = Field(default=None, ge=1)
    profile: dict[str, JsonValue] | None = None
    function: str | None = None

    def reference(self, code_digest: str | None) -> ModelRef:
        """Return what decides the model's replies."""
        sampling = Sampling(
            temperature=self.temperature, top_p=self.top_p, max_tokens=self.max_tokens
        )
        return ModelRef(
            ref=self.ref,
            sampling=sampling,
            send_seed=self.send_seed,
            extra=self.extra,
            profile=self.profile,
            code_digest=code_digest,
        )

    def endpoint(self) -> Endpoint:
        """Return how the model is reached."""
        return Endpoint(
            base_url=self.base_url,
            key_env=self.key_env,
            timeout_seconds=self.timeout_seconds,
            price=self.price,
            prompt_cache=self.prompt_cache,
            latency_seconds=self.latency_seconds,
            expected_output_tokens=self.expected_output_tokens,
            function=_absolute(self.function),
        )

    @field_validator("extra")
    @classmethod
    def _holds_no_secret(cls, extra: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if names := secretive_names(extra):
            raise ValueError(f"{', '.join(names)} may hold a secret: use key_env for keys")
        return extra


def _absolute(function: str | None) -> str | None:
    """Return ``file.py:name`` so that it is found from any directory when a run is resumed."""
    if function is None:
        return None
    path, _, name = function.rpartition(":")
    return f"{Path(path).resolve()}:{name}"


class PersonaConfig(Frozen):
    """One persona; see ``conf/persona``."""

    disposition: Disposition
    voice: str = ""
    goals: tuple[str, ...] = ()


class CastConfig(Frozen):
    """The names of the personas that are given out."""

    overseer: str
    peer: str
    background: str = "neutral"


# A factor's levels by name, each with the keys that it sets.
Levels = dict[str, dict[str, Level]]
# Factors whose levels are all combined.
Grid = dict[str, Levels]


class StudyConfig(Frozen):
    """Which factors are varied; see ``conf/study``.

    Attributes:
        factors: Keys of the configuration with the levels of each; all combinations are arms.
        grids: Several such products, one after the other, for studies that are no single one.
            Here a level has a name of its own and may set several keys.
        levels: Where a file keeps what its grids share, for YAML's anchors; it is not read.
        only: Levels of factors to which the study is cut down; null for all.
        contrasts: What is compared, declared before the run, by id or as a list.
        exclude: Cells that are left out on purpose, since they mean nothing.
        correction: How the primary contrasts are adjusted for their number.
        looks: At which shares of the histories outcomes by arm are looked at.
        gates: Controls that must separate before the study is begun, by id or as a list.
        scopes: Scopes of factors that are to be taken as coarser than the design shows.
    """

    name: str
    factors: dict[str, tuple[Level, ...]] = {}
    levels: dict[str, JsonValue] = {}
    grids: dict[str, Grid] = {}
    only: dict[str, tuple[str, ...] | None] = {}
    contrasts: tuple[Contrast, ...] = ()
    exclude: tuple[Cells, ...] = ()
    correction: Literal["holm", "max_t"] = "holm"
    looks: tuple[float, ...] = (1.0,)
    gates: tuple[Gate, ...] = ()
    scopes: dict[str, Scope] = {}

    @field_validator("contrasts", "gates", mode="before")
    @classmethod
    def _by_id(cls, given: Any, info: ValidationInfo) -> Any:
        """Take a mapping by id, or a list; null takes an entry of another file away."""
        if isinstance(given, Mapping):
            given = [
                {"id": key, **fields} if isinstance(fields, Mapping) else fields
                for key, fields in given.items()
                if fields is not None
            ]
        kind: type[Contrast | Gate] = Gate if info.field_name == "gates" else Contrast
        for one in given if isinstance(given, Sequence) else ():
            _check_fields(one, kind)
        return [_textual(one) for one in given] if isinstance(given, Sequence) else given

    @field_validator("only", mode="before")
    @classmethod
    def _flat(cls, given: Any) -> Any:
        """Take the dots of a factor's key for what they are, and not for keys within keys."""
        return dict(_leaves(given)) if isinstance(given, Mapping) else given

    @field_validator("exclude", mode="before")
    @classmethod
    def _in_text(cls, given: Any) -> Any:
        return [_cells(one) for one in given] if isinstance(given, Sequence) else given

    @model_validator(mode="after")
    def _holds_together(self) -> "StudyConfig":
        Protocol(contrasts=self.contrasts, looks=self.looks, gates=self.gates)
        return self

    @model_validator(mode="after")
    def _one_way(self) -> "StudyConfig":
        if self.factors and self.grids:
            raise ValueError("give factors or grids, not both")
        return self


def _leaves(given: Mapping[Any, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a factor's key and its levels as texts, however deep they lie."""
    for key, value in given.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{key}.")
        elif isinstance(value, list | tuple):
            yield f"{path}{key}", tuple(level_text(level) for level in value)
        else:
            yield f"{path}{key}", value


def _check_fields(one: Any, kind: type[Contrast | Gate]) -> None:
    """Check the fields of a contrast or a gate, so that it is named and not counted.

    Raises:
        ValueError: If it has one that there is not.
    """
    known = list(kind.model_fields)
    for field in one if isinstance(one, Mapping) else ():
        if field not in known:
            raise ValueError(
                f"{one.get('id', 'one of them')} has no field {field!r}; the fields of a"
                f" {kind.__name__.lower()} are {', '.join(known)}"
            )


# The keys of contrasts and gates whose values are cells.
_SIDES = ("a", "b", "c", "d", "positive", "negative")


def _textual(one: Any) -> Any:
    """Return a contrast or gate with its levels as texts, as arms have them."""
    if not isinstance(one, Mapping):
        return one
    return {key: _cells(value) if key in _SIDES else value for key, value in one.items()}


def _cells(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    return {
        factor: [level_text(level) for level in levels]
        if isinstance(levels, list | tuple)
        else level_text(levels)
        for factor, levels in given.items()
    }


class TrackingConfig(Frozen):
    """Where a study is tracked; see ``conf/tracking``."""

    kind: Literal["wandb", "none"]
    project: str = "peersim"
    mode: Literal["auto", "offline", "online", "disabled"] = "offline"
    entity: str | None = None
    arms_max: int = Field(default=300, ge=0)


class RunConfig(Frozen):
    """The whole configuration of one arm; see ``conf/config.yaml``."""

    model: ModelConfig
    task: AnyTask
    memory: AnyMemory
    scenario: AnyScenario
    study: StudyConfig
    tracking: TrackingConfig
    seed: int = Field(ge=0)
    replicates: int = Field(ge=1)
    trials_per_history: int = Field(ge=1)
    concurrency: int = Field(ge=1)
    max_invalid: float = Field(ge=0, le=1)
    roster: Roster
    persona: CastConfig
    persona_at_oversight: Literal["dropped", "kept"]
    roles: dict[Role, ModelConfig]
    history: Literal["lived", "absent"]
    topology: Topology
    delay: int = Field(ge=0)
    partner_script: ScriptOrNone
    background_script: ScriptOrNone
    transform: AnyTransform
    appointment: Appointment
    circumstances: Circumstances
    probes: int = Field(ge=0)
    retry: RetryPolicy
    budget: Budget
    throttle: ThrottlePolicy
    limits: Limits
    override_gates: str | None = Field(default=None, pattern=r"\S")
    allow_few_histories: bool = False

    def model_of(self, role: Role) -> ModelConfig:
        """Return the model of a role: its own, or the one for all."""
        return self.roles.get(role, self.model)
