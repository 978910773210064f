"""How many studies beside a run ask the same: each is another chance to find something."""

import json
from collections import Counter
from pathlib import Path

from peersim.study.frozen_plan import PLAN_FILE


def sharing(directory: Path) -> dict[str, int]:
    """Return how many studies of the same folder declare each contrast of a run, itself included.

    Runs of one study, which ask the same of the same trials, count once. A plan that cannot be
    read counts for none.

    Args:
        directory: The run or sweep.
    """
    own = {name for _, names in _declared(directory / PLAN_FILE) for name in names}
    found: Counter[str] = Counter()
    paths = directory.resolve().parent.glob(f"*/{PLAN_FILE}")
    plans = dict(pair for path in paths for pair in _declared(path))
    for names in plans.values():
        found.update(names & own)
    return dict(sorted(found.items()))


def _declared(path: Path) -> list[tuple[str, set[str]]]:
    """Return a plan's study and the ids of its contrasts; nothing if it cannot be read."""
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        return [(str(plan["study_id"]), {one["id"] for one in plan["protocol"]["contrasts"]})]
    except (OSError, ValueError, KeyError, TypeError):
        return []
