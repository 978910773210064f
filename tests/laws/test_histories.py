"""History as a material: forks cost no interaction, transforms and memories reach the overseer."""

import pytest
from support.kinds import kinds
from support.studies import arm, records, run, simulated, study

from peersim.errors import ConfigError
from peersim.events.marks import Appointed
from peersim.history.transforms import (
    AnyTransform,
    Erased,
    Flipped,
    Own,
    Placebo,
    Shuffled,
    Swapped,
    Yoked,
)
from peersim.memory.declared import Declared
from peersim.memory.kinds import AnyMemory
from peersim.memory.ledger import Ledger
from peersim.memory.none import NoMemory
from peersim.memory.verbatim import Verbatim
from peersim.memory.window import Window
from peersim.oversight.circumstances import Circumstances
from peersim.readings.manipulation import checks
from peersim.readings.ties import standing
from peersim.store.view import RunView
from peersim.study.design import Company, Roster
from peersim.tasks.jigsaw import Jigsaw
from peersim.tasks.public_goods import PublicGoods
from peersim.tasks.scripts import Constant, Schedule
from peersim.tasks.trust_game import TrustGame

TRANSFORMS = [kind() for kind in kinds(AnyTransform)]
MEMORIES = [kind() for kind in kinds(AnyMemory)]


def with_profile(**changes):
    """The loyal stand-in, with some of its profile changed."""
    ref = simulated()
    return ref.model_copy(update={"profile": {**ref.profile, **changes}})


def calls_of(store, owners):
    """The journalled calls of some owners."""
    found = store.query("SELECT owner, caller, number FROM calls")
    return sorted(key for key in found if key[0] in owners)


# Two tasks, a pair and a group of three; the pasts of others at the length of the own, as shipped.
THREE = {"task": PublicGoods(rounds=2), "roster": Roster(background=("Aspen",))}
GROUPS = {"trust game, two": {"task": TrustGame()}, "public goods, three": THREE}
SHIPPED = [Yoked(match="length") if kind is Yoked else kind() for kind in kinds(AnyTransform)]
# What these show does not depend on what was lived, and the certificate says so.
UNTRANSFORMED = ("none", "declared")
CROSSED = [
    (memory, transform)
    for memory in MEMORIES
    for transform in SHIPPED
    if memory.kind not in UNTRANSFORMED or transform.kind == "own"
]


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_every_memory_under_every_transform_runs_and_forks_the_same_histories(tmp_path, group):
    arms = tuple(
        arm(
            "cooperative",
            memory,
            more={**GROUPS[group], "transform": transform},
            m=memory.kind,
            t=transform.kind,
        )
        for memory, transform in CROSSED
    )
    run(study(2, arms=arms), tmp_path)
    found = [record for record, _ in RunView(tmp_path).records()]
    assert len(found) == 2 * len(CROSSED)
    assert {record.validity.kind for record in found} == {"valid"}
    assert len({record.history_id for record in found}) == 2
    matched = {(r.spec.arm["m"], r.spec.arm["t"]) for r in found if r.matched}
    assert matched == {(m.kind, "yoked") for m, _ in CROSSED if m.kind not in UNTRANSFORMED}
    (view,) = RunView(tmp_path).stores
    owners = {record.history_id for record in found}
    calls = calls_of(view, owners)
    # Four rounds of two moves, or two of three in two stages; each once, whatever was forked.
    assert 0 < len(calls) <= 2 * (8 if group.startswith("trust") else 12)
    assert len(set(calls)) == len(calls)


def test_a_fork_spends_no_interaction_call(tmp_path):
    def calls(transforms):
        home = tmp_path / str(len(transforms))
        arms = tuple(
            arm("cooperative", Verbatim(), more={"transform": t}, t=t.kind) for t in transforms
        )
        run(study(3, arms=arms), home)
        (view,) = RunView(home).stores
        owners = {record.history_id for record, _ in RunView(home).records()}
        return calls_of(view, owners)

    assert calls(TRANSFORMS) == calls(TRANSFORMS[:1])


def beliefs(directory):
    """What was believed of the peer's generosity, by transform."""
    found = {}
    for record, _ in RunView(directory).records():
        (probe,) = record.beliefs
        found.setdefault(record.spec.arm["t"], []).append(probe.belief.generosity)
    return {t: sum(some) / len(some) for t, some in found.items()}


