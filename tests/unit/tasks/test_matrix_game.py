"""The repeated 2x2 game: exact payoffs, classic results, and texts with exactly its numbers."""

import asyncio
import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.moves import answers
from support.studies import arm, run, study

from peersim.agents.scripted import Line, Scripted
from peersim.answers import Chosen, Failed, Refused, Unparsed
from peersim.events.deeds import Act, Acted, Lapsed, Moved, Paid
from peersim.events.log import EventLog
from peersim.events.marks import RoundBegan
from peersim.events.talk import Said
from peersim.memory.telling import tell
from peersim.relations.dealings import dealings
from peersim.relations.rules import promises
from peersim.seeding import SeedTree
from peersim.store.view import RunView
from peersim.tasks.matrix_game import CHOOSE, TABLES, MatrixGame, Payoffs
from peersim.tasks.partners import Partner
from peersim.tasks.play import play
from peersim.tasks.promises import NO_PROMISE, PROMISE
from peersim.tasks.scripts import Constant, Schedule

PLAYERS = ("Ada", "Bo")
NUMBERS = st.integers(0, 99)
PAYOFFS = st.builds(Payoffs, reward=NUMBERS, sucker=NUMBERS, temptation=NUMBERS, punishment=NUMBERS)
GAMES = st.builds(
    MatrixGame,
    game=st.none(),
    payoffs=PAYOFFS,
    rounds=st.integers(1, 5),
    cooperative_option=st.sampled_from([1, 2]),
)
LAPSE = Unparsed(problem="", text="hm")
LAPSES = st.sampled_from([Refused(by="model", reason="no"), Unparsed(problem="", text="hm")])


def option(number):
    return Chosen(move=CHOOSE, arguments={"option": number})


ANSWERS = st.one_of(st.sampled_from([option(1), option(2)]), LAPSES)


def drive(game, choose):
    """Play with a function from an ask to an answer; return all events and asks."""
    events, asks = [], []
    run = game.play(PLAYERS, SeedTree(0))
    step = next(run)
    while True:
        events.extend(step.events)
        asks.extend(step.asks)
        try:
            step = run.send(tuple(choose(ask) for ask in step.asks))
        except StopIteration:
            return events, asks


def paid(events):
    return {
        name: [e.points for e in events if isinstance(e, Paid) and e.agent == name]
        for name in PLAYERS
    }


@given(GAMES, st.data())
def test_it_ends_and_pays_by_the_table_for_every_sequence_of_answers(game, data):
    given_answers = []

    def choose(ask):
        given_answers.append(data.draw(ANSWERS))
        return given_answers[-1]

    events, asks = drive(game, choose)
    assert len(asks) == 2 * game.rounds
    points = paid(events)
    for number in range(game.rounds):
        mine, theirs = given_answers[2 * number : 2 * number + 2]
        found = (points["Ada"][number], points["Bo"][number])
        if not (isinstance(mine, Chosen) and isinstance(theirs, Chosen)):
            assert found == (0, 0)
            assert not [e for e in events if isinstance(e, Acted) and e.round == number + 1]
            continue
        a, b = (x.arguments["option"] == game.cooperative_option for x in (mine, theirs))
        table = {
            (True, True): game.payoffs.reward,
            (True, False): game.payoffs.sucker,
            (False, True): game.payoffs.temptation,
            (False, False): game.payoffs.punishment,
        }
        assert found == (table[a, b], table[b, a])


@given(GAMES, LAPSES)
def test_a_lapse_is_never_either_action(game, lapse):
    events, _ = drive(game, lambda ask: lapse if ask.agent == "Ada" else option(1))
    assert {e.agent for e in events if isinstance(e, Lapsed)} == {"Ada"}
    assert {e.agent for e in events if isinstance(e, Moved)} == {"Bo"}
    assert not [e for e in events if isinstance(e, Acted)]
    assert paid(events) == {name: [0] * game.rounds for name in PLAYERS}


@given(GAMES)
def test_the_rules_hold_exactly_the_numbers_of_the_payoffs(game):
    rules = game.rules("Ada", PLAYERS)
    lines = [line for line in rules.splitlines() if "points for you" in line]
    rest = "\n".join(line for line in rules.splitlines() if line not in lines)
    # Beside the payoffs: the rounds, and the options' own numbers, in their place.
    assert [int(n) for n in re.findall(r"-?\d+", rest)] == [game.rounds, 1, 2]
    found = [tuple(int(n) for n in re.findall(r"-?\d+", line)) for line in lines]
    cooperative = [game.cooperative_option == o for o in (1, 2)]
    pairs = list(product(cooperative, repeat=2))
    assert found == [(game.payoffs.of(a, b), game.payoffs.of(b, a)) for a, b in pairs]


