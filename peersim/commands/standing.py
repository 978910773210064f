"""What stands above all results of a run: its plan's files, its gates, and what overrode them."""

from pathlib import Path

from rich.console import Console

from peersim.commands.gates import said
from peersim.store.view import RunView, StoreView
from peersim.study.frozen_plan import check_plan, held_plan
from peersim.study.verdicts import verdicts

FEW_ALLOWED = "begun with too few histories for a primary contrast (allow_few_histories=true)"


def print_trouble(directory: Path, console: Console) -> None:
    """Print what was changed in a run's files of its plan and of early looks."""
    for trouble in check_plan(directory):
        console.print(trouble, style="red", soft_wrap=True, markup=False)


def print_gates(view: RunView | StoreView, console: Console, indent: str = "") -> None:
    """Print what came of a run's control gates, and why the study went on past them if it did.

    Args:
        view: The run or sweep.
        console: Where to print.
        indent: What to begin each line with.
    """
    plan = held_plan(view)
    if plan and plan.gate_override:
        text = f"{indent}the control gates were overridden: {plan.gate_override}"
        console.print(text, style="red", soft_wrap=True, markup=False)
    if plan and plan.few_allowed:
        text = f"{indent}{FEW_ALLOWED}"
        console.print(text, style="red", soft_wrap=True, markup=False)
    for gate, found in verdicts(view):
        text = said(found) if found else f"gate {gate.id} was not run"
        style = None if found and found.open else "yellow"
        console.print(f"{indent}{text}", style=style, soft_wrap=True, markup=False)
