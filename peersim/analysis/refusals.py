"""When a contrast cannot honestly be printed, and the level at which it can."""

from collections.abc import Collection, Sequence
from typing import Literal

from peersim.analysis.arms import Arm, Unit, arm_label
from peersim.analysis.trials import Trials, trials_of
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.record import substituted

Level = Literal["within", "between"]
MODEL_FACTORS = ("model", "roles")
"""A factor whose name starts like this says which models take part."""
BROKERED = "via "
"""How the name of who answered behind a broker begins."""


def refuse_empty(arm: Arm, rows: Sequence[TrialRow], measure: str) -> None:
    """Refuse an arm that was not run, or that has nothing to show for the measure.

    Raises:
        AnalysisRefusal: If the arm has no trial, no valid one, or none with a value.
    """
    if not rows:
        raise AnalysisRefusal(f"arm ({arm_label(arm)}) has no trials", "run it, or drop it")
    rows = trials_of(rows)
    if len(rows.lost) == len(rows):
        raise AnalysisRefusal(
            f"arm ({arm_label(arm)}) has no valid trial, {len(rows)} invalid",
            "mend what made them fail and resume the study",
        )
    if all(value is None for value in rows.column(measure)):
        raise AnalysisRefusal(
            f"arm ({arm_label(arm)}) has no value for {measure}",
            "choose a measure that its scenario has",
        )


def derived_level(a: Sequence[TrialRow], b: Sequence[TrialRow]) -> Level:
    """Within when both arms were forked from the same histories, between when they share none.

    Args:
        a: All rows of one arm, the invalid ones too: the design decides, not the losses.
        b: All rows of the other.

    Raises:
        AnalysisRefusal: If only some histories are shared, or only some trials have one.
    """
    a, b = trials_of(a), trials_of(b)
    if len(a.grown | b.grown) > 1:
        raise AnalysisRefusal(
            "some trials of this contrast grew from a lived history and some from none",
            "compare arms that all have a lived history, or arms that all have none",
        )
    first, second = a.lived, b.lived
    if not first & second:
        return "between"
    if first != second:
        raise AnalysisRefusal(
            f"the arms share {len(first & second)} of {len(first | second)} histories",
            "finish the study so that they share all, or pass only the shared ones",
        )
    return "within"


def refuse_mixed_models(
    a: Arm, b: Arm, rows_a: Sequence[TrialRow], rows_b: Sequence[TrialRow]
) -> None:
    """Refuse arms whose models differ, unless a factor between them says so.

    Raises:
        AnalysisRefusal: If an arm asked several sets of models or was served by several, or the
            two arms differ in either and no model factor declares it.
    """
    first, second = trials_of(rows_a), trials_of(rows_b)
    for arm, rows in ((a, first), (b, second)):
        if len(rows.asked) > 1:
            raise AnalysisRefusal(
                f"arm ({arm_label(arm)}) mixes models: {_named(rows.asked)}",
                "pass the rows of one of them, or make the model a factor",
            )
        _refuse_served(f"arm ({arm_label(arm)}) was", rows.served)
    differing = {name for name in {*a, *b} if a.get(name) != b.get(name)}
    if any(name.startswith(MODEL_FACTORS) for name in differing):
        return
    if first.asked != second.asked:
        raise AnalysisRefusal(
            f"the arms differ in their models ({_named(first.asked | second.asked)}), "
            "which no factor between them declares",
            "run both arms with the same models, or make the model a factor",
        )
    _refuse_served("the arms of this contrast were", first.served | second.served)


def refuse_mixed_parts(parts: Sequence[tuple[Arm, Sequence[TrialRow]]]) -> None:
    """Refuse arms of one contrast that differ in their models, where no factor says so.

    Args:
        parts: Each arm with its rows.

    Raises:
        AnalysisRefusal: If arms with the same levels of the model factors asked or were served
            by different sets of models, or one arm by several.
    """
    alike: dict[tuple[tuple[str, str], ...], list[Trials]] = {}
    for arm, rows in parts:
        named = sorted(pair for pair in arm.items() if pair[0].startswith(MODEL_FACTORS))
        alike.setdefault(tuple(named), []).append(trials_of(rows))
    for of in alike.values():
        if len(found := {models for rows in of for models in rows.asked}) > 1:
            raise AnalysisRefusal(
                f"the arms of this contrast mix models: {_named(found)}",
                "run all with the same models, or make the model a factor",
            )
        served = {pair for rows in of for pair in rows.served}
        _refuse_served("the arms of this contrast were", served)


def refuse_single_unit(arm: Arm, values: Collection[Unit]) -> None:
    """Refuse an arm with one history: it shows nothing of how histories vary.

    Args:
        arm: The arm.
        values: The independent units that have a value in it.

    Raises:
        AnalysisRefusal: If there is one unit only.
    """
    if len(values) < 2:
        raise AnalysisRefusal(
            f"arm ({arm_label(arm)}) rests on one {next(iter(values))[0]} only",
            "run more of them; more trials of the same one do not help",
        )


def _named(asked: Collection[tuple[str, ...]]) -> str:
    return " and ".join("+".join(models) or "no model" for models in sorted(asked))


def _refuse_served(who: str, served: Collection[tuple[str, str]]) -> None:
    """Refuse trials in which one and the same reference was answered by several models.

    Raises:
        AnalysisRefusal: If it was, by what providers said; what nobody said is not held against
            anybody.
    """
    names: dict[str, set[str]] = {}
    for asked, name in served:
        names.setdefault(asked, set()).add(name)
    for asked, found in sorted(names.items()):
        brokers = {name for name in found if name.startswith(BROKERED)}
        for apart in (brokers, _versions(asked, found - brokers)):
            if len(apart) > 1:
                raise AnalysisRefusal(
                    f"{who} served by several models or providers for {asked}: "
                    f"{', '.join(sorted(apart))}",
                    "run all trials again on one of them (name its version, or pin the provider), "
                    "or make the model a factor",
                )


def _versions(asked: str, names: Collection[str]) -> set[str]:
    """The names that stand for different models.

    A provider that only repeats what was asked for says nothing of the version, so that it goes
    with any one version, but not with another model.
    """
    plain = {name.rpartition("/")[2].lower() for name in names}
    silent = asked.rpartition("/")[2].lower()
    told = plain - {silent}
    return told if not any(substituted(asked, name) for name in told) else plain
