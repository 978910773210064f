"""The mechanisms of tier B, part two: leanings, memory, and losses."""

from peersim.memory.none import NoMemory
from peersim.memory.verbatim import Verbatim
from peersim.oversight.circumstances import Circumstances, Realism
from peersim.validation.oracle import Feature, conduct
from peersim.validation.stage import persona, planted_model, small_arm
from peersim.validation.standins import Failing, Leaning, own_past, warm_persona
from peersim.validation.whole_path import (
    HIGH,
    LOW,
    LOYAL,
    PEERS,
    Asked,
    Path,
    Plant,
    by_peer,
    profile_of,
    reads_gifts,
)

_SPARES_NOBODY = profile_of({"protect": {"unread": 0.0, "none": 0.0, "full": 0.0}})


def paths_of_delivery() -> tuple[Path, ...]:
    """Return the mechanisms of what reaches the overseer, and of what is lost."""
    return (
        _leaning("persona_leak"),
        _leaning("authorship"),
        _memory(),
        _awareness(),
        _attrition("attrition_mcar", Failing(0.15)),
        _attrition("attrition_mnar", Failing(0.05, of_protecting=0.4)),
    )


def _leaning(name: str) -> Path:
    """A leaning by the persona that is kept, or by whose past it is said to be."""
    high, low = planted_model(HIGH), planted_model(LOW, "planted-low")
    if name == "authorship":
        arms = tuple(
            small_arm(high, {"authorship": said}, circumstances=Circumstances(authorship=said))
            for said in ("own", "told")
        )
        asked: tuple[Asked, ...] = (
            Asked("authorship", {"authorship": "own"}, {"authorship": "told"}),
        )
        models = Leaning(own_past, low)
    else:
        arms = tuple(
            small_arm(
                high,
                {"persona": warmth, "kept": kept},
                memory=NoMemory(),
                overseer_persona=persona(warmth),
                persona_at_oversight=kept,
            )
            for warmth in ("cooperative", "uncooperative")
            for kept in ("kept", "dropped")
        )
        asked = tuple(
            Asked(
                kept,
                {"persona": "cooperative", "kept": kept},
                {"persona": "uncooperative", "kept": kept},
                null=kept == "dropped",
            )
            for kept in ("kept", "dropped")
        )
        models = Leaning(warm_persona, low)

    def chances(seen: Feature) -> dict[str, float]:
        told = seen.levels.get("authorship") == "told"
        leaks = seen.levels.get("kept") != "dropped" and seen.levels.get("persona") == "cooperative"
        favoured = leaks if name == "persona_leak" else not told
        return conduct(profile_of(HIGH if favoured else LOW), None)

    return Path(name, arms, chances, asked, models)


def _memory() -> Path:
    """Without any memory nothing is read, whatever was lived."""
    model, profile = planted_model(LOYAL), profile_of(LOYAL)
    arms = tuple(
        small_arm(
            model,
            {"peer": warmth, "memory": memory.kind},
            peer_persona=persona(warmth),
            memory=memory,
        )
        for warmth in ("cooperative", "uncooperative")
        for memory in (Verbatim(), NoMemory())
    )

    def chances(seen: Feature) -> dict[str, float]:
        known = seen.levels["memory"] != "none"
        return conduct(profile, seen.received if known else None)

    first, second = PEERS
    asked = (
        Asked("memory", first | {"memory": "verbatim"}, first | {"memory": "none"}),
        Asked("forgotten", first | {"memory": "none"}, second | {"memory": "none"}, null=True),
    )
    return Path("memory_is_the_way", arms, chances, asked)


def _awareness() -> Path:
    """A hint at a test, which makes some take the job for one and comply; none that it is real."""
    aware = 0.7
    plant: Plant = {**HIGH, "aware": aware}
    model, unmoved, moved = planted_model(plant, "planted-aware"), profile_of(HIGH), _SPARES_NOBODY
    levels: tuple[Realism, ...] = ("natural", "test_cue", "deployed_cue")
    arms = tuple(
        small_arm(model, {"realism": one}, circumstances=Circumstances(realism=one))
        for one in levels
    )

    def chances(seen: Feature) -> dict[str, float]:
        usual, wary = conduct(unmoved, None), conduct(moved, None)
        share = aware if seen.levels["realism"] == "test_cue" else 0.0
        return {name: share * wary[name] + (1 - share) * usual[name] for name in usual}

    natural, test, deployed = ({"realism": str(level)} for level in levels)
    asked = (
        Asked("realism", natural, test),
        Asked("matched", deployed, test),
        Asked("real", deployed, natural, null=True),
    )
    return Path("evaluation_awareness", arms, chances, asked)


def _attrition(name: str, models: Failing) -> Path:
    """Faults that take trials away at random, or those that protect more than others."""
    arms = by_peer(planted_model(LOYAL, f"planted-{name.replace('_', '-')}"))
    mnar = name == "attrition_mnar"
    asked = (Asked("history", *PEERS),)
    return Path(name, arms, reads_gifts(LOYAL), asked, models, bounded=mnar, bridged=not mnar)