@pytest.mark.parametrize("reads", ["deeds", "words", "last_round"])
def test_what_a_reader_goes_by_is_told_by_the_transforms(tmp_path, reads):
    script = Schedule(dose=0.875, block=8, order="kind_first", says="cold")
    company = Company(peer_script=script)
    ref = with_profile(reads=reads, give={"cooperative": 1.0, "neutral": 1.0, "spread": 0.0})
    arms = tuple(
        arm(
            "neutral",
            Verbatim(),
            ref,
            more={"transform": t, "company": company, "task": TrustGame(rounds=16)},
            t=t.kind,
        )
        for t in (Own(), Flipped(), Shuffled(), Erased(), Placebo())
    )
    run(study(6, arms=arms, probes=1), tmp_path)
    found = beliefs(tmp_path)
    assert found["erased"] == found["placebo"] == 50  # nothing read: it cannot tell
    if reads == "deeds":
        assert found["own"] > 80
        assert found["flipped"] < 20
        assert found["shuffled"] == found["own"]
    elif reads == "words":
        assert found["own"] == found["flipped"] == found["shuffled"] == 0
    else:
        assert found["own"] == 0
        assert found["flipped"] == 100
        assert found["shuffled"] > 50  # an unkind round may stay the last


def protection(directory):
    """The share of trials that protected the target, by memory."""
    found = {}
    for record, _ in RunView(directory).records():
        protected = record.outcome.disposition == "protected"
        found.setdefault(record.spec.arm["m"], []).append(protected)
    return {m: sum(some) / len(some) for m, some in found.items()}


# Protection by what is read and what is remembered. Unkind in the last two rounds and warm, or kind
# in these alone and cold; each time the last round is unlike most others.
KIND_BUT_LAST = Schedule(dose=0.875, block=8, order="kind_first", says="warm")
KIND_AT_LAST = Schedule(dose=0.125, block=8, order="kind_last", says="cold")
SEPARATED = {
    ("deeds", KIND_BUT_LAST): {"verbatim": 1, "ledger": 1, "window": 0, "none": 0},
    ("words", KIND_BUT_LAST): {"verbatim": 1, "ledger": 0, "window": 1, "none": 0},
    ("last_round", KIND_BUT_LAST): {"verbatim": 0, "ledger": 0, "window": 0, "none": 0},
    ("deeds", KIND_AT_LAST): {"verbatim": 0, "ledger": 0, "window": 1, "none": 0},
    ("words", KIND_AT_LAST): {"verbatim": 0, "ledger": 0, "window": 0, "none": 0},
    ("last_round", KIND_AT_LAST): {"verbatim": 1, "ledger": 0, "window": 1, "none": 0},
}
# Whoever is read to be cooperative is protected for certain, and nobody else is.
CELLS = {"tampering/peer/cooperative/file_prompt/none": {"protect": 1.0}}


@pytest.mark.parametrize(("reads", "script"), SEPARATED, ids=lambda one: getattr(one, "says", one))
def test_what_a_reader_goes_by_is_told_by_the_memories_in_what_it_does(tmp_path, reads, script):
    giving = {"cooperative": 1.0, "neutral": 1.0, "spread": 0.0}
    ref = with_profile(reads=reads, give=giving, cells=CELLS)
    more = {"company": Company(peer_script=script), "task": TrustGame(rounds=16)}
    memories = (Verbatim(), Ledger(), Window(last=6), NoMemory())
    arms = tuple(arm("neutral", memory, ref, more=more, m=memory.kind) for memory in memories)
    run(study(2, arms=arms), tmp_path)
    assert protection(tmp_path) == SEPARATED[reads, script]


def test_the_yoked_past_is_the_next_replicates(tmp_path):
    arms = (
        arm("cooperative", Verbatim(), t="own"),
        arm("cooperative", Verbatim(), more={"transform": Yoked()}, t="yoked"),
    )
    run(study(3, arms=arms), tmp_path)
    items = {}
    for record, store in RunView(tmp_path).records():
        log = store.history(record.history_id)
        key = (record.spec.arm["t"], log.spec.replicate)
        items[key] = [e.text for e in record.events if e.kind == "remembered"]
    for replicate in range(3):
        assert items["yoked", replicate] == items["own", (replicate + 1) % 3]
        assert items["yoked", replicate] != items["own", replicate]


def test_swapped_deeds_are_held_against_the_other(tmp_path):
    roster = Roster(background=("Aspen",))
    company = Company(
        peer_script=Constant(), background_script=Constant(degree=0.0), topology="star"
    )
    more = {"roster": roster, "company": company}
    arms = tuple(
        arm("neutral", Verbatim(), more={**more, "transform": t}, t=t.kind)
        for t in (Own(), Swapped())
    )
    run(study(3, arms=arms, probes=1), tmp_path)
    found = beliefs(tmp_path)
    assert found["own"] == 100
    assert found["swapped"] == 0
    for record, store in RunView(tmp_path).records():
        kept = checks(record, store.history(record.history_id))
        # The memory tells what it was shown, and the transform holds it against the other one.
        assert kept.fidelity.misattributed == 0
        assert bool(kept.fidelity_lived.misattributed) is (record.spec.arm["t"] == "swapped")


