"""Declared contrasts on the terminal: what was asked, what was found, and what was refused."""

from rich.console import Console
from rich.markup import escape

from peersim.analysis.alarms import Alarm
from peersim.analysis.declared import Finding, Part, Refused
from peersim.analysis.looks import NotYet
from peersim.analysis.pooled import model_parts, verdict_of
from peersim.analysis.studied import Studied
from peersim.readings.rows import TrialRow

ONE_SIDED = {
    "greater": " (each limit alone at 1 - alpha; p is that of the lower)",
    "less": " (each limit alone at 1 - alpha; p is that of the upper)",
    "equivalent": " (each limit alone at 1 - alpha, as in both tests of equivalence)",
}
"""What the limits of a claim say that does not look both ways for a difference."""


def print_studied(held: Studied, console: Console) -> None:
    """Print the declared contrasts of a study, one block for each, and the alarms that rang."""
    plan = held.plan
    console.print(f"\n[bold]declared contrasts[/] ({plan.digest}), {held.look.text}")
    for deviation in plan.deviations:
        changed = ", ".join(_departure(key, *pair) for key, pair in deviation.changed.items())
        said = f"deviation after {deviation.finished} trials: {changed}"
        console.print(f"  [yellow]{escape(said)}[/]", soft_wrap=True)
    for found in held.findings:
        lines = refusal(found) if isinstance(found, Refused) else block(found)
        console.print(f"\n[bold]{lines[0]}[/]")
        for line in lines[1:]:
            console.print(f"  {escape(line)}", soft_wrap=True)
    raised = [alarm for alarm in held.alarms if alarm.raised]
    for alarm in raised:
        console.print(f"\n[yellow]{escape(ring(alarm))}[/]", soft_wrap=True)
    if held.alarms and not raised:
        checks = ", ".join(dict.fromkeys(alarm.check for alarm in held.alarms))
        console.print(f"\nno alarm ({checks})")


def _departure(key: str, old: str, new: str) -> str:
    """Return one change of the plan; what is new as a whole is named and not written out."""
    for value, other, said in ((old, new, "added"), (new, old, "taken out")):
        if value == "null" and other.startswith("{"):
            return f"{key} {said}"
    return f"{key} from {old} to {new}"


def block(found: Finding) -> list[str]:
    """Return a finding as lines; the first is its title."""
    mark = " (simulated models)" if found.simulated else ""
    models = model_parts(found)
    lines = [f"{found.id}: {verdict_of(found)}{mark}"]
    lines += [found.estimand] if found.estimand else []
    lines += [_part(part, found) for part in models]
    per = " per unit of dose" if found.shape == "trend" else ""
    limits = _limits(found.low, found.high, found.confidence)
    side = ONE_SIDED.get(found.alternative, "")
    all_models = "over all models, " if models else ""
    lines.append(
        f"{all_models}{found.outcome}: {found.estimate:+.3f}{per}{limits}{side}, p {_p(found.p)}"
    )
    if found.p_adjusted is not None:
        together, alone = "", (found.low, found.high)
        if found.simultaneous and found.simultaneous_confidence:
            together = ", at the level it was tested at" + _limits(
                *found.simultaneous, found.simultaneous_confidence
            )
        if found.joint and found.joint not in (found.simultaneous, alone):
            together += f", for its whole family together{_limits(*found.joint, None)}"
        lines.append(f"adjusted p {_p(found.p_adjusted)} ({found.adjustment}){together}")
    lines.append(_method(found))
    lines += _sides(found)
    if found.equivalence:
        inner = found.equivalence
        limits = _limits(inner.low, inner.high, inner.confidence).lstrip(", ")
        lines.append(f"within {inner.margin:g}: {limits or 'no interval'}, p {_p(inner.p)}")
    lines += _missing(found)
    if surfaces := found.surfaces:
        spread = "not estimable" if surfaces.sd is None else f"{surfaces.sd:.3f}"
        low, high = surfaces.left_out
        lines.append(
            f"{surfaces.count} surfaces: SD of the effect between them {spread}, "
            f"{surfaces.modal_share:.0%} have its most common sign, "
            f"{low:+.3f} to {high:+.3f} with one left out"
        )
    rest = [part for part in found.parts if part not in models]
    lines += [_part(part, found) for part in (*rest, *found.sensitivity)]
    return [*lines, *(f"note: {note}" for note in found.notes)]


