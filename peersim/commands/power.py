"""The forecast of power: what a study's declared contrasts would find."""

import json
import re
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from peersim.analysis.pilots import piloted
from peersim.analysis.power import WANTED, PowerLine, check_assumed, forecast_powers
from peersim.analysis.studied import unseen
from peersim.errors import AnalysisRefusal, ConfigError
from peersim.readings.rows import TrialRow
from peersim.stats.icc import best_trials
from peersim.stats.power import Assumed
from peersim.store.tables import rows
from peersim.store.view import RunView
from peersim.study.contrast import Contrast
from peersim.study.design import Study

DRAWS = 400


class PowerWish(NamedTuple):
    """What is asked of a forecast of power.

    Attributes:
        assume: ``key=value`` texts; ``contrast.key=value`` for one contrast alone.
        pilot: A finished run to take rates and correlations from; None for none.
        draws: Simulated studies for each figure.
        wanted: The power that the detectable effect and the needed size are for.
    """

    assume: tuple[str, ...] = ()
    pilot: Path | None = None
    draws: int = DRAWS
    wanted: float = WANTED


def powers(study: Study, wish: PowerWish, console: Console) -> tuple[list[PowerLine], list[str]]:
    """Return the power of every declared contrast, and what must be said with it.

    Args:
        study: The study.
        wish: What is asked.
        console: Where progress is shown.

    Raises:
        ConfigError: If nothing is declared, or an assumption is no number or unknown.
        AnalysisRefusal: If the pilot does not fit, or must not be looked at yet.
    """
    declared = _declared(study)
    given = assumptions(wish.assume, [contrast.id for contrast in declared])
    trials = _pilot(wish.pilot) if wish.pilot else []
    assumed, said = {}, []
    for contrast in declared:
        assumed[contrast.id], notes = _assumed(contrast, given, trials)
        said += [f"{contrast.id}: {note}" for note in notes]
    with console.status("simulated studies") as status:
        found = forecast_powers(study, assumed, wish.draws, wish.wanted, told=status.update)
    if len(study.protocol.looks) > 1:
        said.append(
            f"{len(study.protocol.looks)} looks: power is that of the last one alone, at its bound"
        )
    return found, said


def _pilot(directory: Path) -> list[TrialRow]:
    """Return the trials of a pilot.

    Raises:
        AnalysisRefusal: If it is a run whose plan lets nobody look at outcomes by arm yet.
    """
    view = RunView(directory)
    if waits := unseen(view, early=False):
        raise AnalysisRefusal(
            f"{directory} as a pilot would show outcomes by arm before a look: {waits.text}",
            "take a finished run, or look first and have it charged for: peersim rates"
            f" {directory} --early",
        )
    return rows(view)


def check_wish(study: Study, wish: PowerWish) -> None:
    """Check what is asked of a forecast of power, before anything is lived for it.

    Raises:
        ConfigError: If nothing is declared, or an assumption is unknown or cannot be.
    """
    declared = _declared(study)
    given = assumptions(wish.assume, [contrast.id for contrast in declared])
    for contrast in declared:
        assumed, _ = _assumed(contrast, given, ())
        # What a pilot will say of the rate without the effect is not known yet.
        check_assumed(contrast, assumed._replace(rd=0.0) if wish.pilot else assumed)