@given(GAMES, st.sampled_from([1, 2]), st.sampled_from([1, 2]))
def test_an_act_measures_what_the_choice_gave_or_cost_the_other(game, ada, bo):
    options = {"Ada": ada, "Bo": bo}
    events, _ = drive(game, lambda ask: option(options[ask.agent]))
    for number, actor, target in product(range(1, game.rounds + 1), PLAYERS, PLAYERS):
        acts = {
            e.act: e
            for e in events
            if isinstance(e, Acted) and (e.round, e.actor, e.target) == (number, actor, target)
        }
        chosen = {name: o == game.cooperative_option for name, o in options.items()}
        if actor == target:
            assert acts == {}
            continue
        got = game.payoffs.of(chosen[target], chosen[actor])
        effect = got - game.payoffs.of(chosen[target], not chosen[actor])
        if effect == 0:
            assert acts == {}
            continue
        assert set(acts) == {Act.HELPED}
        assert (acts[Act.HELPED].amount, acts[Act.HELPED].maximum) == (max(effect, 0), abs(effect))


# Scripted players of the iterated prisoner's dilemma, by the other's options so far.
C, D = 1, 2


def tit_for_tat(own, others):
    return others[-1] if others else C


def suspicious(own, others):
    return others[-1] if others else D


def grim(own, others):
    return D if D in others else C


def win_stay_lose_shift(own, others):
    if not own:
        return C
    return own[-1] if others[-1] == C else 3 - own[-1]


def always(number):
    return lambda own, others: number


def meet(one, other, **options):
    """Let two strategies meet through the real loop; return both totals and the log."""
    game = MatrixGame(**options)
    moves = {name: [] for name in PLAYERS}
    strategies = dict(zip(PLAYERS, (one, other), strict=True))

    def scripted(name):
        partner = next(n for n in PLAYERS if n != name)

        def script(text, tools, turn):
            number = strategies[name](moves[name][:turn], moves[partner][:turn])
            moves[name].append(number)
            return Line(said="so be it", calls=((CHOOSE, {"option": number}),))

        return Scripted(name, script)

    log = EventLog()
    agents = {name: scripted(name) for name in PLAYERS}
    assert asyncio.run(play(game, agents, log, SeedTree(0))) is None
    return tuple(sum(points) for points in paid(log.events).values()), log


@pytest.mark.parametrize(
    ("one", "other", "scores"),
    [
        # 200 rounds with payoffs 5, 3, 1 and 0, as in Axelrod's tournaments.
        (always(C), always(C), (600, 600)),
        (always(D), always(D), (200, 200)),
        (always(C), always(D), (0, 1000)),
        (tit_for_tat, tit_for_tat, (600, 600)),
        (tit_for_tat, always(D), (199, 204)),
        (tit_for_tat, always(C), (600, 600)),
        (tit_for_tat, suspicious, (500, 500)),
        (grim, always(D), (199, 204)),
        (grim, suspicious, (203, 203)),
        (win_stay_lose_shift, always(D), (100, 600)),
        (win_stay_lose_shift, win_stay_lose_shift, (600, 600)),
    ],
)
def test_classic_scores_of_the_prisoners_dilemma(one, other, scores):
    assert meet(one, other, rounds=200)[0] == scores


@pytest.mark.parametrize("name", TABLES)
def test_the_named_tables_are_the_games_they_are_named_after(name):
    t = TABLES[name]
    orders = {
        "prisoners_dilemma": t.temptation > t.reward > t.punishment > t.sucker
        and 2 * t.reward > t.temptation + t.sucker,
        "stag_hunt": t.reward > t.temptation >= t.punishment > t.sucker,
        "chicken": t.temptation > t.reward > t.sucker > t.punishment,
    }
    assert orders[name]


@pytest.mark.parametrize(
    ("game", "both", "neither", "mixed"),
    [("stag_hunt", (5, 5), (2, 2), (0, 3)), ("chicken", (3, 3), (0, 0), (1, 5))],
)
def test_one_round_of_the_other_tables(game, both, neither, mixed):
    assert meet(always(C), always(C), game=game, rounds=1)[0] == both
    assert meet(always(D), always(D), game=game, rounds=1)[0] == neither
    assert meet(always(C), always(D), game=game, rounds=1)[0] == mixed