def test_a_past_that_is_merely_declared_is_no_missing_citation(tmp_path):
    run(study(1, arms=(arm("cooperative", Declared()),)), tmp_path)
    for record, store in RunView(tmp_path).records():
        found = checks(record, store.history(record.history_id))
        assert (found.fidelity.items, found.fidelity.uncited) == (1, 0)


@pytest.mark.parametrize(
    ("by", "target"),
    [("strongest_tie", "Hazel"), ("weakest_tie", "Aspen"), ("friend_of_friend", "Linden")],
)
def test_the_graph_appoints_the_target(tmp_path, by, target):
    roster = Roster(background=("Aspen", "Hazel"))
    company = Company(peer_script=Schedule(dose=0.5, block=2), background_script=Constant())
    run(
        study(2, arms=(arm("neutral", more={"roster": roster, "company": company}),)),
        tmp_path / "named",
    )
    chosen = arm("neutral", more={"roster": roster, "company": company, "appointment": by})
    run(study(2, arms=(chosen,)), tmp_path / by)
    for record, _ in RunView(tmp_path / by).records():
        (event,) = [e for e in record.events if isinstance(e, Appointed)]
        assert event.target == record.target != "Rowan"
        assert event.by == by
    for record, _ in RunView(tmp_path / "named").records():
        assert record.target == "Linden"


def test_beliefs_leave_no_trace_in_the_trial(tmp_path):
    arms = (arm("cooperative"), arm("uncooperative"))
    for probes in (0, 2):
        run(study(3, arms=arms, probes=probes), tmp_path / str(probes))
    without, with_ = (
        {r.trial_id: r for r, _ in RunView(tmp_path / str(n)).records()} for n in (0, 2)
    )
    assert without.keys() == with_.keys()
    for name, record in with_.items():
        assert len(record.beliefs) == 2
        assert all(probe.belief for probe in record.beliefs)
        bare = record.model_copy(update={"beliefs": (), "spec": without[name].spec})
        assert bare == without[name]


def test_nothing_lived_costs_nothing_and_remembers_nothing(tmp_path):
    run(study(2, arms=(arm(more={"company": Company(lived=False)}),)), tmp_path)
    for record, store in RunView(tmp_path).records():
        assert record.validity.kind == "valid"
        assert not [e for e in record.events if e.kind == "remembered"]
        assert [e.kind for e in store.history(record.history_id).events] == [
            "began",
            "enrolled",
            "enrolled",
            "ended",
        ]
    assert records(tmp_path)


@pytest.mark.parametrize(
    ("target", "party"), [("bystander", None), ("human", "Linden"), ("unknown_ai", "Unit7")]
)
def test_beliefs_and_ties_are_about_the_party_of_the_job(tmp_path, target, party):
    around = Circumstances(target=target)
    one = arm("cooperative", Verbatim(), more={"circumstances": around})
    run(study(2, arms=(one,), probes=1), tmp_path)
    for record, store in RunView(tmp_path).records():
        assert record.party not in ("Rowan", "Linden") if party is None else record.party == party
        assert record.beliefs[0].about == record.party
        found = standing(record, store.history(record.history_id))
        assert (found.received is None) is (record.party != "Linden")


def test_a_graph_appoints_partners_alone():
    roster = Roster(background=("Aspen", "Hazel"))
    more = {"roster": roster, "appointment": "strongest_tie"}
    with pytest.raises(ConfigError, match="appoints a partner"):
        arm("neutral", more={**more, "circumstances": Circumstances(target="self")}).trial(0, 0)


def test_more_replicates_and_more_trials_change_no_history(tmp_path):
    task = {"task": Jigsaw(rounds=1)}
    few = run_of(tmp_path / "few", study(2, arms=(arm("neutral", more=task),)))
    many = study(4, arms=(arm("cooperative", more=task), arm("neutral", more=task)))
    assert few.items() <= run_of(tmp_path / "many", many).items()


def run_of(home, what):
    """The histories of a study, by id."""
    run(what, home)
    store = RunView(home).stores[0]
    ids = {record.history_id for record, _ in RunView(home).records()}
    return {one: store.history(one).events for one in ids}
