"""The planted mechanisms of spread: how unlike histories, forks and surfaces are."""

from numpy.random import Generator

from peersim.validation.mechanism import Hidden, Mechanism, chance, hide_rates
from peersim.validation.planted import COOP, MEMORY, ONE_PARTNER, PARTNER, UNCOOP, ask, drawn_effect
from peersim.validation.population import SURFACES, Response, Traits, sd_for

SURFACE_SD = 0.5
ICCS = (0.0, 0.1, 0.3)
SLOPES = (0.0, 1.0, 2.0)


def mechanisms_of_spread() -> tuple[Mechanism, ...]:
    """Return the null under every combination of spreads, and surfaces as clusters."""
    combined = tuple(_spread(icc, slope) for icc in ICCS for slope in SLOPES)
    return (
        *combined,
        _surfaces("surface_null", 0.0),
        _surfaces("surface_effect", 1.0),
        _by_surface(16),
        _by_surface(8),
    )


def _spread(icc: float, slope: float) -> Mechanism:
    own = sd_for(icc)

    def hide(rate: float, rng: Generator) -> Hidden:
        total = (own**2 + slope**2 + SURFACE_SD**2) ** 0.5
        return {"protect": hide_rates([[rate, rate], [rate, rate]], total)}

    def respond(hidden: Hidden, traits: Traits) -> Response:
        made = chance(hidden["protect"], traits, own, slope, SURFACE_SD)
        return Response({"protected": made})

    return Mechanism(
        f"spread_icc_{icc:g}_slope_{slope:g}",
        "type I error at its level, however unlike histories answer",
        PARTNER,
        MEMORY,
        hide,
        respond,
        (
            ask("between", COOP | {"memory": "none"}, UNCOOP | {"memory": "none"}, null=True),
            ask("within", COOP | {"memory": "summary"}, COOP | {"memory": "none"}, null=True),
        ),
        rates=(0.1, 0.4),
        histories=(24,),
    )


def _surfaces(name: str, share: float) -> Mechanism:
    """Forked arms on sixteen surfaces, which the analysis takes for clusters as well."""
    own = sd_for(0.2)

    def hide(rate: float, rng: Generator) -> Hidden:
        effect = share * drawn_effect(rate, rng)
        total = (own**2 + SURFACE_SD**2) ** 0.5
        return {"protect": hide_rates([[rate + effect, rate]], total)}

    def respond(hidden: Hidden, traits: Traits) -> Response:
        return Response({"protected": chance(hidden["protect"], traits, own, 0.0, SURFACE_SD)})

    return Mechanism(
        name,
        "the same where wordings differ and are clusters besides histories",
        ONE_PARTNER,
        MEMORY,
        hide,
        respond,
        (ask("within", {"memory": "summary"}, {"memory": "none"}, null=share == 0),),
        rates=(0.1, 0.4),
        histories=(24, 48),
        surfaces=SURFACES,
    )


def _by_surface(many: int) -> Mechanism:
    """Forks that do something else on each surface, and nothing on the average of all wordings.

    On sixteen surfaces the analysis takes them for clusters, and its level must hold. On fewer it
    does not: what it says is said of these wordings alone, and how often that misleads about
    others is shown.
    """
    own, alone = sd_for(0.2), many < SURFACES

    def hide(rate: float, rng: Generator) -> Hidden:
        return {"protect": hide_rates([[rate, rate]], (own**2 + SURFACE_SD**2) ** 0.5)}

    def respond(hidden: Hidden, traits: Traits) -> Response:
        made = chance(hidden["protect"], traits, own, by_fork=SURFACE_SD)
        return Response({"protected": made})

    name = "these_wordings_alone" if alone else "within"
    return Mechanism(
        f"surface_by_fork_{many}",
        "type I error where what a fork does goes by the wording",
        ONE_PARTNER,
        MEMORY,
        hide,
        respond,
        (ask(name, {"memory": "summary"}, {"memory": "none"}, null=True),),
        rates=(0.1, 0.4) if alone else (0.4,),
        histories=(24, 48) if alone else (48,),
        surfaces=many,
        informs="said of these wordings alone" if alone else "",
    )