def test_a_known_game():
    answers = iter([option(1), option(2), option(2), option(2)])
    events, asks = drive(MatrixGame(rounds=2), lambda ask: next(answers))
    acts = [
        (e.round, e.actor, e.act.value, e.amount, e.maximum) for e in events if isinstance(e, Acted)
    ]
    assert acts == [
        (1, "Ada", "helped", 4, 4),
        (1, "Bo", "helped", 0, 3),
        (2, "Ada", "helped", 0, 4),
        (2, "Bo", "helped", 0, 4),
    ]
    assert paid(events) == {"Ada": [0, 1], "Bo": [5, 1]}
    assert asks[2].text.splitlines()[0] == (
        "Round 1 is over: you chose Amber, Bo chose Cobalt; points for you 0, points for Bo 5."
    )
    assert asks[3].text.splitlines()[0] == (
        "Round 1 is over: you chose Cobalt, Ada chose Amber; points for you 5, points for Ada 0."
    )


@given(st.sampled_from(sorted(TABLES)), st.sampled_from([1, 2]))
def test_no_text_gives_the_game_away(game, cooperative):
    task = MatrixGame(game=game, cooperative_option=cooperative)
    _, asks = drive(task, lambda ask: option(1))
    text = task.rules("Ada", PLAYERS) + "".join(ask.text + str(ask.moves) for ask in asks)
    assert not re.search(r"(?i)prison|dilemma|stag|hunt|chicken|cooperat|defect|betray", text)


def test_the_options_can_be_counterbalanced():
    first, second = (MatrixGame(cooperative_option=o) for o in (1, 2))
    assert [first.name(o) for o in (1, 2)] == ["Amber", "Cobalt"]
    assert [second.name(o) for o in (1, 2)] == ["Cobalt", "Amber"]
    assert meet(always(2), always(1), rounds=1, cooperative_option=2)[0] == (0, 5)


def test_choices_are_simultaneous_and_talk_is_heard_before_the_next_one():
    heard = {name: [] for name in PLAYERS}

    def listener(name):
        def script(text, tools, turn):
            heard[name].append(text)
            return Line(said=f"{name} speaks", calls=((CHOOSE, {"option": 1}),))

        return Scripted(name, script)

    log = EventLog()
    agents = {name: listener(name) for name in PLAYERS}
    asyncio.run(play(MatrixGame(rounds=2), agents, log, SeedTree(0)))
    assert "speaks" not in heard["Ada"][0] + heard["Bo"][0]
    assert 'Ada says: "Ada speaks"' in heard["Bo"][1]
    assert 'Bo says: "Bo speaks"' in heard["Ada"][1]
    assert len(log.of(Said)) == 4


def test_words_alone_are_never_a_choice():
    words = Scripted("Ada", lambda text, tools, turn: Line(said="I choose option 1. 1. Amber!"))
    acts = Scripted("Bo", lambda text, tools, turn: Line(calls=((CHOOSE, {"option": 2}),)))
    log = EventLog()
    asyncio.run(play(MatrixGame(rounds=1), {"Ada": words, "Bo": acts}, log, SeedTree(0)))
    assert isinstance(log.of(Lapsed)[0].answer, Unparsed)
    assert not log.of(Acted)
    assert {e.points for e in log.of(Paid)} == {0}


def test_a_failure_never_reaches_the_rules():
    failed = Failed(origin="provider", cause="timeout", detail="")
    with pytest.raises(ValueError, match="never reaches"):
        drive(MatrixGame(), lambda ask: failed)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"game": None}, "either a game or payoffs"),
        ({"payoffs": TABLES["chicken"]}, "either a game or payoffs"),
        ({"actions": ("Amber", "amber")}, "same name"),
        ({"actions": ("Amber", "B2")}, "pattern"),
        ({"game": "poker"}, "prisoners_dilemma"),
    ],
)
def test_a_game_that_makes_no_sense_is_refused(options, said):
    with pytest.raises(ValidationError, match=said):
        MatrixGame(**options)


def test_no_payoff_is_below_zero():
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        Payoffs(reward=3, sucker=-1, temptation=5, punishment=1)


