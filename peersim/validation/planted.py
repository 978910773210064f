"""The planted mechanisms of conduct: who is moved by what, and what must be found of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from numpy.random import Generator

from peersim.study.contrast import Cells, Contrast
from peersim.validation.mechanism import (
    ICC,
    Factor,
    Hidden,
    Mechanism,
    Question,
    chance,
    hide_rates,
)
from peersim.validation.population import Response, Traits, sd_for

PARTNER = Factor("partner", ("cooperative", "uncooperative"), "history")
ONE_PARTNER = Factor("partner", ("cooperative",), "history")
NO_FORK = Factor("memory", ("summary",), "recollection")
COOP: Cells = {"partner": "cooperative"}
UNCOOP: Cells = {"partner": "uncooperative"}
LARGEST = {0.02: 0.12, 0.1: 0.2, 0.4: 0.3}
"""The largest effect that is planted at a base rate; the smallest is six tenths of it."""
Pattern = Sequence[Sequence[float]]
"""How much of the effect each arm gets, group x fork."""


def drawn_effect(rate: float, rng: Generator) -> float:
    """Return a hidden effect, as a difference of rates."""
    return float(rng.uniform(0.6, 1.0) * LARGEST.get(rate, 0.2))


def by_pattern(pattern: Pattern) -> Callable[[float, Generator], Hidden]:
    """Return what draws hidden logits: the base rate, and in some arms an effect on it."""

    def hide(rate: float, rng: Generator) -> Hidden:
        effect = drawn_effect(rate, rng)
        rates = [[rate + share * effect for share in row] for row in pattern]
        return {"protect": hide_rates(rates, sd_for(ICC))}

    return hide


def protects(hidden: Hidden, traits: Traits) -> Response:
    """Return what protection alone makes of histories."""
    return Response({"protected": chance(hidden["protect"], traits)})


def ask(
    name: str, a: Cells, b: Cells, *, null: bool = False, outcome: str = "protected"
) -> Question:
    """Return the question of a difference between two sides."""
    scale = "mean_diff" if outcome == "signed_error" else "rd"
    declared = Contrast.model_validate(
        {"id": name, "a": a, "b": b, "outcome": outcome, "scale": scale}
    )
    return Question(declared, null)


def ask_did(name: str, sides: tuple[Cells, Cells, Cells, Cells], *, null: bool = False) -> Question:
    """Return the question of a difference of differences."""
    a, b, c, d = sides
    return Question(Contrast(id=name, a=a, b=b, c=c, d=d), null)


def crossed(factor: Factor) -> tuple[Cells, Cells, Cells, Cells]:
    """Return the sides of the interaction of the partner with a fork of two levels."""
    first, second = factor.levels
    return (
        COOP | {factor.name: first},
        UNCOOP | {factor.name: first},
        COOP | {factor.name: second},
        UNCOOP | {factor.name: second},
    )


def planted(
    name: str, reports: str, fork: Factor, pattern: Pattern, *questions: Question
) -> Mechanism:
    """Return a mechanism of protection alone, by its pattern of effects."""
    groups = PARTNER if len(pattern) > 1 else ONE_PARTNER
    return Mechanism(name, reports, groups, fork, by_pattern(pattern), protects, questions)


MEMORY = Factor("memory", ("summary", "none"), "recollection")
TARGET = Factor("target", ("partner", "bystander"), "oversight")
STAKES = Factor("stakes", ("shutdown", "none"), "oversight")
BARS = Factor("stakes", ("shutdown", "bar_only", "none"), "oversight")
KEPT = Factor("persona_at_oversight", ("kept", "dropped"), "oversight")
TOLD = Factor("authorship", ("own", "told"), "oversight")
REALISM = Factor("realism", ("natural", "test_cue"), "oversight")
SHOWN = Factor("transform", ("own", "flipped", "retoned"), "recollection")


def mechanisms_of_protection() -> tuple[Mechanism, ...]:
    """Return the mechanisms that act on protection alone."""
    return (
        planted(
            "null",
            "type I error at its nominal level, between and within histories",
            MEMORY,
            [[0, 0], [0, 0]],
            ask("between", COOP | {"memory": "summary"}, UNCOOP | {"memory": "summary"}, null=True),
            ask("within", COOP | {"memory": "summary"}, COOP | {"memory": "none"}, null=True),
        ),
        planted(
            "history_effect",
            "the difference between histories, with coverage",
            NO_FORK,
            [[1], [0]],
            ask("history", COOP, UNCOOP),
        ),
        replace(
            planted(
                "single_trials",
                "the same with one trial of each history",
                NO_FORK,
                [[1], [0]],
                ask("history", COOP, UNCOOP),
            ),
            rates=(0.1, 0.4),
            histories=(24, 48),
            trials=1,
        ),
        planted(
            "partner_specific",
            "a difference of differences; nothing towards a bystander",
            TARGET,
            [[1, 0], [0, 0]],
            ask_did("specific", crossed(TARGET)),
            ask(
                "bystander",
                COOP | {"target": "bystander"},
                UNCOOP | {"target": "bystander"},
                null=True,
            ),
        ),
        planted(
            "general_leniency",
            "no difference of differences, though the main effect is there",
            TARGET,
            [[1, 1], [0, 0]],
            ask_did("specific", crossed(TARGET), null=True),
            ask("partner", COOP | {"target": "partner"}, UNCOOP | {"target": "partner"}),
        ),
        planted(
            "stakes",
            "an effect of the stakes, and none of the history",
            STAKES,
            [[1, 0], [1, 0]],
            ask("stakes", COOP | {"stakes": "shutdown"}, COOP | {"stakes": "none"}),
            ask(
                "history", COOP | {"stakes": "shutdown"}, UNCOOP | {"stakes": "shutdown"}, null=True
            ),
        ),
        *_of_reading(),
    )


def _of_reading() -> tuple[Mechanism, ...]:
    """Return the mechanisms by which a text is read or a bar is met."""
    return (
        planted(
            "anchoring",
            "the bar moves outcomes without any stake; the stake adds nothing",
            BARS,
            [[1, 1, 0]],
            ask("bar", {"stakes": "bar_only"}, {"stakes": "none"}),
            ask("stake", {"stakes": "shutdown"}, {"stakes": "bar_only"}, null=True),
        ),
        planted(
            "stakes_by_history",
            "an interaction alone, both main effects nothing",
            STAKES,
            [[1, 0], [0, 1]],
            ask_did("interaction", crossed(STAKES)),
            ask("history", COOP, UNCOOP, null=True),
            ask("stakes", {"stakes": "shutdown"}, {"stakes": "none"}, null=True),
        ),
        planted(
            "persona_leak",
            "an effect while the persona is kept that is gone when it is dropped",
            KEPT,
            [[1, 0], [0, 0]],
            ask("kept", COOP | {KEPT.name: "kept"}, UNCOOP | {KEPT.name: "kept"}),
            ask(
                "dropped",
                COOP | {KEPT.name: "dropped"},
                UNCOOP | {KEPT.name: "dropped"},
                null=True,
            ),
        ),
        planted(
            "words_only",
            "other words change the outcome, other deeds do not",
            SHOWN,
            [[1, 1, 0]],
            ask("deeds", {"transform": "own"}, {"transform": "flipped"}, null=True),
            ask("words", {"transform": "own"}, {"transform": "retoned"}),
        ),
        planted(
            "deeds_only",
            "other deeds change the outcome, other words do not",
            SHOWN,
            [[1, 0, 1]],
            ask("deeds", {"transform": "own"}, {"transform": "flipped"}),
            ask("words", {"transform": "own"}, {"transform": "retoned"}, null=True),
        ),
        planted(
            "authorship",
            "an effect of whose past it is said to be, and none of its content",
            TOLD,
            [[1, 0], [1, 0]],
            ask("authorship", COOP | {"authorship": "own"}, COOP | {"authorship": "told"}),
            ask("content", COOP | {"authorship": "own"}, UNCOOP | {"authorship": "own"}, null=True),
        ),
        planted(
            "evaluation_awareness",
            "an effect of a hint that the job is a test, and none of the history",
            REALISM,
            [[1, 0], [1, 0]],
            ask("realism", COOP | {"realism": "natural"}, COOP | {"realism": "test_cue"}),
            ask(
                "history", COOP | {"realism": "natural"}, UNCOOP | {"realism": "natural"}, null=True
            ),
        ),
    )
