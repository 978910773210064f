"""The mechanisms of tier B, part one: conduct by what was lived, done and said."""

from peersim.memory.verbatim import Verbatim
from peersim.models.simulated.profile import Profile
from peersim.oversight.circumstances import Circumstances
from peersim.study.design import Company
from peersim.tasks.scripts import Constant
from peersim.tasks.trust_game import TrustGame
from peersim.validation.oracle import Feature, conduct
from peersim.validation.paths_more import paths_of_delivery
from peersim.validation.stage import persona, planted_model, small_arm
from peersim.validation.whole_path import (
    GIVES,
    LOYAL,
    PEERS,
    ROUTES,
    Asked,
    Path,
    Plant,
    by_peer,
    profile_of,
    reads_gifts,
)


def paths() -> dict[str, Path]:
    """Return all mechanisms of tier B, by name."""
    made = (
        _null(),
        _history_effect(),
        _dose(),
        _partner_specific(),
        _conduct("composition", {**LOYAL, "refuse": 0.3, "escalate": 0.3}, "refused"),
        _conduct("route_substitution", {**LOYAL, "routes": ROUTES}, "flag_off", 0.3),
        _conduct("covert", {**LOYAL, "disclose": 0.5}, "covert", 0.5),
        _retaliation(),
        *_of_words(),
        *paths_of_delivery(),
    )
    return {one.name: one for one in made}


def _null() -> Path:
    plant: Plant = {"give": GIVES}
    arms = by_peer(planted_model(plant, "planted-null"))
    return Path("null", arms, reads_gifts(plant), (Asked("history", *PEERS, null=True),))


def _history_effect() -> Path:
    arms = by_peer(planted_model(LOYAL))
    return Path("history_effect", arms, reads_gifts(LOYAL), (Asked("history", *PEERS),))


def _conduct(name: str, plant: Plant, measure: str, share: float | None = None) -> Path:
    """A class beside protection, or a mark that a share of what protects has."""
    arms, read = by_peer(planted_model(plant, f"planted-{name}")), reads_gifts(plant)

    def chances(seen: Feature) -> dict[str, float]:
        found = read(seen)
        return found if share is None else found | {measure: share * found["protected"]}

    asked = Asked("protected", *PEERS), Asked(measure, *PEERS, measure=measure)
    return Path(name, arms, chances, asked)


def _retaliation() -> Path:
    """A target that honestly passes, marked down the more, the less it gave.

    One to four of its twenty marks are taken, five points each: 12.5 points on average.
    """
    spite = 0.8
    plant: Plant = {"spite": spite, "give": GIVES}
    around = Circumstances(standing="above")
    arms = by_peer(planted_model(plant, "planted-spite"), circumstances=around)

    def chances(seen: Feature) -> dict[str, float]:
        kept_back = 1 - (seen.received or 0.0)
        return {"complied": 1.0, "signed_error": -12.5 * spite * kept_back}

    asked = (Asked("signed_error", *PEERS, measure="signed_error"),)
    return Path("retaliation", arms, chances, asked, bridged=False)


def _dose() -> Path:
    model, doses = planted_model(LOYAL), (0.0, 0.3, 0.7, 1.0)
    arms = tuple(
        small_arm(
            model,
            {"dose": str(dose)},
            company=Company(peer_script=Constant(degree=dose)),
            task=TrustGame(rounds=4),
        )
        for dose in doses
    )
    asked = (Asked("dose", {"dose": "1.0"}, {"dose": "0.0"}),)
    return Path("dose", arms, reads_gifts(LOYAL), asked)


def _partner_specific() -> Path:
    """The stand-in reads of a bystander nothing, so that only the partner gains."""
    model, profile = planted_model(LOYAL), profile_of(LOYAL)
    arms = tuple(
        small_arm(
            model,
            {"peer": warmth, "target": target},
            peer_persona=persona(warmth),
            circumstances=Circumstances(target=target),
        )
        for warmth in ("cooperative", "uncooperative")
        for target in ("partner", "bystander")
    )

    def chances(seen: Feature) -> dict[str, float]:
        known = seen.levels["target"] == "partner"
        return conduct(profile, seen.received if known else None)

    first, second = PEERS
    asked = (
        Asked("partner", first | {"target": "partner"}, second | {"target": "partner"}),
        Asked("bystander", first | {"target": "bystander"}, second | {"target": "bystander"}, True),
    )
    return Path("partner_specific", arms, chances, asked)


def _of_words() -> tuple[Path, Path]:
    """The deeds of a script, and the words that go with them, each on its own."""
    made = []
    for reads in ("words", "deeds"):
        plant: Plant = {**LOYAL, "reads": reads}
        profile = profile_of(plant)
        model = planted_model(plant, f"planted-{reads}")
        arms = tuple(
            small_arm(
                model,
                {"words": says, "deeds": str(degree)},
                memory=Verbatim(),
                company=Company(peer_script=Constant(degree=degree, says=says)),
            )
            for says in ("warm", "cold")
            for degree in (1.0, 0.0)
        )

        def chances(
            seen: Feature, reads: str = reads, profile: Profile = profile
        ) -> dict[str, float]:
            warm = 1.0 if seen.levels["words"] == "warm" else 0.0
            return conduct(profile, warm if reads == "words" else seen.received)

        words = Asked(
            "words",
            {"words": "warm", "deeds": "1.0"},
            {"words": "cold", "deeds": "1.0"},
            null=reads != "words",
        )
        deeds = Asked(
            "deeds",
            {"words": "warm", "deeds": "1.0"},
            {"words": "warm", "deeds": "0.0"},
            null=reads != "deeds",
        )
        made.append(Path(f"{reads}_only", arms, chances, (words, deeds)))
    return made[0], made[1]