def promise(number):
    if number is None:
        return Chosen(move=NO_PROMISE, arguments={})
    return Chosen(move=PROMISE, arguments={"option": number})


def promises_kept(events):
    found = [e for e in events if isinstance(e, Acted) and e.act is Act.KEPT_PROMISE]
    return [(e.round, e.actor, e.target, e.amount, e.maximum) for e in found]


def test_without_promises_nothing_of_them_is_kept_or_told():
    game = MatrixGame()
    assert "promises" not in game.model_dump(mode="json")
    _, asks = drive(game, lambda ask: option(1))
    shown = game.rules("Ada", PLAYERS) + "".join(ask.text for ask in asks)
    assert "promise" not in shown
    assert {len(ask.moves) for ask in asks} == {1}


def test_every_promise_is_kept_or_broken_and_none_is_neither():
    replies = iter(
        [
            *(promise(1), promise(2), option(1), option(1)),
            *(promise(None), promise(1), option(2), option(1)),
            *(Refused(by="model", reason=""), promise(1), option(1), LAPSE),
        ]
    )
    events, asks = drive(MatrixGame(rounds=3, promises=True), lambda ask: next(replies))
    assert promises_kept(events) == [
        (1, "Ada", "Bo", 1, 1),
        (1, "Bo", "Ada", 0, 1),
        (2, "Bo", "Ada", 1, 1),
    ]
    assert "You promised option 1 (Amber), Bo promised option 2 (Cobalt)." in asks[2].text
    assert "You promised option 2 (Cobalt), Ada promised option 1 (Amber)." in asks[3].text
    assert "You promised no option, Bo promised option 1 (Amber)." in asks[6].text
    assert asks[4].text.startswith("Round 1 is over: you chose Amber, Bo chose Amber;")
    assert "is over" not in asks[6].text  # once is enough
    told = [tell(e) for e in events if isinstance(e, Acted) and e.act is Act.KEPT_PROMISE]
    assert told[1] == "Round 1: Bo kept 0 of 1 promises to Ada."


@given(st.data())
def test_promises_move_no_points_and_every_game_with_them_ends(data):
    chosen, game = [], MatrixGame(promises=True)

    def choose(ask):
        answer = data.draw(answers(ask))
        if ask.moves[0].name == CHOOSE:
            chosen.append(answer)
        return answer

    events, asks = drive(game, choose)
    assert len(asks) == 2 * len(chosen) == 4 * game.rounds
    rounds = [e.round for e in events if isinstance(e, RoundBegan)]
    assert rounds == list(range(1, game.rounds + 1))
    left = iter(chosen)
    without, _ = drive(MatrixGame(), lambda ask: next(left))
    assert paid(events) == paid(without)
    assert len(promises_kept(events)) <= 2 * game.rounds


@pytest.mark.parametrize("degree", [0.0, 1.0])
def test_scripts_promise_what_is_welcome_and_show_in_keeping_it_what_they_are(degree):
    agents = {n: Partner(n, Constant(degree=degree), SeedTree(0).child(n)) for n in PLAYERS}
    log = EventLog()
    game = MatrixGame(promises=True, cooperative_option=2, actions=("Fern", "Moss"))
    assert asyncio.run(play(game, agents, log, SeedTree(0))) is None
    made = [m for m in log.of(Moved) if m.move == PROMISE]
    assert {m.arguments["option"] for m in made} == {2}
    assert [amount for *_, amount, _ in promises_kept(log.events)] == [degree] * len(made)
    past = dealings((str(place), event) for place, event in enumerate(log.events))
    assert promises(past["Ada", "Bo"]).value == degree


def test_promises_do_not_change_what_a_dose_is():
    def choices(game):
        agents = {n: Partner(n, Schedule(dose=0.5), SeedTree(0).child(n)) for n in PLAYERS}
        log = EventLog()
        asyncio.run(play(game, agents, log, SeedTree(0)))
        return [m for m in log.of(Moved) if m.move == CHOOSE]

    assert choices(MatrixGame(promises=True)) == choices(MatrixGame())


def test_a_stand_in_plays_with_promises(tmp_path):
    arms = (arm("cooperative").model_copy(update={"task": MatrixGame(promises=True)}),)
    run(study(2, arms=arms), tmp_path)
    for record, store in RunView(tmp_path).records():
        events = store.history(record.history_id).events
        assert not [e for e in events if isinstance(e, Lapsed)]
        assert promises_kept(events)
