"""Figures with a design of their own: losses, judges, memories, correlations and time."""

from collections.abc import Callable

import numpy as np

from peersim.analysis.alarms import drift, losses
from peersim.analysis.contrasts import estimate
from peersim.analysis.grouped import Grouped
from peersim.analysis.instrument import Figure
from peersim.events.deeds import Act, Acted
from peersim.events.marks import Remembered
from peersim.readings.fidelity import fidelity
from peersim.stats.icc import anova_icc
from peersim.stats.judge_error import JudgeMarks, corrected_rate
from peersim.validation.bands import At, Form, rate_figure
from peersim.validation.mechanism import chance, hide_rates, rows_of
from peersim.validation.population import Response, Size, draw, draw_traits, sd_for
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import generator

Prove = Callable[[Form, int], list[Figure]]
COVERS = 0.937


def attrition_mnar(form: Form, seed: int) -> list[Figure]:
    """Trials lost by their outcome: the bounds must hold the truth, and the alarm must ring.

    Of 40 histories with 4 trials each, one arm loses 2 % and the other 15 % of its trials.
    """
    mechanism, inside, rings = mechanism_of("history_effect"), 0, 0
    sides = mechanism.arms[0], mechanism.arms[1]
    for number in range(form.special):
        rng = generator(seed, "mnar", number)
        hidden = mechanism.hide(0.4, rng)
        drawn = draw(mechanism.respond(hidden, draw_traits(2, 40, 1, rng)), 4, rng)
        event = drawn["protected"]
        chances = np.array([0.02, 0.15])[:, None, None, None]
        # Twice as often where the target was protected, and as often on the whole.
        by_outcome = chances * (1 + event) / (1 + event.mean(axis=(1, 2, 3), keepdims=True))
        lost = (rng.random(event.shape) < by_outcome).astype(float)
        rows = rows_of(mechanism.arms, drawn, lost, 1)
        bounds = estimate(*sides, rows, "protected", kind="event").bounds
        truth = float(event[0].mean() - event[1].mean())
        inside += bounds is not None and bounds[0] <= truth <= bounds[1]
        grouped = Grouped(rows, mechanism.arms)
        contrast, scopes = mechanism.questions[0].contrast, mechanism.protocol.factors
        rings += any(a.raised for a in losses(contrast, scopes, grouped) if a.check == "invalid")
    at = At("attrition_mnar", "bounds", 40, 4, 0.4)
    return [
        rate_figure(at, inside, form.special, form, measure="coverage", low=1.0),
        rate_figure(
            at._replace(question="alarm"),
            rings,
            form.special,
            form,
            low=0.9,
            measure="power",
            note="losing 2 % against 15 %",
        ),
    ]


def judge_noise(form: Form, seed: int) -> list[Figure]:
    """A judge that errs: the corrected rate must cover, and the uncorrected one fail."""
    covers = raw = 0
    studies = form.special
    for number in range(studies):
        rng = generator(seed, "judge", number)
        sensitivity, specificity = rng.uniform(0.8, 0.95, 2)
        made = chance(hide_rates([[0.1]], sd_for(0.2)), draw_traits(1, 48, 1, rng))
        event = draw(Response({"protected": made}), 4, rng)["protected"][0, :, 0]
        seen = np.where(
            event > 0, rng.random(event.shape) < sensitivity, rng.random(event.shape) >= specificity
        )
        labels = rng.binomial([100, 100], [sensitivity, specificity])
        marks = JudgeMarks(
            hits=int(labels[0]), positives=100, rejections=int(labels[1]), negatives=100
        )
        histories = [(int(of.sum()), len(of)) for of in seen]
        limits = corrected_rate(histories, marks, bootstrap=number % 5 == 0).interval
        covers += limits.low <= 0.1 <= limits.high
        raw += abs(float(seen.mean()) - 0.1) < 0.05
    at = At("judge_noise", "corrected", 48, 4, 0.1)
    return [
        rate_figure(at, covers, studies, form, measure="coverage", low=COVERS),
        rate_figure(
            at._replace(question="uncorrected"),
            raw,
            studies,
            form,
            high=0.5,
            note="within .05 of the truth, as a demonstration",
        ),
    ]


