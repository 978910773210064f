"""The planted mechanisms of classes, scores, losses, doses, time and place."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from scipy.special import expit

from peersim.study.contrast import Contrast
from peersim.validation.mechanism import (
    ICC,
    Factor,
    Hidden,
    Mechanism,
    Question,
    chance,
    hide_rates,
)
from peersim.validation.planted import (
    COOP,
    NO_FORK,
    PARTNER,
    UNCOOP,
    ask,
    by_pattern,
    drawn_effect,
)
from peersim.validation.population import Response, Traits, sd_for

DOSES = Factor("help_rate", ("0.1", "0.4", "0.6", "0.9"), "history")
OWN = sd_for(ICC)
Hides = Callable[[float, Generator], Hidden]
Responds = Callable[[Hidden, Traits], Response]


def mechanisms_of_conduct() -> tuple[Mechanism, ...]:
    """Return the mechanisms that act on what else can be done, said or lost."""
    sides = COOP, UNCOOP
    return (
        Mechanism(
            "composition",
            "refusal and escalation by arm, protection not contaminated",
            PARTNER,
            NO_FORK,
            _hide_composition,
            _composed,
            (
                ask("refused", *sides, outcome="refused"),
                ask("escalated", *sides, outcome="escalated", null=True),
                ask("protected", *sides, null=True),
            ),
        ),
        Mechanism(
            "retaliation",
            "targets harmed beyond their due, and lower scores, after betrayal",
            PARTNER,
            NO_FORK,
            _hide_retaliation,
            _retaliates,
            (
                ask("overreached", *sides, outcome="overreached"),
                ask("signed_error", *sides, outcome="signed_error"),
            ),
        ),
        Mechanism(
            "route_substitution",
            "the union of routes constant while their mix moves",
            PARTNER,
            NO_FORK,
            _hide_marks("flag"),
            _marked("flag_off", "flag"),
            (ask("union", *sides, null=True), ask("flag", *sides, outcome="flag_off")),
        ),
        Mechanism(
            "covert",
            "the covert rate, while protection is the same",
            PARTNER,
            NO_FORK,
            _hide_marks("hide"),
            _marked("covert", "hide"),
            (ask("covert", *sides, outcome="covert"), ask("protected", *sides, null=True)),
        ),
        *_of_design(),
    )


def _of_design() -> tuple[Mechanism, ...]:
    sides = COOP, UNCOOP
    return (
        Mechanism(
            "attrition_mcar",
            "trials lost at random bias nothing",
            PARTNER,
            NO_FORK,
            by_pattern([[1], [0]]),
            _loses,
            (ask("history", *sides),),
        ),
        Mechanism(
            "drift",
            "a step in time biases nothing, since arms are run in random order",
            PARTNER,
            NO_FORK,
            by_pattern([[1], [0]]),
            _drifts,
            (ask("history", *sides),),
        ),
        Mechanism(
            "position",
            "a liking for what is listed first is equal across arms",
            PARTNER,
            Factor("memory", ("summary", "none"), "recollection"),
            by_pattern([[0, 0], [0, 0]]),
            _by_place,
            (
                ask("between", COOP | {"memory": "none"}, UNCOOP | {"memory": "none"}, null=True),
                ask("within", COOP | {"memory": "summary"}, COOP | {"memory": "none"}, null=True),
            ),
        ),
        Mechanism(
            "dose",
            "the slope of the outcome on the assigned dose",
            DOSES,
            NO_FORK,
            by_pattern([[float(dose)] for dose in DOSES.levels]),
            lambda hidden, traits: Response({"protected": chance(hidden["protect"], traits)}),
            (Question(Contrast(id="slope", dose=DOSES.name)),),
        ),
        Mechanism(
            "reciprocal",
            "nothing of the received dose, though own deeds go with the outcome",
            DOSES,
            NO_FORK,
            by_pattern([[0] for _ in DOSES.levels]),
            _by_trait,
            (Question(Contrast(id="received", dose=DOSES.name), null=True),),
        ),
    )


def _hide_composition(rate: float, rng: Generator) -> Hidden:
    refuse = rate + drawn_effect(rate, rng)
    return {
        "protect": hide_rates([[rate], [rate]], OWN),
        "refuse": hide_rates([[refuse], [rate]], OWN),
        "escalate": [[float(rng.uniform(0.05, 0.1))]],
    }


def _composed(hidden: Hidden, traits: Traits) -> Response:
    protect = chance(hidden["protect"], traits)
    refuse = chance(hidden["refuse"], traits, own=-OWN)
    # Of the rest after refusing, so divided by it: as many escalate in either arm.
    rest = (1 - protect) * (1 - refuse)
    escalate = np.clip(hidden["escalate"][0][0] * (1 - protect) / rest, 0, 1)
    return Response({"protected": protect, "refused": refuse, "escalated": escalate})


def _hide_retaliation(rate: float, rng: Generator) -> Hidden:
    harm = rate + drawn_effect(rate, rng)
    return {
        "harm": hide_rates([[rate], [harm]], OWN),
        "score": [[0.0], [-float(rng.uniform(0.5, 1.5))]],
    }


def _retaliates(hidden: Hidden, traits: Traits) -> Response:
    score = np.asarray(hidden["score"])[:, None, :] + 1.0 * traits.own[:, :, None]
    return Response({"overreached": chance(hidden["harm"], traits)}, score=score)


def _hide_marks(name: str) -> Hides:
    def hide(rate: float, rng: Generator) -> Hidden:
        rates = [[float(rng.uniform(0.7, 0.95))], [float(rng.uniform(0.05, 0.3))]]
        return {"protect": hide_rates([[rate + 0.1], [rate + 0.1]], OWN), name: rates}

    return hide


def _marked(measure: str, name: str) -> Responds:
    def respond(hidden: Hidden, traits: Traits) -> Response:
        protect = chance(hidden["protect"], traits)
        share = np.broadcast_to(np.asarray(hidden[name])[:, None, :], protect.shape)
        return Response({"protected": protect}, {measure: ("protected", share)})

    return respond


def _loses(hidden: Hidden, traits: Traits) -> Response:
    protect = chance(hidden["protect"], traits)
    lost = np.full_like(protect, 0.1)
    return Response({"protected": protect}, lost=(lost, lost))


def _drifts(hidden: Hidden, traits: Traits) -> Response:
    logits = np.asarray(hidden["protect"])[:, None, :] + OWN * traits.own[:, :, None]
    return Response({"protected": expit(logits - 0.8 * traits.late[None, :, None])})


def _by_place(hidden: Hidden, traits: Traits) -> Response:
    logits = np.asarray(hidden["protect"])[:, None, :] + OWN * traits.own[:, :, None]
    return Response({"protected": expit(logits + 0.7 * traits.place[None, :, None])})


def _by_trait(hidden: Hidden, traits: Traits) -> Response:
    logits = np.asarray(hidden["protect"])[:, None, :] + OWN * traits.own[:, :, None]
    return Response({"protected": expit(logits + 1.2 * traits.trait[:, :, None])})
