"""All jobs of a sweep as one study: what the sweep varies are factors like any other."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from peersim.config.declared import settle
from peersim.config.schema import RunConfig
from peersim.errors import ConfigError
from peersim.models.base import Endpoint
from peersim.study.arms import varied_settings
from peersim.study.design import Arm, GateArms, Study
from peersim.study.protocol import Gate

# What a study has only one of. Of its file, what it is cut down to may differ.
_ONE_EACH = {
    *("seed", "replicates", "trials_per_history", "probes", "concurrency", "max_invalid"),
    *("tracking", "retry", "budget", "throttle", "limits", "override_gates", "study"),
    "allow_few_histories",
}
_CUT = "study.only."
_APART = "hydra/launcher=basic makes each job a run of its own"


class Job(NamedTuple):
    """A study, and where it goes: one job of Hydra's, or all jobs of a sweep merged.

    Attributes:
        config: The configuration; of a merged sweep, that of its first job.
        directory: Where its store goes.
        sweep: The directory of the sweep that the job belongs to; None for a single run.
    """

    study: Study
    config: RunConfig
    directory: Path
    sweep: Path | None

    @property
    def merged(self) -> bool:
        """Whether it is all of a sweep."""
        return self.directory == self.sweep


def merged(jobs: Sequence[Job]) -> Job:
    """Return one job that is all jobs of a sweep: their arms side by side, in one place.

    A key that the sweep varies becomes a factor of every arm, beside the study's own.

    Args:
        jobs: All jobs of one sweep, built as parts; at least one.

    Raises:
        ConfigError: If jobs differ in what a study has only one of, give the same arm twice, or
            if what the study declares does not fit the arms.
    """
    first, home = jobs[0], jobs[0].sweep
    assert home is not None
    _check_one_of_each(jobs)
    gates = _gates(jobs)
    declared = first.config.study.model_copy(update={"gates": tuple(gate for gate, _ in gates)})
    study = first.study.model_copy(
        update={
            "endpoints": _endpoints(jobs),  # before the arms, of which they are no part
            "arms": _arms(jobs),
            "gates": tuple(arms for _, arms in gates),
        }
    )
    config = first.config.model_copy(update={"study": declared})
    return Job(settle(study, declared), config, home, home)


def _check_one_of_each(jobs: Sequence[Job]) -> None:
    plain = [dict(_leaves(job.config.model_dump(mode="json", include=_ONE_EACH))) for job in jobs]
    judges = [job.study.judge.ref if job.study.judge else None for job in jobs]
    plain = [one | {"roles.judge": judge} for one, judge in zip(plain, judges, strict=True)]
    for key in dict.fromkeys(key for one in plain for key in one):
        given = list(dict.fromkeys(json.dumps(one.get(key)) for one in plain))
        if len(given) == 1 or key.startswith(_CUT):
            continue
        own = {
            "seed": f"for more histories raise replicates=; {_APART}",
            "study.name": f"start them one after the other; {_APART}",
        }
        shown = ", ".join(value.strip('"') for value in given)
        raise ConfigError(
            f"{key} differs between the jobs of the sweep ({shown}), and they are one study",
            own.get(key, f"give {key}= once; {_APART}"),
        )


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _arms(jobs: Sequence[Job]) -> tuple[Arm, ...]:
    """Return all arms, each named by its study's factors and by what the sweep varies."""
    arms = [arm for job in jobs for arm in job.study.arms]
    varied = varied_settings([arm.settings for arm in arms])
    if both := [key for key in varied if any(key in arm.levels for arm in arms)]:
        raise ConfigError(
            f"the sweep varies {both[0]}, which is a factor of the study too",
            "leave it out of the sweep, or cut the study down with study.only",
        )
    found: dict[frozenset[tuple[str, str]], Arm] = {}
    for arm in arms:
        levels = arm.levels | {key: arm.settings.get(key, "unset") for key in varied}
        settings = {key: value for key, value in arm.settings.items() if key not in varied}
        one = arm.model_copy(update={"levels": levels, "settings": settings})
        if found.setdefault(frozenset(levels.items()), one) is not one:
            own = levels | settings  # what is given twice is varied nowhere
            named = ", ".join(f"{key}={level}" for key, level in own.items())
            raise ConfigError(
                f"two jobs of the sweep are the same arm ({named})", "give each value once"
            )
    return tuple(found.values())


def _endpoints(jobs: Sequence[Job]) -> dict[str, Endpoint]:
    found: dict[str, Endpoint] = {}
    for job in jobs:
        for ref, endpoint in job.study.endpoints.items():
            if found.setdefault(ref, endpoint) != endpoint:
                raise ConfigError(
                    f"jobs of the sweep reach {ref} in two ways",
                    f"give the same endpoint everywhere; {_APART}",
                )
    return found


def _gates(jobs: Sequence[Job]) -> list[tuple[Gate, GateArms]]:
    """Return the control gates: each once for every set of models that the sweep brings to it.

    Controls prove the instrument on a model. What else a sweep varies they take from the first
    job that has the models.
    """
    found: list[tuple[Gate, GateArms]] = []
    for place, gate in enumerate(jobs[0].config.study.gates):
        distinct: dict[str, GateArms] = {}
        for arms in (job.study.gates[place] for job in jobs):
            models = (arms.positive.models, arms.negative.models)
            ids = [{role: ref.model_id for role, ref in one.items()} for one in models]
            distinct.setdefault(json.dumps(ids), arms)
        for number, arms in enumerate(distinct.values(), 1):
            name = {"id": gate.id if len(distinct) == 1 else f"{gate.id}_{number}"}
            found.append((gate.model_copy(update=name), arms.model_copy(update=name)))
    return found
