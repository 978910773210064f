"""The filler: exact private scores, no tie to anyone, and about the length of a game."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peersim.answers import Chosen, Failed, Refused, Unparsed
from peersim.events.deeds import Acted, Lapsed, Moved, Paid
from peersim.models.asked import Message, Sampling
from peersim.models.base import Request
from peersim.models.simulated.model import respond
from peersim.models.simulated.profile import Profile
from peersim.models.simulated.reader import tone
from peersim.prompts.library import load_data
from peersim.seeding import SeedTree
from peersim.tasks.filler import ENTRIES, GIVE_ANSWER, Filler, draw_sheet
from peersim.tasks.trust_game import TrustGame

PLAYERS = ("Ada", "Bo", "Cy")
FILLERS = st.builds(Filler, rounds=st.integers(1, 6), points=st.integers(1, 50))
LAPSES = st.sampled_from([Refused(by="model", reason="no"), Unparsed(problem="", text="hm")])


def answer(number):
    return Chosen(move=GIVE_ANSWER, arguments={"answer": number})


ANSWERS = st.one_of(st.integers(0, ENTRIES).map(answer), LAPSES)


def drive(task, choose, seed=0, players=PLAYERS):
    """Play with a function from an ask to an answer; return all events and asks."""
    events, asks = [], []
    run = task.play(players, SeedTree(seed))
    step = next(run)
    while True:
        events.extend(step.events)
        asks.extend(step.asks)
        try:
            step = run.send(tuple(choose(ask) for ask in step.asks))
        except StopIteration:
            return events, asks


def right(ask, seed=0):
    """The right answer, worked out from the seed and again from the words of the ask."""
    sheet = draw_sheet(SeedTree(seed).child(ask.agent, ask.round).rng())
    entries = re.search(r"on your sheet: (.+)\.", ask.text)[1].split(", ")
    if found := re.search(r'letter "(\w)"', ask.text):
        number = len([word for word in entries if found[1] in word])
    elif found := re.search(r'does "(\w+)" stand', ask.text):
        number = sorted(entries).index(found[1]) + 1
    else:
        bar = int(re.search(r"larger than (\d+)", ask.text)[1])
        number = len([n for n in entries if int(n) > bar])
    assert number == sheet.right
    return number


def paid(events):
    return [(e.round, e.agent, e.points) for e in events if isinstance(e, Paid)]


@given(FILLERS, st.integers(0, 99), st.data())
def test_it_ends_and_pays_right_answers_alone(filler, seed, data):
    given_answers = {}

    def choose(ask):
        given_answers[ask.round, ask.agent] = data.draw(ANSWERS), right(ask, seed)
        return given_answers[ask.round, ask.agent][0]

    events, asks = drive(filler, choose, seed)
    assert len(asks) == filler.rounds * len(PLAYERS)
    for number, agent, points in paid(events):
        found, expected = given_answers[number, agent]
        hit = isinstance(found, Chosen) and found.arguments["answer"] == expected
        assert points == (filler.points if hit else 0)
    lapsed = {(e.round, e.agent) for e in events if isinstance(e, Lapsed)}
    moved = {(e.round, e.agent) for e in events if isinstance(e, Moved)}
    assert lapsed == {key for key, (a, _) in given_answers.items() if not isinstance(a, Chosen)}
    assert lapsed | moved == set(given_answers)


@given(FILLERS, st.integers(0, 99), st.data())
def test_nothing_passes_between_agents(filler, seed, data):
    others = data.draw(st.lists(ANSWERS, min_size=filler.rounds, max_size=filler.rounds))

    def seen(choose):
        events, asks = drive(filler, choose, seed)
        assert not [e for e in events if isinstance(e, Acted)]
        texts = [ask.text for ask in asks if ask.agent == "Ada"]
        assert not re.search(r"\b(Bo|Cy)\b", "".join(texts))
        return texts, [line for line in paid(events) if line[1] == "Ada"]

    def careless(ask):
        return answer(right(ask, seed)) if ask.agent == "Ada" else others[ask.round - 1]

    assert seen(careless) == seen(lambda ask: answer(right(ask, seed)))


@given(st.integers(0, 99))
def test_an_agents_sheets_depend_on_its_name_and_the_round_alone(seed):
    def texts(players):
        _, asks = drive(Filler(), lambda ask: answer(0), seed, players)
        return [ask.text for ask in asks if ask.agent == "Ada"]

    assert texts(("Ada", "Bo")) == texts(("Cy", "Bo", "Ada"))


@given(st.integers(0, 10_000))
def test_every_sheet_has_one_right_answer_that_can_be_given(seed):
    sheet = draw_sheet(SeedTree(seed).rng())
    assert len(set(sheet.entries)) == ENTRIES
    assert 0 <= sheet.right <= ENTRIES


def test_all_kinds_of_questions_come_up():
    kinds = [draw_sheet(SeedTree(seed).rng()).question for seed in range(300)]
    assert min(kinds.count(kind) for kind in ("letter", "place", "larger")) > 70


@given(FILLERS)
def test_the_rules_hold_exactly_the_numbers_of_the_payoffs(filler):
    numbers = [int(n) for n in re.findall(r"\d+", filler.rules("Ada", PLAYERS))]
    assert numbers == [filler.rounds, filler.points, 0]


@pytest.mark.parametrize("seed", range(5))
def test_it_is_about_as_long_as_the_trust_game(seed):
    pair = PLAYERS[:2]

    def size(task):
        def choose(ask):
            (move,) = ask.moves
            (field,) = move.fields
            return Chosen(move=move.name, arguments={field.name: field.high // 2})

        _, asks = drive(task, choose, seed, pair)
        return len(asks), len(task.rules("Ada", pair)) + sum(len(ask.text) for ask in asks)

    (asks, length), (game_asks, game_length) = size(Filler()), size(TrustGame())
    assert asks == game_asks
    assert 0.8 < length / game_length < 1.25


def test_a_known_trial():
    events, asks = drive(Filler(rounds=2), lambda ask: answer(3), seed=4, players=PLAYERS[:2])
    assert [right(ask, 4) for ask in asks] == [4, 4, 8, 3]
    assert paid(events) == [(1, "Ada", 0), (1, "Bo", 0), (2, "Ada", 0), (2, "Bo", 10)]
    assert asks[0].text == (
        "Round 1 of 2. This is the list on your sheet: silver, pencil, carpet, ladder, spindle, "
        "mirror, turnip, sandal.\n"
        'If the words are put in alphabetical order, at which place does "pencil" stand, '
        "counting from 1?\n"
        "Call `give_answer` with the number, and add no words of your own."
    )
    assert asks[2].text.startswith(
        "Round 1 is over: your answer 3 was wrong, so you got 0 points.\n"
    )


def test_the_words_have_no_tone_and_differ():
    words = load_data("filler_words")["words"]
    assert len(set(words)) == len(words)
    assert tone(" ".join(words)) is None


def test_a_stand_in_works_the_sheet_out_and_says_nothing():
    filler = Filler(rounds=6)
    _, asks = drive(filler, lambda ask: answer(0), 7)
    assert len({re.search(r"letter|place|larger", ask.text)[0] for ask in asks}) == 3
    for ask in asks:
        system = f"You are {ask.agent}.\n{filler.rules(ask.agent, PLAYERS)}"
        request = Request(
            messages=(
                Message(role="system", content=system),
                Message(role="user", content=ask.text),
            ),
            tools=tuple(move.spec() for move in ask.moves),
            sampling=Sampling(seed=1),
        )
        said, (call,) = respond(request, Profile())
        assert said == ""
        assert call.arguments == f'{{"answer": {right(ask, 7)}}}'


def test_a_failure_never_reaches_the_rules():
    failed = Failed(origin="provider", cause="timeout", detail="")
    with pytest.raises(ValueError, match="never reaches"):
        drive(Filler(), lambda ask: failed)