def refusal(found: Refused) -> list[str]:
    """Return a refused contrast as lines; the first is its title."""
    lines = [f"{found.id}: refused"]
    lines += [found.estimand] if found.estimand else []
    return [*lines, found.why, "it keeps its place among the contrasts, with p = 1"]


def ring(alarm: Alarm) -> str:
    """Return an alarm in a sentence."""
    what = {
        "invalid": "its sides lose different shares of their trials",
        "incomplete": "its sides leave different shares of their trials incomplete",
        "without a value": "its sides have different shares of valid trials without this outcome",
        "drift": "the outcome changes with time within arms, per 100 run blocks",
        "resumed": "it changed more in this arm than in others when the study was resumed",
    }[alarm.check]
    p = "" if alarm.p is None else f", p {_p(alarm.p)}"
    limits = _limits(alarm.low, alarm.high, 0.95)
    return f"alarm, {alarm.of}: {what}: {alarm.estimate:+.3f}{limits}{p} ({alarm.method})"


def print_waiting(look: NotYet, rows: list[TrialRow], console: Console) -> None:
    """Print the health of a study that may not be looked at yet, all arms together."""
    invalid = sum(not row.valid for row in rows)
    console.print(f"{look.text}. Until then only what says nothing of arms:")
    console.print(f"  {len(rows)} trials finished, {invalid} of them invalid")
    console.print("  wait, or look all the same with --early: it is noted and charged for")


def _method(found: Finding) -> str:
    where = f"{found.level} histories" if found.unit == "history" else "independent trials"
    df = "" if found.df is None else f", {found.df:.1f} df"
    plural = "histories" if found.unit == "history" else "trials"
    units = " v ".join(str(side.histories) for side in found.sides)
    trials = " v ".join(str(side.trials) for side in found.sides)
    worth = ""
    if found.icc is not None and found.effective is not None:
        worth = f"; ICC {found.icc:.2f}, worth {found.effective:.0f} independent trials"
    return f"{where}: {found.method}{df}; {units} {plural}, {trials} trials{worth}"


def _sides(found: Finding) -> list[str]:
    if found.doses:
        points = ", ".join(f"{point.dose:g}: {point.mean:.3f}" for point in found.doses)
        fitted = ", ".join(f"{point.monotone:.3f}" for point in found.doses)
        return [f"by dose {points} (monotone fit {fitted})"]
    return ["; ".join(f"{side.name} {side.mean:.3f}" for side in found.sides)]


def _missing(found: Finding) -> list[str]:
    if not any(side.invalid for side in found.sides):
        return []
    lines = []
    for side in found.sides:
        lost = ", ".join(f"{count} {origin}" for origin, count in side.invalid.items()) or "none"
        lines.append(f"invalid, {side.name}: {lost} of {side.assigned}")
    if found.bounds:
        low, high = found.bounds
        lines.append(f"whatever the invalid had done: {low:+.3f} to {high:+.3f}")
    if found.tipping is not None:
        lines.append(
            "tipping point: no finding if of the lost trials of the higher sides "
            f"{found.tipping:.0%} had it, and of the others {1 - found.tipping:.0%}"
        )
    for name, at in found.alone.items():
        said = "undone at no rate" if at is None else f"undone if {at:.0%} had it"
        lines.append(f"tipping point, lost trials of {name} alone: {said}")
    return lines


def _part(part: Part, found: Finding) -> str:
    """A part as a line; its limits and p look both ways, whatever the contrast claims."""
    value = "" if part.estimate is None else f"{part.estimate:+.3f}"
    both = "" if found.alternative == "two_sided" or part.estimate is None else " of two sides"
    p = "" if part.p is None else f", p {_p(part.p)}{both}"
    df = "" if part.df is None else f", {part.df:.1f} df"
    said = f"{value}{_limits(part.low, part.high, 1 - found.alpha)}{p}".removeprefix(", ")
    return f"{part.name}: {said} ({part.method}{df})"


def _limits(low: float | None, high: float | None, confidence: float | None) -> str:
    if low is None or high is None:
        return ""
    level = "" if confidence is None else f"{100 * confidence:.4g} % "
    return f", {level}{low:+.3f} to {high:+.3f}"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"