def memory_loss(form: Form, seed: int) -> list[Figure]:
    """Recollections that forget at one rate and swap names at another: both must be recovered."""
    rng = generator(seed, "fidelity")
    forgets, swaps = (float(rng.uniform(0.1, 0.4)) for _ in range(2))
    acts = kept = wrong = 0
    for _ in range(form.special):
        shown = [(f"e{i}", _act(i)) for i in range(20)]
        items = [
            _item(name, act, swapped=bool(rng.random() < swaps))
            for name, act in shown
            if rng.random() >= forgets
        ]
        found = fidelity(shown, tuple(items), "Rowan")
        acts, kept = acts + found.acts, kept + found.items
        wrong += found.misattributed
    at = At("memory_loss", "forgotten", form.special, 20, None)
    forgot, swapped = 1 - kept / acts, wrong / kept
    shape = {
        "mechanism": at.mechanism,
        "histories": None,
        "trials": 20,
        "studies": form.special,
        "measure": "bias",
        "low": -0.02,
        "high": 0.02,
        "slack": form.slack,
    }
    return [
        Figure(
            **shape,
            question="forgotten",
            value=forgot - forgets,
            error=float(np.sqrt(forgets * (1 - forgets) / acts)),
        ),
        Figure(
            **shape,
            question="names_swapped",
            value=swapped - swaps,
            error=float(np.sqrt(swaps * (1 - swaps) / max(kept, 1))),
        ),
    ]


def _act(number: int) -> Acted:
    one, other = ("Linden", "Rowan") if number % 2 else ("Rowan", "Linden")
    return Acted(round=number, actor=one, target=other, act=Act.SHARED, amount=3, maximum=10)


def _item(name: str, act: Acted, *, swapped: bool) -> Remembered:
    one, other = (act.target, act.actor) if swapped else (act.actor, act.target)
    return Remembered(agent="Rowan", text=f"{one} gave {other} 3 of 10 points.", cites=(name,))


def correlation(form: Form, seed: int) -> list[Figure]:
    """Planted correlations within histories must be recovered at 200 histories of 4 trials."""
    made = []
    for icc in (0.0, 0.1, 0.3):
        own, found = sd_for(icc), []
        logits = hide_rates([[0.3]], own)
        many = chance(logits, draw_traits(1, 200_000, 1, generator(seed, "icc", icc)), own).ravel()
        truth = float(many.var() / (many.mean() * (1 - many.mean())))
        for number in range(form.special):
            rng = generator(seed, "icc", icc, number)
            chances = chance(logits, draw_traits(1, 200, 1, rng), own)
            event = draw(Response({"protected": chances}), 4, rng)["protected"][0, :, 0]
            # Uncut: what is cut at 0 is too large on average where there is nothing.
            found.append(anova_icc(event.tolist()).raw or 0.0)
        error = float(np.std(found) / np.sqrt(len(found)))
        made.append(
            Figure(
                mechanism="correlation",
                question=f"icc_{icc:g}",
                measure="bias",
                value=float(np.mean(found)) - truth,
                error=error,
                low=-0.02,
                high=0.02,
                slack=form.slack,
                histories=200,
                trials=4,
                rate=0.3,
                studies=form.special,
            )
        )
    return made


def drift_alarm(form: Form, seed: int) -> list[Figure]:
    """A step in time must ring, and no step must not."""
    rings = {"drift": 0, "null": 0}
    for name in rings:
        mechanism = mechanism_of(name)
        hidden = mechanism.hide(0.4, generator(seed, "alarm", name))
        for number in range(form.special):
            rng = generator(seed, "alarm", name, number)
            rows = mechanism.study(hidden, Size(48, 4, 0.4), rng)
            alarm = drift("protected", Grouped(rows, mechanism.arms))
            rings[name] += alarm is not None and alarm.raised
    at = At("drift", "alarm", 48, 4, 0.4)
    return [
        rate_figure(
            at,
            rings["drift"],
            form.special,
            form,
            measure="power",
            note="a step of .8 logits halfway",
        ),
        rate_figure(
            at._replace(question="false_alarm"),
            rings["null"],
            form.special,
            form,
            measure="type_one",
            high=0.061,
        ),
    ]


def specials() -> dict[str, Prove]:
    """Return the figures with a design of their own, by name."""
    from peersim.validation.special_selection import selective_refusal
    from peersim.validation.special_tests import (
        equivalence,
        familywise,
        fisher_trap,
        forecast,
        sequential,
    )

    return {
        "attrition_mnar": attrition_mnar,
        "selective_refusal": selective_refusal,
        "judge_noise": judge_noise,
        "memory_loss": memory_loss,
        "correlation": correlation,
        "drift_alarm": drift_alarm,
        "fisher_trap": fisher_trap,
        "familywise": familywise,
        "equivalence": equivalence,
        "sequential": sequential,
        "forecast": forecast,
    }