def parted(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part a command line into what Hydra reads and what is assumed.

    Without quotes ``--assume p0=.1 rd=.2`` takes the first word alone.

    Returns:
        The arguments without assumptions, and those, such as ``rd=.1`` or ``past.rd=.2``.
    """
    mine = [one for one in arguments if _key(one) in Assumed._fields]
    return [one for one in arguments if one not in mine], mine


def _key(text: str) -> str:
    """Return the last part of the key of a ``key=value`` text; empty if it is none."""
    name, sign, _ = text.partition("=")
    return name.rpartition(".")[2] if sign else ""


def _declared(study: Study) -> tuple[Contrast, ...]:
    if not study.protocol.contrasts:
        raise ConfigError(
            f"study {study.name} declares no contrast, so there is no power to forecast",
            "declare study.contrasts in its file, as conf/study/gated.yaml does",
        )
    return study.protocol.contrasts


def assumptions(texts: Sequence[str], ids: Sequence[str]) -> dict[str | None, dict[str, float]]:
    """Return what is assumed: for all contrasts under None, for one alone under its id.

    Args:
        texts: Such as ``p0=.1 rd=.1`` or ``past.rd=.2``, parted by blanks or commas.
        ids: The declared contrasts.

    Raises:
        ConfigError: If a key is unknown or a value is no number.
    """
    found: dict[str | None, dict[str, float]] = {None: {}}
    for text in (part for whole in texts for part in re.split(r"[\s,]+", whole) if part):
        name, _, value = text.partition("=")
        contrast, _, key = name.rpartition(".")
        if key not in Assumed._fields or (contrast and contrast not in ids):
            raise ConfigError(
                f"--assume {text}: unknown",
                f"give {', '.join(Assumed._fields)}, or one of them after the name of a contrast"
                f" ({', '.join(ids)}) and a dot",
            )
        number = _number(text, value)
        if key == "sd" and number <= 0:
            raise ConfigError(f"--assume {text}: no spread", "give a number above 0")
        found.setdefault(contrast or None, {})[key] = number
    return found


def _number(text: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError as error:
        raise ConfigError(f"--assume {text}: no number", "give such as rd=0.1") from error
    if not isfinite(number):
        raise ConfigError(f"--assume {text}: no number that can be", "give such as rd=0.1")
    return number


def show_powers(
    lines: Sequence[PowerLine], said: Sequence[str], wanted: float, console: Console
) -> None:
    """Print the power of contrasts.

    Args:
        lines: The contrasts.
        said: What must be said with them.
        wanted: The power that the detectable effect and the needed size are for.
        console: Where to print.
    """
    table = Table(box=None, padding=(0, 1, 0, 1))
    names = ("contrast", "level", "H x m", "assumed", "power")
    for name in (*names, f"effect at {wanted:.0%}", f"H at {wanted:.0%}"):
        table.add_column(name, no_wrap=name in ("contrast", "level", "H x m", "power"))
    for line in lines:
        value, error, _ = line.power
        table.add_row(
            *(escape(line.id), line.level, f"{line.histories} x {line.trials}", _short(line)),
            f"{value:.2f} +- {error:.2f}",
            "none" if line.detectable is None else f"{line.detectable[0]:.3g}",
            "too many" if line.needed is None else f"{line.needed[0]:,}",
        )
    console.print(table)
    for sentence in (*_sentences(lines), *said):
        console.print(f"  {escape(sentence)}", soft_wrap=True)


def best_said(lines: Sequence[PowerLine], cost: float | None) -> list[str]:
    """Return how many trials a history had best serve, for each ICC that was assumed.

    Args:
        lines: The contrasts.
        cost: Of a history, in trials; None if nothing is lived.
    """
    if cost is None:
        return []
    said = []
    for icc in sorted({line.assumed["icc"] for line in lines}):
        best = best_trials(icc, cost)
        figure = f"{best:.1f}" if isfinite(best) else "as many as possible"
        said.append(
            f"m* = sqrt(c (1 - icc) / icc): trials of each history that find most for the money:"
            f" {figure}, at an icc of {icc:.3g} and a history at the calls of c = {cost:.2g} trials"
        )
    return said


def as_plain(lines: Sequence[PowerLine], said: Sequence[str]) -> dict[str, object]:
    """Return the power of contrasts as plain data."""
    return {
        "contrasts": [json.loads(line.model_dump_json()) for line in lines],
        "notes": list(said),
    }


def _assumed(
    contrast: Contrast,
    given: dict[str | None, dict[str, float]],
    trials: Sequence[TrialRow],
) -> tuple[Assumed, tuple[str, ...]]:
    own = given[None] | given.get(contrast.id, {})
    if "rd" not in own and contrast.alternative in ("less", "equivalent"):
        own |= {"rd": 0.0 if contrast.alternative == "equivalent" else -Assumed().rd}
    assumed = Assumed()._replace(**own)
    if not trials:
        return assumed, ()
    try:
        found = piloted(trials, contrast, assumed)
    except AnalysisRefusal as error:
        return assumed, (str(error),)
    # What is assumed in so many words is not overruled by the pilot.
    return found.assumed._replace(**own), found.said


def _short(line: PowerLine) -> str:
    shown = ("p0", "rd", "icc", *(("rho",) if line.forked else ()), "invalid")
    given = [f"{name} {line.assumed[name]:.3g}" for name in shown if line.assumed[name]]
    return ", ".join(given)


def _sentences(lines: Sequence[PowerLine]) -> list[str]:
    fewest, most = (choose(line.power[2] for line in lines) for choose in (min, max))
    many = f"{most}" if fewest == most else f"{fewest} to {most}"
    said = [
        f"{many} studies each were drawn as assumed and put through the declared analysis, fewer"
        " where that told enough; +- is one Monte Carlo error; effects and sizes are found with a"
        " quarter of the draws",
        "H: histories an arm; m: trials of each; p0: rate (or mean) without the effect; rd: the"
        " effect; icc: of trials within a history; rho: between arms forked from it; all are"
        " assumptions unless a pilot is given",
    ]
    primaries = [line for line in lines if line.role == "primary"]
    if len(primaries) > 1:
        levels = ", ".join(f"{alpha:.3g}" for alpha in sorted({one.alpha for one in primaries}))
        joint = all(line.how.startswith("max-T") for line in primaries)
        said.append(
            f"each of several that wait for nothing is tested at its first share, {levels}"
            f"{', which the critical value of the largest t amounts to (max-T)' * joint}; when"
            " others are found there is more for it"
        )
    said += dict.fromkeys(
        f"the plan adjusts by max-T, and power is by {line.how}"
        for line in lines
        if line.how.startswith("Holm")
    )
    said += [
        f"{line.id}: power once {', '.join(line.after)} {'are' if line.after[1:] else 'is'} found;"
        " both together have less"
        for line in lines
        if line.after
    ]
    said += [f"{line.id}: {line.refusal}" for line in lines if line.refusal]
    return said
