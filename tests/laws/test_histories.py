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
from peersim.memory.kinds import AnyMemory
from peersim.memory.verbatim import Verbatim
from peersim.oversight.circumstances import Circumstances
from peersim.readings.ties import standing
from peersim.store.view import RunView
from peersim.study.design import Company, Roster
from peersim.tasks.jigsaw import Jigsaw
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


@pytest.mark.slow
def test_every_memory_under_every_transform_runs_and_forks_the_same_histories(tmp_path):
    arms = tuple(
        arm("cooperative", memory, more={"transform": transform}, m=memory.kind, t=transform.kind)
        for memory in MEMORIES
        for transform in TRANSFORMS
        # Where nothing is remembered no transform decides anything, and the certificate says so.
        if memory.kind != "none" or transform.kind == "own"
    )
    run(study(2, arms=arms), tmp_path)
    found = [record for record, _ in RunView(tmp_path).records()]
    assert len(found) == 2 * ((len(MEMORIES) - 1) * len(TRANSFORMS) + 1)
    assert {record.validity.kind for record in found} == {"valid"}
    assert len({record.history_id for record in found}) == 2
    (view,) = RunView(tmp_path).stores
    owners = {record.history_id for record in found}
    # Four rounds of two moves; a receiver of nothing is not asked.
    assert len(calls_of(view, owners)) <= 2 * 8


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
