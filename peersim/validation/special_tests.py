"""Figures of the tests themselves: clusters, families, margins, looks, and the forecast's power."""

import numpy as np
from scipy import stats

from peersim.analysis.declared import Finding
from peersim.analysis.designs import design_of
from peersim.analysis.family import findings
from peersim.analysis.inference import answer
from peersim.analysis.instrument import Figure
from peersim.analysis.power import simulate
from peersim.readings.rows import TrialRow
from peersim.stats.looks import boundaries
from peersim.stats.power import Assumed
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.validation.asking import put
from peersim.validation.bands import ALPHA, TYPE_ONE, At, Form, rate_figure
from peersim.validation.inference import resampling
from peersim.validation.mechanism import rows_of
from peersim.validation.planted import COOP, UNCOOP
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


def equivalence(form: Form, seed: int) -> list[Figure]:
    """A difference exactly at the margin: claiming there is none is an error."""
    mechanism, wrong = mechanism_of("history_effect"), 0
    contrast = Contrast(id="same", a=COOP, b=UNCOOP, alternative="equivalent", margin=0.2)
    protocol = mechanism.protocol.model_copy(update={"contrasts": (contrast,)})
    for number in range(form.special):
        rng = generator(seed, "margin", number)
        rows = _clustered([0.5, 0.3], Size(60, 4, 0.3), 0.1, rng)
        found = answer(contrast, protocol, rows, mechanism.arms)
        wrong += found.equivalence is not None and found.equivalence.p <= ALPHA
    at = At("equivalence", "at_the_margin", 60, 4, 0.3)
    return [rate_figure(at, wrong, form.special, form, measure="type_one", high=TYPE_ONE)]


def sequential(form: Form, seed: int) -> list[Figure]:
    """Three looks at a null, at 10, 20 and 30 histories: the whole must keep its level."""
    mechanism, wrong = mechanism_of("history_effect"), 0
    contrast, bounds = mechanism.questions[0].contrast, boundaries(LOOKS).p
    # A p below the first bound takes many permutations; only it needs all of them.
    with resampling(max(form.resamples, 1_999)):
        for number in range(form.special):
            rows = _clustered([0.4, 0.4], Size(30, 4, 0.4), 0.2, generator(seed, "look", number))
            for share, bound in zip(LOOKS, bounds, strict=True):
                seen = [row for row in rows if row.block < round(share * 30) * 4]
                if put(contrast, mechanism.protocol, seen, mechanism.arms).p <= bound:
                    wrong += 1
                    break
    at = At("sequential", "three_looks", 30, 4, 0.4)
    return [rate_figure(at, wrong, form.special, form, measure="type_one", high=TYPE_ONE)]


def forecast(form: Form, seed: int) -> list[Figure]:
    """The forecast's power must be that of the analysis, simulated by another generator."""
    mechanism, made = mechanism_of("history_effect"), []
    contrast = mechanism.questions[0].contrast
    model = planted_model({})
    arms = tuple(
        small_arm(model, {"partner": warmth, "memory": "summary"}, peer_persona=persona(warmth))
        for warmth in ("cooperative", "uncooperative")
    )
    protocol = Protocol(factors={"partner": "history"}, contrasts=(contrast,))
    for histories, rate in ((24, 0.1), (48, 0.1), (24, 0.4), (48, 0.4)):
        study = small_study(arms, histories, trials_per_history=4, protocol=protocol)
        design = design_of(study, contrast)
        assumed, size = Assumed(p0=rate, rd=EFFECT, icc=0.2), Size(histories, 4, rate)
        with resampling(form.resamples):
            said = simulate(contrast, design, assumed, histories, form.special, seed)
            hits = 0
            for number in range(form.special):
                rng = generator(seed, "power", histories, rate, number)
                rows = _clustered([rate + EFFECT, rate], size, assumed.icc, rng)
                hits += put(contrast, mechanism.protocol, rows, mechanism.arms).p <= ALPHA
        share = hits / form.special
        error = float(np.hypot(said.error, np.sqrt(share * (1 - share) / form.special)))
        made.append(
            Figure(
                mechanism="forecast",
                question="power_less_forecast",
                measure="bias",
                value=share - said.value,
                error=error,
                low=-0.03,
                high=0.03,
                slack=form.slack,
                histories=histories,
                trials=4,
                rate=rate,
                studies=form.special,
                note=f"power {share:.2f}, forecast {said.value:.2f}",
            )
        )
    return made
