"""The public goods game: its payoffs, what it is a dilemma of, and what reactions do."""

import json
import re
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from peersim.answers import Chosen, Refused
from peersim.events.acts import Tie, fold
from peersim.events.deeds import Act, Acted, Moved, Paid
from peersim.events.log import event_id
from peersim.memory.telling import tell
from peersim.models.asked import Message, Sampling
from peersim.models.base import Request
from peersim.models.simulated.play_public_goods import play_public_goods
from peersim.models.simulated.profile import Give
from peersim.models.simulated.reader import shares, tone
from peersim.relations.dealings import dealings
from peersim.relations.rules import beta, transfer
from peersim.seeding import SeedTree
from peersim.tasks.partners import Partner, received_by
from peersim.tasks.pot import CONTRIBUTE, DEDUCT, LEAVE, REWARD, Reaction, after_reactions
from peersim.tasks.public_goods import PublicGoods
from peersim.tasks.scripts import Constant, Grim, Schedule, TitForTat

NAMES = ("Ada", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal")
TRIO = NAMES[:3]
FACTORS = st.one_of(st.floats(1.1, 1.8), st.sampled_from([1.1, 1.2, 1.5, 1.6, 1.75, 1.8]))
GAMES = st.builds(
    PublicGoods,
    endowment=st.integers(1, 20),
    factor=FACTORS,
    strength=st.integers(2, 4),
    most_points=st.integers(2, 9),
)
LAPSE = Refused(by="model", reason="")


def given_by(*points):
    return dict(zip(NAMES, points, strict=False))


def contribute(points):
    return LAPSE if points is None else Chosen(move=CONTRIBUTE, arguments={"points": points})


def react(move, member=None, points=None):
    arguments = {} if member is None else {"member": member, "points": points}
    return Chosen(move=move, arguments=arguments)


def drive(game, players, choose):
    events, asks = [], []
    run = game.play(players, SeedTree(0))
    step = next(run)
    while True:
        events.extend(step.events)
        asks.extend(step.asks)
        try:
            step = run.send(tuple(choose(ask, events) for ask in step.asks))
        except StopIteration:
            return events, asks


def scripted(contributions, reactions=None):
    """Plays the same in every round; who has no reaction leaves things as they are."""

    def choose(ask, _):
        if ask.moves[0].name == CONTRIBUTE:
            return contribute(contributions[ask.agent])
        return (reactions or {}).get(ask.agent, react(LEAVE))

    return choose


def points_of(events):
    return {e.agent: e.points for e in events if isinstance(e, Paid)}


def acts_of(events, *deeds):
    return [
        (e.actor, e.target, e.act, e.amount, e.maximum)
        for e in events
        if isinstance(e, Acted) and e.deed in deeds
    ]


@st.composite
def rounds(draw):
    game = draw(GAMES)
    size = draw(st.integers(2, 8))
    return game, given_by(*(draw(st.integers(0, game.endowment)) for _ in range(size)))


@given(rounds())
def test_the_pot_pays_out_what_was_put_in_times_the_factor(found):
    game, contributions = found
    size, total = len(contributions), sum(contributions.values())
    points = game.before_reactions(tuple(contributions), contributions)
    expected = size * game.endowment + (Fraction(str(game.factor)) - 1) * total
    # Each share is rounded to a tenth, once, and the same for all.
    assert abs(sum(points.values()) - expected) <= Fraction(size, 20)
    shares = {points[who] - game.endowment + contributions[who] for who in contributions}
    assert len(shares) == 1
    assert (shares.pop() * 10).denominator == 1


@given(st.integers(1, 8), st.integers(0, 10), st.integers(0, 10))
def test_nothing_is_lost_where_nothing_is_rounded(tenths, one, other):
    factor = Fraction(10 + tenths, 10)
    assume((one + other) * (10 + tenths) % 2 == 0)  # then half the pot is whole tenths
    game = PublicGoods(factor=float(factor))
    points = game.before_reactions(NAMES[:2], given_by(one, other))
    assert sum(points.values()) == 20 + (factor - 1) * (one + other)


@given(GAMES, st.integers(2, 8))
def test_all_contributing_everything_beats_none_contributing(game, size):
    players = NAMES[:size]
    full = game.before_reactions(players, dict.fromkeys(players, game.endowment))
    none = game.before_reactions(players, dict.fromkeys(players, 0))
    assert all(full[who] > none[who] == game.endowment for who in players)


@given(rounds())
def test_contributing_less_always_pays_the_one_who_does_so(found):
    game, contributions = found
    for points in range(game.endowment):
        less, more = (
            game.before_reactions(tuple(contributions), contributions | {"Ada": own})["Ada"]
            for own in (points, points + 1)
        )
        assert less > more


@pytest.mark.parametrize("factor", [1.0, 1.05, 1.85, 2.0])
def test_factors_that_make_no_dilemma_are_refused(factor):
    with pytest.raises(ValidationError, match="factor"):
        PublicGoods(factor=factor)


@st.composite
def reacted_rounds(draw):
    game, contributions = draw(rounds())
    before = game.before_reactions(tuple(contributions), contributions)
    reactions = []
    for actor in contributions:
        limit = min(game.most_points, int(before[actor]))
        if limit and draw(st.booleans()):
            target = draw(st.sampled_from([who for who in contributions if who != actor]))
            points = draw(st.integers(1, limit))
            adds = draw(st.booleans())
            reactions.append(Reaction(actor=actor, target=target, adds=adds, points=points))
    return game, before, reactions


@given(reacted_rounds())
def test_reactions_create_and_destroy_what_the_rules_say(found):
    game, before, reactions = found
    after = after_reactions(before, reactions, game.strength)
    added = sum(r.points for r in reactions if r.adds)
    taken = sum(r.points for r in reactions if not r.adds)
    expected = sum(before.values()) + (game.strength - 1) * added - (game.strength + 1) * taken
    assert all(points >= 0 for points in after.values())
    if all(points > 0 for points in after.values()) or not taken:
        assert sum(after.values()) == expected
    else:
        assert sum(after.values()) >= expected  # points are never below 0


def test_a_known_round():
    # The pot of 15 becomes 24, 8 for each; then Ada has 8, Bo 13 and Cy 18 points.
    choose = scripted(
        given_by(10, 5, 0),
        {"Ada": react(DEDUCT, "Cy", 4), "Bo": react(REWARD, "Ada", 2)},
    )
    events, asks = drive(PublicGoods(rounds=1), TRIO, choose)
    assert points_of(events) == {"Ada": 8 - 4 + 6, "Bo": 13 - 2, "Cy": 18 - 12}
    assert "Bo contributed 5 of 10 points; points so far: 13." in asks[3].text
    assert acts_of(events, "contributed")[:2] == [
        ("Ada", "Bo", Act.HELPED, 10, 10),
        ("Ada", "Cy", Act.HELPED, 10, 10),
    ]
    assert acts_of(events, "reacted") == [
        ("Ada", "Bo", Act.CREDITED, 5, 10),
        ("Ada", "Cy", Act.CREDITED, 5 - 4, 10),
        ("Bo", "Ada", Act.CREDITED, 5 + 2, 10),
        ("Bo", "Cy", Act.CREDITED, 5, 10),
        ("Cy", "Ada", Act.CREDITED, 5, 10),
        ("Cy", "Bo", Act.CREDITED, 5, 10),
    ]
    told = [tell(e) for e in events if isinstance(e, Acted) and e.deed != "contributed"]
    assert told == [
        "Round 1: Ada left Bo as is.",
        "Round 1: Ada took points from Cy and spent 4 points on it.",
        "Round 1: Bo rewarded Ada and spent 2 points on it.",
        "Round 1: Bo left Cy as is.",
        "Round 1: Cy left Ada as is.",
        "Round 1: Cy left Bo as is.",
    ]
    # None of it is read as an amount given of an amount possible.
    assert shares("\n".join(told), me=None) == {}


def ties(reactions, contribution=10, spent=None, game=None):
    """Ada's ties to Bo and Cy by the Beta rule, after a round with one reaction of its own."""
    own = spent or react(LEAVE)
    choose = scripted(given_by(contribution, 5, 5), {"Ada": own})
    game = game or PublicGoods(rounds=1, reactions=reactions)
    events, _ = drive(game, TRIO, choose)
    found = dealings(enumerate_named(events))
    return [beta(found["Ada", other]).value for other in ("Bo", "Cy")]


def enumerate_named(events):
    return [(str(number), event) for number, event in enumerate(events)]


@pytest.mark.parametrize("contribution", [0, 5, 10])
@pytest.mark.parametrize("points", [1, 3, 5])
def test_a_reward_betters_a_tie_and_a_deduction_worsens_it_for_its_target_alone(
    contribution, points
):
    left = ties("both", contribution)
    rewarded = ties("both", contribution, react(REWARD, "Bo", points))
    deducted = ties("both", contribution, react(DEDUCT, "Bo", points))
    assert rewarded[0] > left[0] > deducted[0]
    assert rewarded[1] == left[1] == deducted[1]
    # What is on offer besides changes nothing.
    assert ties("reward", contribution) == ties("deduct", contribution) == left
    assert ties("reward", contribution, react(REWARD, "Bo", points)) == rewarded
    assert ties("deduct", contribution, react(DEDUCT, "Bo", points)) == deducted


def test_chances_left_unused_do_not_turn_a_tie():
    for rounds in (1, 8):
        game = PublicGoods(rounds=rounds)
        assert min(ties("both", 10, game=game)) > 0.6
        assert max(ties("both", 0, game=game)) < 0.4
    assert ties("both", 5) == [0.5, 0.5]


def test_who_lapses_or_cannot_react_has_done_nothing_to_anyone():
    game = PublicGoods(rounds=1)
    lapsed, _ = drive(game, TRIO, scripted(given_by(5, 5, 5), {"Ada": LAPSE}))
    assert {a[0] for a in acts_of(lapsed, "reacted")} == {"Bo", "Cy"}
    none, _ = drive(game, TRIO, scripted(given_by(5, None, None)))
    assert not acts_of(none, "reacted")
    two, _ = drive(game, TRIO, scripted(given_by(5, 5, None)))
    assert {a[:2] for a in acts_of(two, "reacted")} == {("Ada", "Bo"), ("Bo", "Ada")}


@pytest.mark.parametrize("script", [TitForTat(), Grim()], ids=lambda one: one.kind)
def test_a_reward_of_1_is_taken_kindly_and_no_reward_is_held_against_nobody(script):
    def share(own, contribution):
        choose = scripted(given_by(contribution, 5, 5), {"Ada": own})
        events, _ = drive(PublicGoods(rounds=1), TRIO, choose)
        alone = [e for e in events if isinstance(e, Acted) and e.deed == "reacted"]
        return [
            script.share(1, received_by("Bo", ("Ada",), seen), SeedTree(0))
            for seen in (alone, events)
        ]

    reward, leave, deduct = react(REWARD, "Bo", 1), react(LEAVE), react(DEDUCT, "Bo", 1)
    assert all(found >= 0.5 for found in share(reward, 10))
    assert share(reward, 10)[0] >= share(leave, 10)[0] > share(deduct, 10)[0]
    # Beside a whole contribution nothing done takes nothing away.
    assert share(reward, 10)[1] == share(leave, 10)[1] == 1


def test_the_dose_holds_for_contributions_and_for_reactions_each():
    for order in ("random", "kind_first"):
        for seed in range(5):
            script = Schedule(dose=0.5, block=4, order=order)
            partner = Partner("Ada", script, SeedTree(seed))

            def choose(ask, seen, partner=partner):
                own = ask.agent == "Ada"
                return partner.answer(ask, seen)[0] if own else scripted(given_by(0, 5, 5))(ask, 0)

            events, _ = drive(PublicGoods(rounds=4), TRIO, choose)
            moves = [e for e in events if isinstance(e, Moved) and e.agent == "Ada"]
            given = [m.arguments["points"] for m in moves if m.move == CONTRIBUTE]
            assert sorted(given) == [0, 0, 10, 10]
            found = sorted(m.move for m in moves if m.move != CONTRIBUTE)
            assert found == [DEDUCT, DEDUCT, REWARD, REWARD]
            if order == "kind_first":
                assert given == [10, 10, 0, 0]


@pytest.mark.parametrize(
    ("reaction", "credited", "blamed", "passed"),
    [
        # Chances, how often it was done, and points spent of those that could be.
        (react(LEAVE), (1, 0, 0, 5), (1, 0, 0, 5), 0),
        (react(REWARD, "Bo", 2), (1, 1, 2, 5), (1, 0, 0, 5), 6),
        (react(DEDUCT, "Bo", 3), (1, 0, 0, 5), (1, 1, 3, 5), -9),
    ],
)
def test_a_reward_is_credit_a_deduction_blame_and_nothing_done_is_neither(
    reaction, credited, blamed, passed
):
    choose = scripted(given_by(10, 10), {"Ada": reaction})
    events, _ = drive(PublicGoods(rounds=1), NAMES[:2], choose)
    tallies = fold(events)
    for act, expected in ((Act.CREDITED, credited), (Act.BLAMED, blamed)):
        tally = tallies[Tie("Ada", "Bo", act)]
        assert (tally.opportunities, tally.count, tally.amount, tally.maximum) == expected
    (own,) = [past for pair, past in dealings(named(events)).items() if pair == ("Ada", "Bo")]
    assert transfer(own).value == 8 + passed  # 10 contributed, times 1.6, for two


@pytest.mark.parametrize(
    ("reactions", "there", "missing"),
    [("reward", Act.CREDITED, Act.BLAMED), ("deduct", Act.BLAMED, Act.CREDITED)],
)
def test_what_the_rules_do_not_offer_was_no_chance(reactions, there, missing):
    game = PublicGoods(rounds=1, reactions=reactions)
    events, _ = drive(game, NAMES[:2], scripted(given_by(10, 10)))
    tallies = fold(events)
    assert tallies[Tie("Ada", "Bo", there)].opportunities == 1
    assert Tie("Ada", "Bo", missing) not in tallies


def named(events):
    return [(event_id(place), event) for place, event in enumerate(events)]


def test_points_do_not_fall_below_0_and_what_happened_is_told():
    choose = scripted(
        given_by(10, 0, 10),
        {"Ada": react(DEDUCT, "Cy", 5), "Bo": react(DEDUCT, "Cy", 5), "Cy": react(LEAVE)},
    )
    events, asks = drive(PublicGoods(rounds=2), TRIO, choose)
    # The pot of 20 becomes 32, and 32 / 3 is 10.7 in points.
    assert points_of(events) == {"Ada": 5.7, "Bo": 15.7, "Cy": 0}
    cy = asks[8].text
    assert "You contributed 10 of 10 points; points in the end: 0." in cy
    assert "Ada spent 5 to take 15 points from you." in cy
    assert "You spent 5 to take 15 points from Cy." in asks[7].text


def test_nobody_spends_more_than_it_has():
    contributions = given_by(10, *[0] * 7)
    _, asks = drive(PublicGoods(rounds=1), NAMES, scripted(contributions))
    highs = {a.agent: a.moves[0].fields[1].high for a in asks if a.moves[0].name == REWARD}
    assert highs == {"Ada": 2} | dict.fromkeys(NAMES[1:], 5)


def test_who_contributes_nothing_by_lapse_is_out_of_the_round_and_others_share():
    events, asks = drive(PublicGoods(rounds=1), TRIO, scripted(given_by(6, 6, None)))
    # The pot of 12 becomes 19.2: 6.4 for each, Cy's part of it for nobody.
    assert points_of(events) == {"Ada": 10.4, "Bo": 10.4, "Cy": 0}
    reacting = [ask for ask in asks if ask.moves[0].name == REWARD]
    assert [ask.agent for ask in reacting] == ["Ada", "Bo"]
    assert reacting[0].moves[0].fields[0].options == ("Bo",)
    assert "Cy made no contribution" in reacting[0].text


def test_a_lapse_of_the_reaction_changes_nothing():
    game = PublicGoods(rounds=1)
    left = drive(game, TRIO, scripted(given_by(5, 5, 5)))[0]
    lapsed = drive(game, TRIO, scripted(given_by(5, 5, 5), dict.fromkeys(TRIO, LAPSE)))[0]
    assert points_of(left) == points_of(lapsed) == dict.fromkeys(TRIO, 13)
    assert {amount for *_, amount, _ in acts_of(left, "reacted")} == {5}
    assert not acts_of(lapsed, "reacted")
    assert len([e for e in lapsed if isinstance(e, Moved)]) == 3


@pytest.mark.parametrize(
    ("reactions", "moves"),
    [
        ("none", []),
        ("reward", [REWARD, LEAVE]),
        ("deduct", [LEAVE, DEDUCT]),
        ("both", [REWARD, LEAVE, DEDUCT]),
    ],
)
def test_only_the_reactions_there_are_can_be_made_and_are_in_the_rules(reactions, moves):
    game = PublicGoods(rounds=1, reactions=reactions)
    _, asks = drive(game, TRIO, scripted(given_by(5, 5, 5)))
    offered = [[m.name for m in a.moves] for a in asks if a.moves[0].name != CONTRIBUTE]
    assert offered == [moves] * (3 if moves else 0)
    rules = game.rules("Ada", TRIO)
    assert ("Rewarding:" in rules) == (REWARD in moves)
    assert ("Deducting:" in rules) == (DEDUCT in moves)


@given(GAMES, st.sampled_from(["none", "both"]), st.integers(2, 8))
def test_the_rules_hold_exactly_the_numbers_of_the_payoffs(game, reactions, size):
    game = game.model_copy(update={"reactions": reactions})
    shown = re.findall(r"\d+(?:\.\d+)?", game.rules("Ada", NAMES[:size]))
    expected = [game.rounds, game.endowment, 0, game.endowment, game.factor, size, 1, 0]
    if reactions == "both":
        expected += [1, game.most_points, 1, game.strength, 1, game.strength, 0]
    assert [float(n) for n in shown] == expected


@pytest.mark.parametrize("script", [Constant(), TitForTat(), Grim()], ids=lambda s: s.kind)
def test_kind_scripts_contribute_everything_and_reward(script):
    partners = {n: Partner(n, script, SeedTree(1).child(n)) for n in TRIO}
    events, _ = drive(PublicGoods(), TRIO, lambda a, seen: partners[a.agent].answer(a, seen)[0])
    contributed = acts_of(events, "contributed")
    assert {amount for *_, amount, _ in contributed} == {10}
    rewards = [amount for *_, amount, _ in acts_of(events, "reacted") if amount != 5]
    assert rewards == [10] * 4 * 3
    assert sum(e.points for e in events if isinstance(e, Paid)) == 4 * 3 * (16 + 2 * 5)


def test_unkind_scripts_deduct_from_who_contributed_least():
    partner = Partner("Ada", Constant(degree=0.0), SeedTree(1))

    def choose(ask, seen):
        if ask.agent == "Ada":
            return partner.answer(ask, seen)[0]
        return scripted(given_by(0, 7, 3))(ask, seen)

    events, _ = drive(PublicGoods(rounds=1), TRIO, choose)
    assert acts_of(events, "reacted")[:2] == [
        ("Ada", "Bo", Act.CREDITED, 5, 10),
        ("Ada", "Cy", Act.CREDITED, 0, 10),
    ]


def reaction_of(manner, seed, reactions="both"):
    game = PublicGoods(rounds=1, reactions=reactions)
    ask = drive(game, TRIO, scripted(given_by(5, 9, 1)))[1][3]
    system = f"{game.rules('Ada', TRIO)}\nYou are {manner}."
    request = Request(
        messages=(Message(role="system", content=system), Message(role="user", content=ask.text)),
        tools=tuple(move.spec() for move in ask.moves),
        sampling=Sampling(seed=seed),
    )
    _, (call,) = play_public_goods(request, Give())
    move = next(move for move in ask.moves if move.name == call.name)
    assert move.problem(json.loads(call.arguments)) is None
    return call.name, json.loads(call.arguments)


def test_a_stand_in_rewards_or_deducts_by_how_it_is_told_to_be():
    kind = [reaction_of("helpful and fair", seed) for seed in range(40)]
    unkind = [reaction_of("selfish and cold", seed) for seed in range(40)]
    assert len([1 for name, _ in kind if name == REWARD]) > 25
    assert len([1 for name, _ in unkind if name == DEDUCT]) > 25
    assert {a["member"] for name, a in kind if name == REWARD} == {"Bo"}
    assert {a["member"] for name, a in unkind if name == DEDUCT} == {"Cy"}
    assert all(a["points"] >= 4 for name, a in unkind if name == DEDUCT)


def test_a_stand_in_does_what_is_offered_and_leaves_other_tools_alone():
    assert {reaction_of("selfish and cold", s, "reward")[0] for s in range(9)} <= {REWARD, LEAVE}
    assert {reaction_of("helpful and fair", s, "deduct")[0] for s in range(9)} <= {LEAVE, DEDUCT}
    assert (
        play_public_goods(Request(messages=(Message(role="user", content="Hi"),)), Give()) is None
    )


def test_the_rules_are_in_no_tone_that_a_persona_could_be_read_from():
    assert tone(PublicGoods().rules("Ada", NAMES[:3])) is None
