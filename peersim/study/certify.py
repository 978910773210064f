"""Before a study runs: no two arms may be the same."""

from peersim.errors import ConfigError
from peersim.study.design import Arm, Study


def certify(study: Study) -> None:
    """Check that any two arms differ in what decides their outcome.

    Raises:
        ConfigError: If two arms would run the very same trials.
    """
    seen: dict[str, Arm] = {}
    for arm in study.arms:
        twin = seen.setdefault(arm.trial(study.seed, 0, 0, study.replicates).trial_id, arm)
        if twin is not arm:
            raise ConfigError(
                f"arms {_name(twin)} and {_name(arm)} are the same in everything that"
                " decides an outcome",
                "give each level of a factor once, and only levels that change something",
            )


def _name(arm: Arm) -> str:
    return "(" + ", ".join(f"{key}={level}" for key, level in arm.levels.items()) + ")"
