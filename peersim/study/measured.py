"""What the calls of a store took, by role: the material of forecasts."""

from pathlib import Path

from peersim.record import TrialRecord
from peersim.store.view import RunView, StoreView
from peersim.study.forecast import role_of
from peersim.study.loads import Load

# said: what the caller had said before a call, all of which stands in the call's request.
_CALLS = """
SELECT owner, caller, model, COUNT(*), SUM(input_tokens), SUM(cached_tokens), SUM(output_tokens),
    SUM(said)
FROM (
    SELECT *, SUM(output_tokens) OVER (
        PARTITION BY owner, caller ORDER BY number
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS said FROM calls
) GROUP BY owner, caller, model
"""


class Owners:
    """Whose calls a store holds, how many they are, and who reads what they said."""

    def __init__(self, view: RunView, store: StoreView) -> None:
        """Look through one store of a run."""
        found = store.query("SELECT owner, COUNT(*), SUM(output_tokens) FROM calls GROUP BY 1")
        self.calls = {str(owner): int(str(count)) for owner, count, _ in found}
        self.said = {str(owner): _number(said) for owner, _, said in found}
        self.overseers: set[str] = set()
        self.chain = 0
        self._reads: dict[str, str] = {}
        self._blocks: dict[int, set[str]] = {}
        for record, holder in view.records():
            if holder is store:
                self._add(record)

    def _add(self, record: TrialRecord) -> None:
        trial, history, memory = record.trial_id, record.history_id, record.recollection_id
        self.overseers.add(record.spec.oversight.overseer)
        self.chain = max(
            self.chain, sum(self.calls.get(one, 0) for one in (trial, history, memory))
        )
        self._blocks.setdefault(record.block, set()).update((trial, history, memory))
        # Where nobody wrote a memory, the job is told of the history itself.
        self._reads |= {memory: history, trial: memory if memory in self.calls else history}

    @property
    def spread(self) -> tuple[float, float]:
        """The fewest and the most calls of a replicate, over their mean."""
        counts = [sum(self.calls.get(one, 0) for one in who) for who in self._blocks.values()]
        mean = sum(counts) / len(counts) if counts else 0.0
        return (min(counts) / mean, max(counts) / mean) if mean else (1.0, 1.0)

    def overheard(self, owner: str, calls: float, written: float) -> float:
        """Return the most tokens of others' replies that a caller's calls can have read."""
        others = self.said[owner] - written
        # On average half of what the others say in a conversation has been said at a call.
        heard = others * (calls + 1) / 2
        return heard + self.said.get(self._reads.get(owner, ""), 0.0) * calls


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def loads(store: StoreView, overseers: set[str], owners: Owners) -> list[Load]:
    """Return the calls of a store by role and model."""
    found: dict[tuple[str, str], Load] = {}
    for owner, caller, model, *counts in store.query(_CALLS):
        calls, read, cached, written, again = map(_number, counts)
        load = Load(
            role=role_of(str(owner), str(caller), overseers),
            model=str(model),
            calls=calls,
            input_tokens=read,
            cached_tokens=cached,
            output_tokens=written,
            reread_tokens=again,
            overheard_tokens=owners.overheard(str(owner), calls, written),
        )
        key = (load.role, load.model)
        found[key] = found[key].plus(load) if key in found else load
    return [found[key] for key in sorted(found)]


def sizes_of(directory: Path) -> dict[str, Load]:
    """Return the calls of a run or sweep by role, to take tokens a call from."""
    found: dict[str, Load] = {}
    view = RunView(directory)
    for store in view.stores:
        owners = Owners(view, store)
        for load in loads(store, owners.overseers, owners):
            found[load.role] = found[load.role].plus(load) if load.role in found else load
    return found
