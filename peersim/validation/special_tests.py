"""Figures of the tests themselves: clusters, families, margins, looks, and the forecast's power."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from peersim.analysis.declared import Finding
from peersim.analysis.designs import design_of
from peersim.analysis.family import findings
from peersim.analysis.inference import answer
from peersim.analysis.instrument import Figure
from peersim.analysis.looks import Look, may_look, rows_at
from peersim.analysis.power import simulate
from peersim.readings.rows import TrialRow
from peersim.stats.power import Assumed
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.validation.asking import put
from peersim.validation.bands import ALPHA, POWER, TYPE_ONE, At, Form, rate_figure
from peersim.validation.independent import otherwise
from peersim.validation.inference import resampling
from peersim.validation.mechanism import Factor, rows_of
from peersim.validation.planted import COOP, UNCOOP, crossed
from peersim.validation.population import Response, Size, draw
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import generator
from peersim.validation.stage import persona, planted_model, small_arm, small_study

EFFECT = 0.2
LOOKS = (1 / 3, 2 / 3, 1.0)


def _clustered(
    rates: list[float], size: Size, icc: float, rng: np.random.Generator
) -> list[TrialRow]:
    """Return the rows of two arms between histories, with beta-distributed histories.

    The correlation of trials is then exactly what is said, on the scale of the outcome.
    """
    spread = (1 - icc) / icc
    made = np.array([rng.beta(p * spread, (1 - p) * spread, size.histories) for p in rates])
    drawn = draw(Response({"protected": made[:, :, None]}), size.trials, rng)
    return rows_of(mechanism_of("history_effect").arms, drawn, None, 1)


def fisher_trap(form: Form, seed: int) -> list[Figure]:
    """Clustered histories on which Fisher's test on trials errs in over 20 % of null studies.

    20 histories an arm of 10 trials each, correlated by .3; our default analysis must stay at
    its level.
    """
    mechanism, ours, theirs, studies = mechanism_of("history_effect"), 0, 0, 2 * form.special
    contrast = mechanism.questions[0].contrast
    with resampling(form.resamples):
        for number in range(studies):
            rng = generator(seed, "trap", number)
            rows = _clustered([0.4, 0.4], Size(20, 10, 0.4), 0.3, rng)
            ours += put(contrast, mechanism.protocol, rows, mechanism.arms).p <= ALPHA
            counts = [
                sum(row.values["protected"] or 0 for row in rows if row.arm == arm)
                for arm in mechanism.arms
            ]
            table = [[counts[0], 200 - counts[0]], [counts[1], 200 - counts[1]]]
            theirs += float(stats.fisher_exact(np.array(table, dtype=int)).pvalue) <= ALPHA
    at = At("fisher_trap", "default_analysis", 20, 10, 0.4)
    return [
        rate_figure(at, ours, studies, form, measure="type_one", high=TYPE_ONE),
        rate_figure(
            at._replace(question="fisher_on_trials"),
            theirs,
            studies,
            form,
            low=0.2,
            note="what ignoring histories would do, as a demonstration",
        ),
    ]


def familywise(form: Form, seed: int) -> list[Figure]:
    """Four primaries of which none is true: any claim at all is an error of the family."""
    studies, wrong = max(form.special // 3, 1), 0
    mechanism = mechanism_of("null")
    levels = [("between", COOP, UNCOOP, {"memory": m}) for m in ("summary", "none")]
    declared = [
        Contrast(id=f"{name}_{own['memory']}", a=a | own, b=b | own) for name, a, b, own in levels
    ]
    declared += [
        Contrast(
            id=f"within_{cells['partner']}",
            a=cells | {"memory": "summary"},
            b=cells | {"memory": "none"},
        )
        for cells in (COOP, UNCOOP)
    ]
    protocol = mechanism.protocol.model_copy(update={"contrasts": tuple(declared)})
    hidden = mechanism.hide(0.4, generator(seed, "family"))
    with resampling(form.resamples):
        for number in range(studies):
            rng = generator(seed, "family", number)
            rows = mechanism.study(hidden, Size(24, 4, 0.4), rng)
            found = findings(protocol, rows, mechanism.arms)
            wrong += any(isinstance(one, Finding) and bool(one.upheld) for one in found)
    at = At("familywise", "holm_over_4", 24, 4, 0.4)
    return [rate_figure(at, wrong, studies, form, measure="type_one", high=TYPE_ONE)]


class Margin(NamedTuple):
    """A design whose truth lies exactly at the margin.

    Attributes:
        question: Its name.
        rates: The true rate of each group and fork.
        contrast: The claim that there is no difference.
        arms: The arms, forks within groups.
        histories: Of each group.
        rate: The base rate.
    """

    question: str
    rates: list[list[float]]
    contrast: Contrast
    arms: list[dict[str, str]]
    histories: int
    rate: float


def margins() -> list[Margin]:
    """Return the designs in which equivalence is claimed: three shapes, common events and rare."""
    two, four = mechanism_of("history_effect").arms, mechanism_of("partner_specific").arms
    target = Factor("target", ("partner", "bystander"), "oversight")
    a, b, c, d = crossed(target)
    doses = [{"help_rate": dose} for dose in ("0", "0.5", "1")]
    same: dict[str, Any] = {"alternative": "equivalent"}
    plain = Contrast(id="same", a=COOP, b=UNCOOP, margin=0.2, **same)
    rare = plain.model_copy(update={"margin": 0.1})
    did = Contrast(id="same", a=a, b=b, c=c, d=d, margin=0.1, **same)
    slope = Contrast(id="same", dose="help_rate", margin=0.1, **same)
    return [
        Margin("at_the_margin", [[0.5], [0.3]], plain, two, 60, 0.3),
        Margin("rare_difference", [[0.12], [0.02]], rare, two, 60, 0.02),
        Margin("rare_did", [[0.12, 0.02], [0.02, 0.02]], did, four, 60, 0.02),
        Margin("rare_trend", [[0.02], [0.07], [0.12]], slope, doses, 60, 0.02),
    ]


def equivalence(form: Form, seed: int) -> list[Figure]:
    """A truth exactly at the margin: claiming there is no difference is an error."""
    made, studies = [], max(form.special // 2, 1)
    for margin in margins():
        scopes = {"partner": "history", "target": "oversight", "help_rate": "history"}
        declared = {"factors": scopes, "contrasts": [margin.contrast]}
        protocol, wrong = Protocol.model_validate(declared), 0
        for number in range(studies):
            rng = generator(seed, "margin", margin.question, number)
            rows = _at_rates(margin, rng)
            found = answer(margin.contrast, protocol, rows, margin.arms)
            wrong += found.equivalence is not None and found.equivalence.p <= ALPHA
        at = At("equivalence", margin.question, margin.histories, 4, margin.rate)
        made.append(rate_figure(at, wrong, studies, form, measure="type_one", high=TYPE_ONE))
    return made


def _at_rates(margin: Margin, rng: np.random.Generator, icc: float = 0.1) -> list[TrialRow]:
    spread = (1 - icc) / icc
    rates = np.array(margin.rates)[:, None, :].repeat(margin.histories, axis=1)
    drawn = draw(Response({"protected": rng.beta(rates * spread, (1 - rates) * spread)}), 4, rng)
    return rows_of(margin.arms, drawn, None, rates.shape[-1])


def sequential(form: Form, seed: int) -> list[Figure]:
    """Three looks at a null, at 10, 20 and 30 histories: the whole must keep its level.

    Each look sees the rows that the production path gives it, and pays what that charges.
    """
    mechanism, wrong, planned = mechanism_of("history_effect"), 0, 30
    contrast = mechanism.questions[0].contrast
    protocol = mechanism.protocol.model_copy(update={"looks": LOOKS})
    complete = [range(4 * history, 4 * history + 4) for history in range(planned)]
    # A p below the first bound takes many permutations; only it needs all of them.
    with resampling(max(form.resamples, 1_999)):
        for number in range(form.special):
            rng = generator(seed, "look", number)
            rows = _clustered([0.4, 0.4], Size(planned, 4, 0.4), 0.2, rng)
            wrong += any(
                _stops(contrast, protocol, rows_at(look, rows, complete, planned), look)
                for look in _looks(protocol, planned)
            )
    at = At("sequential", "three_looks", planned, 4, 0.4)
    return [rate_figure(at, wrong, form.special, form, measure="type_one", high=TYPE_ONE)]


def _looks(protocol: Protocol, planned: int) -> list[Look]:
    found = [may_look(protocol, round(share * planned), planned) for share in protocol.looks]
    return [look for look in found if isinstance(look, Look)]


def _stops(contrast: Contrast, protocol: Protocol, rows: Sequence[TrialRow], look: Look) -> bool:
    p = put(contrast, protocol, rows, mechanism_of("history_effect").arms).p
    # What a look costs never makes p smaller, and is slow to work out.
    return p <= ALPHA and look.p(p, contrast.alternative) <= ALPHA


def forecast(form: Form, seed: int) -> list[Figure]:
    """The forecast's power must be that of the analysis, simulated by another generator.

    A size that is outside its bands is tried once more on fresh studies before it is said.
    """
    made: list[Figure] = []
    for histories, rate in ((24, 0.1), (48, 0.1), (24, 0.4), (48, 0.4)):
        figures = _forecast_at(histories, rate, form, seed, 0)
        if not all(one.holds for one in figures):
            more = form._replace(special=form.special * form.again // form.studies)
            figures = _forecast_at(histories, rate, more, seed, form.special)
        made += figures
    return made


def _forecast_at(histories: int, rate: float, form: Form, seed: int, first: int) -> list[Figure]:
    mechanism = mechanism_of("history_effect")
    contrast = mechanism.questions[0].contrast
    model = planted_model({})
    arms = tuple(
        small_arm(model, {"partner": warmth, "memory": "summary"}, peer_persona=persona(warmth))
        for warmth in ("cooperative", "uncooperative")
    )
    protocol = Protocol(factors={"partner": "history"}, contrasts=(contrast,))
    study = small_study(arms, histories, trials_per_history=4, protocol=protocol)
    design = design_of(study, contrast)
    assumed, size = Assumed(p0=rate, rd=EFFECT, icc=0.2), Size(histories, 4, rate)
    with resampling(form.resamples):
        said = simulate(contrast, design, assumed, histories, form.special, seed + first)
        hits = theirs = plain = 0
        for number in range(first, first + form.special):
            rng = generator(seed, "power", histories, rate, number)
            rows = _clustered([rate + EFFECT, rate], size, assumed.icc, rng)
            hits += put(contrast, mechanism.protocol, rows, mechanism.arms).p <= ALPHA
            other = otherwise(contrast, rows, mechanism.arms)
            theirs += other.p <= ALPHA
            plain += other.plain <= ALPHA
    share = hits / form.special
    error = float(np.hypot(said.error, np.sqrt(share * (1 - share) / form.special)))
    less = Figure(
        mechanism="forecast",
        question="power_less_forecast",
        measure="bias",
        value=share - said.value,
        error=error,
        low=-POWER,
        high=POWER,
        slack=form.slack,
        histories=histories,
        trials=4,
        rate=rate,
        studies=form.special,
        rerun=first > 0,
        note=f"power {share:.2f}, forecast {said.value:.2f}",
    )
    # The forecast simulates the analysis itself, so that a textbook test has to vouch for both.
    at, wanted = At("forecast", "forecast", histories, 4, rate), theirs / form.special
    note = f"{wanted:.2f} by a textbook test, {plain / form.special:.2f} by plain t"
    more: dict[str, Any] = {"low": max(0.0, wanted - POWER), "note": note, "rerun": first > 0}
    found = round(said.value * form.special)
    return [less, rate_figure(at, found, form.special, form, measure="power", **more)]
