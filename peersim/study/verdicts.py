"""What came of a run's control gates, as it is kept with them."""

from peersim.store.schema import FILE
from peersim.store.torn import reading
from peersim.store.view import RunView, StoreView
from peersim.study.arms import held_study
from peersim.study.frozen_plan import held_plan
from peersim.study.gates import VERDICT_KEY, Verdict, gate_directory
from peersim.study.protocol import Gate


def verdicts(view: RunView | StoreView) -> list[tuple[Gate, Verdict | None]]:
    """Return the gates that a run declares, each with what came of it; None if it was not run.

    Gates that a deviation took out or added are among them. The jobs of a sweep have gates of
    their own.

    Args:
        view: The run or sweep.

    Raises:
        StoreError: If a verdict is torn.
    """
    stores = view.stores if isinstance(view, RunView) else [view]
    return [(gate, _verdict(store, gate)) for store in stores for gate in _gates(store)]


def _gates(store: StoreView) -> list[Gate]:
    plan, study = held_plan(store), held_study(store)
    frozen = plan.protocol.gates if plan else ()
    later = study.protocol.gates if study else ()
    return list({gate.id: gate for gate in (*frozen, *later)}.values())


def _verdict(store: StoreView, gate: Gate) -> Verdict | None:
    path = gate_directory(store.path.parent, gate.id) / FILE
    if not path.is_file():
        return None
    view = StoreView(path)
    try:
        text = view.meta(VERDICT_KEY)
        with reading(f"the verdict of gate {gate.id} in {path}"):
            return Verdict.model_validate_json(text) if text else None
    finally:
        view.connection.close()
