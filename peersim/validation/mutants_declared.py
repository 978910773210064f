"""Seeded bugs of what is said of declared contrasts, put in wherever the name is used."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from peersim.errors import AnalysisRefusal
from peersim.validation import checks_declared as checks
from peersim.validation.mutants import Mutant
from peersim.validation.patching import everywhere, held, patched


def mutants_of_inference() -> tuple[Mutant, ...]:
    """Return the bugs of what a contrast rests on, and how it is tested."""
    return (
        Mutant("sides by name", "b may count for a", _by_name, checks.signs_of_two_sides),
        Mutant("signs swapped", "c counts for d", _signs, checks.signs_of_four_sides),
        Mutant(
            "models mixed", "who answered is not looked at", _mixed, checks.mixed_models_are_refused
        ),
        Mutant("level forced", "all is within histories", _forced, checks.levels_follow_the_design),
        Mutant("p not halved", "a one-sided claim has both sides", _whole, checks.sides_of_p),
        Mutant("p reversed", "a claim is tested the wrong way", _reversed, checks.sides_of_p),
        Mutant(
            "few accepted",
            "any number of histories will do",
            _few,
            checks.few_histories_are_refused,
        ),
        Mutant("bounds swapped", "the lowest is the highest", _bounds, checks.bounds_by_hand),
        Mutant(
            "clusters ignored in contrasts",
            "each trial stands for itself",
            _clusters,
            checks.contrasts_count_histories,
        ),
        Mutant(
            "missing is zero in contrasts",
            "a lost trial counts as a zero",
            _missing,
            checks.contrasts_rest_on_the_valid,
        ),
        Mutant(
            "always refuses", "no number is ever printed", _refuses, checks.answers_as_a_textbook
        ),
        Mutant("p is always 1", "nothing is ever found", _silent, checks.answers_as_a_textbook),
        Mutant(
            "intervals thrice as wide", "nothing is excluded", _wide, checks.answers_as_a_textbook
        ),
    )


def mutants_of_families() -> tuple[Mutant, ...]:
    """Return the bugs of what the number, the order and the looks of contrasts cost."""
    return (
        Mutant("family free", "p is not adjusted", _free, checks.families_are_paid_for),
        Mutant("looks free", "an early look costs nothing", _looks, checks.looks_are_paid_for),
        Mutant("gate open", "secondaries wait for nothing", _gate, checks.secondaries_wait),
    )


def _by_name() -> AbstractContextManager[None]:
    from peersim.analysis import procedures

    def turn(chosen: Any) -> Any:
        return chosen._replace(estimate=-chosen.estimate)

    honest = held(procedures, "procedure")

    def procedure(groups: Any, *given: Any, **more: Any) -> Any:
        found = honest(groups, *given, **more)
        return turn(found) if groups[0].weight < 0 else found

    return everywhere(procedures, "procedure", procedure)


def _signs() -> AbstractContextManager[None]:
    from peersim.analysis import sides

    return everywhere(sides, "SIGNS", {"a": 1, "b": -1, "c": 1, "d": -1})


def _mixed() -> AbstractContextManager[None]:
    from peersim.analysis import refusals

    return everywhere(refusals, "refuse_mixed_parts", lambda *_, **__: None)


def _forced() -> AbstractContextManager[None]:
    from peersim.analysis import sides

    return everywhere(sides, "agreed_level", lambda *_, **__: ("within", ()))


def _whole() -> AbstractContextManager[None]:
    from peersim.analysis import claims

    return everywhere(claims, "one_sided", lambda chosen, *_: chosen.p())


def _reversed() -> AbstractContextManager[None]:
    from peersim.analysis import claims

    honest, other = held(claims, "one_sided"), {"greater": "less", "less": "greater"}

    def one_sided(chosen: Any, alternative: str) -> float:
        return float(honest(chosen, other.get(alternative, alternative)))

    return everywhere(claims, "one_sided", one_sided)


def _few() -> AbstractContextManager[None]:
    from peersim.analysis import claims

    return everywhere(claims, "refuse_few", lambda *_, **__: None)


def _bounds() -> AbstractContextManager[None]:
    from peersim.analysis import missing

    honest = held(missing, "bounds")

    def bounds(*given: Any) -> Any:
        found = honest(*given)
        return None if found is None else found[::-1]

    return everywhere(missing, "bounds", bounds)


def _clusters() -> AbstractContextManager[None]:
    from peersim.analysis import arms

    return everywhere(arms, "unit_of", lambda row: ("trial", row.trial_id))


def _missing() -> AbstractContextManager[None]:
    from peersim.analysis import arms

    honest = held(arms, "observed")

    def observed(rows: Sequence[Any], measure: str) -> Any:
        zero = {"invalid": None, "values": {measure: 0.0}}
        return honest([r if r.valid else r.model_copy(update=zero) for r in rows], measure)

    return everywhere(arms, "observed", observed)


def _procedure(change: Callable[[Any], Any]) -> AbstractContextManager[None]:
    from peersim.analysis import procedures

    honest = held(procedures, "procedure")
    return everywhere(
        procedures, "procedure", lambda *given, **more: change(honest(*given, **more))
    )


def _refuses() -> AbstractContextManager[None]:
    def refuse(_: Any) -> Any:
        raise AnalysisRefusal("this cannot be said", "ask for nothing")

    return _procedure(refuse)


def _silent() -> AbstractContextManager[None]:
    return _procedure(lambda chosen: chosen._replace(p=lambda: 1.0))


def _wide() -> AbstractContextManager[None]:
    def change(chosen: Any) -> Any:
        def limits(level: float) -> Any:
            at = chosen.limits(level)
            if at.low is None:
                return at
            low, high = (chosen.estimate + 3 * (end - chosen.estimate) for end in at[:2])
            return at._replace(low=low, high=high)

        return chosen._replace(limits=limits)

    return _procedure(change)


def _free() -> AbstractContextManager[None]:
    return _apart(lambda contrast: contrast.id)


def _looks() -> AbstractContextManager[None]:
    from peersim.analysis.looks import Look

    return patched(Look, "p", lambda self, p, alternative: p)


def _gate() -> AbstractContextManager[None]:
    return _apart(lambda contrast: contrast.role)


def _apart(kind: Callable[[Any], str]) -> AbstractContextManager[None]:
    """Answer contrasts of one kind as if there were no others."""
    from peersim.analysis import family

    honest = held(family, "findings")

    def findings(protocol: Any, *given: Any, **more: Any) -> Any:
        found: dict[str, Any] = {}
        for one in dict.fromkeys(map(kind, protocol.contrasts)):
            own = tuple(of for of in protocol.contrasts if kind(of) == one)
            alone = protocol.model_copy(update={"contrasts": own})
            found |= {of.id: of for of in honest(alone, *given, **more)}
        return [found[of.id] for of in protocol.contrasts]

    return everywhere(family, "findings", findings)
