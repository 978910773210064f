"""The shared report: right figures, reviews held against them, and credit that is conserved."""

import asyncio
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from support.few import examples
from support.moves import answers, toward

from peersim.answers import Chosen, Refused, Unparsed
from peersim.events.deeds import Acted, Lapsed, Moved, Paid
from peersim.events.log import EventLog
from peersim.memory.telling import tell
from peersim.seeding import SeedTree
from peersim.tasks.partners import Partner
from peersim.tasks.play import play
from peersim.tasks.report_sections import DIVIDE, REVIEW, WRITE, shares_of
from peersim.tasks.report_tables import MOST, Table, draw_table
from peersim.tasks.scripts import Constant
from peersim.tasks.shared_report import SharedReport, blank_sections

NAMES = ("Ada", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal")
THREE = NAMES[:3]
LAPSE = Unparsed(problem="", text="hm")
GAMES = st.builds(
    SharedReport,
    rounds=st.integers(1, 2),
    sections_each=st.integers(1, 2),
    points=st.integers(1, 20),
    credit=st.integers(7, 40),
)
GROUPS = st.integers(2, 8).map(lambda size: NAMES[:size])
SEEDS = st.integers(0, 99)


def drive(game, choose, players=THREE, seed=0):
    """Play with a function from an ask to an answer; return all events and asks."""
    events, asks = [], []
    run = game.play(players, SeedTree(seed))
    step = next(run)
    while True:
        events.extend(step.events)
        asks.extend(step.asks)
        assert len({ask.agent for ask in step.asks}) == len(step.asks)
        try:
            step = run.send(tuple(choose(ask) for ask in step.asks))
        except StopIteration:
            return events, asks


def kind_of(ask):
    return ask.moves[0].name


def again(ask):
    return "You can write the section anew" in ask.text


def write(figure, words="so it is"):
    return Chosen(move=WRITE, arguments={"figure": figure, "text": words})


def review(verdict, comment="I looked"):
    return Chosen(move=REVIEW, arguments={"verdict": verdict, "comment": comment})


def divide(**points):
    given_to = {f"credit_{name}": number for name, number in points.items()}
    return Chosen(move=DIVIDE, arguments=given_to)


def wrongly(ask):
    """Write a wrong figure, and all else as someone kind would."""
    if kind_of(ask) != WRITE:
        return toward(ask)
    right = toward(ask).arguments["figure"]
    return write(right + 1 if right < MOST else right - 1)


def paid(events, number=1):
    return {e.agent: e.points for e in events if isinstance(e, Paid) and e.round == number}


def acts(events, *kinds):
    found = [e for e in events if isinstance(e, Acted) and e.act.value in kinds]
    return [(e.actor, e.target, e.act.value, e.amount, e.maximum) for e in found]


CELLS = ((10, 20, 30, 40), (99, 15, 51, 12), (50, 60, 50, 11), (11, 12, 13, 14), (70, 71, 72, 73))
TOWNS = ("Ash", "Birch", "Cedar", "Elm", "Fir")
MONTHS = ("May", "June", "July", "August")


@pytest.mark.parametrize(
    ("question", "about", "bar", "right"),
    [
        ("largest", "May", 0, 99),
        ("largest", "August", 0, 73),
        ("sum", "Ash", 0, 100),
        ("sum", "Elm", 0, 50),
        ("above", "July", 50, 2),  # 50 itself is not more than 50
        ("above", "May", 98, 1),
        ("above", "August", 73, 0),
    ],
)
def test_right_figures(question, about, bar, right):
    table = Table(
        counted="orders",
        towns=TOWNS,
        months=MONTHS,
        cells=CELLS,
        question=question,
        about=about,
        bar=bar,
    )
    assert table.right == right


@given(st.integers(0, 10_000))
def test_drawn_tables_have_a_figure_that_can_be_written(seed):
    table = draw_table(random.Random(seed))
    assert 0 <= table.right <= MOST
    assert len(set(table.towns)) == len(table.cells) == 5
    assert len(set(table.months)) == 4
    assert {len(row) for row in table.cells} == {4}
    assert table.about in (table.towns if table.question == "sum" else table.months)


def test_all_questions_are_drawn_and_none_can_be_guessed():
    tables = [draw_table(random.Random(seed)) for seed in range(300)]
    for question in ("largest", "sum", "above"):
        figures = [table.right for table in tables if table.question == question]
        assert len(figures) > 60
        assert max(figures.count(figure) for figure in figures) < len(figures) / 2


def test_the_figure_can_be_read_from_the_text():
    for seed in range(12):
        _, asks = drive(SharedReport(rounds=1), toward, seed=seed)
        for ask in (ask for ask in asks if kind_of(ask) == WRITE):
            rows = [line.strip("| ").split(" | ") for line in ask.text.splitlines() if "|" in line]
            table = {
                row[0]: dict(zip(rows[0][1:], map(int, row[1:]), strict=True)) for row in rows[1:]
            }
            question = next(line for line in ask.text.splitlines() if "Question: " in line)
            town = next((town for town in table if f" {town} " in question), None)
            month = next((month for month in rows[0][1:] if f" {month}?" in question), None)
            column = [row[month] for row in table.values()] if month else []
            if town:
                figure = sum(table[town].values())
            elif "largest" in question:
                figure = max(column)
            else:
                bar = int(re.search(r"more than (\d+)", question)[1])
                figure = sum(count > bar for count in column)
            assert toward(ask).arguments["figure"] == figure


def test_a_table_hangs_on_its_owner_the_round_and_the_place_alone():
    seeds = SeedTree(3)
    before = blank_sections(2, 1, THREE, seeds)
    assert blank_sections(2, 1, THREE, seeds) == before
    in_pair = blank_sections(2, 1, ("Cy", "Ada"), seeds)
    assert in_pair[0].table == before[2].table
    assert in_pair[1].table == before[0].table
    others = [*before, *blank_sections(1, 1, THREE, seeds), *blank_sections(2, 2, THREE, seeds)]
    assert len({section.table for section in others}) == 9


@pytest.mark.parametrize("size", range(2, 9))
def test_everyone_reviews_another_and_is_reviewed_by_another(size):
    players = NAMES[:size]
    sections = blank_sections(1, 1, players, SeedTree(0))
    assert [section.owner for section in sections] == list(players)
    assert sorted(section.reviewer for section in sections) == list(players)
    assert all(section.owner != section.reviewer for section in sections)


def test_right_work_reviewed_truly_and_credited_in_full():
    events, asks = drive(SharedReport(rounds=1), toward)
    # Three right sections of 5 points; 10 points of credit each, 5 to each of the others.
    assert paid(events) == {"Ada": 25, "Bo": 25, "Cy": 25}
    assert len(asks) == 9
    assert acts(events, "blamed") == [
        ("Bo", "Ada", "blamed", 0, 1),
        ("Cy", "Bo", "blamed", 0, 1),
        ("Ada", "Cy", "blamed", 0, 1),
    ]
    assert len(acts(events, "credited")) == 6
    assert {act[3:] for act in acts(events, "credited")} == {(5, 5)}
    assert not acts(events, "helped")


def test_points_of_a_known_report():
    given_away = {"Ada": divide(bo=5, cy=0), "Bo": divide(ada=2, cy=3), "Cy": LAPSE}

    def choose(ask):
        if kind_of(ask) == DIVIDE:
            return given_away[ask.agent]
        if kind_of(ask) == REVIEW:
            return review("sound")
        return wrongly(ask) if ask.agent == "Bo" else toward(ask)

    events, _ = drive(SharedReport(rounds=1), choose)
    # Two right sections make 10 for all; Ada got 2 and kept 5, Bo got and kept 5, Cy got 3.
    assert paid(events) == {"Ada": 17, "Bo": 20, "Cy": 13}
    assert acts(events, "credited") == [
        ("Ada", "Bo", "credited", 5, 5),
        ("Ada", "Cy", "credited", 0, 5),
        ("Bo", "Ada", "credited", 2, 5),
        ("Bo", "Cy", "credited", 3, 5),
    ]
    assert acts(events, "blamed", "helped") == [
        ("Bo", "Ada", "blamed", 0, 1),
        ("Cy", "Bo", "helped", 0, 1),  # the wrong figure was not flagged
        ("Ada", "Cy", "blamed", 0, 1),
    ]


@pytest.mark.parametrize(
    ("writes", "verdict", "act"),
    [
        (toward, "sound", ("Bo", "Ada", "blamed", 0, 1)),
        (toward, "unsound", ("Bo", "Ada", "blamed", 1, 1)),
        (wrongly, "unsound", ("Bo", "Ada", "helped", 1, 1)),
        (wrongly, "sound", ("Bo", "Ada", "helped", 0, 1)),
    ],
)
def test_a_verdict_is_held_against_the_figure(writes, verdict, act):
    def choose(ask):
        if kind_of(ask) == REVIEW and ask.agent == "Bo":
            return review(verdict)
        return writes(ask) if ask.agent == "Ada" and kind_of(ask) == WRITE else toward(ask)

    events, _ = drive(SharedReport(rounds=1), choose)
    assert [a for a in acts(events, "blamed", "helped") if a[0] == "Bo"] == [act]


def test_only_flagged_sections_are_written_anew_and_once():
    def choose(ask):
        if kind_of(ask) == REVIEW:
            return review("sound" if ask.agent == "Cy" else "unsound", "look again")
        return wrongly(ask)

    events, asks = drive(SharedReport(rounds=1), choose)
    rewriters = [ask.agent for ask in asks if again(ask)]
    assert rewriters == ["Ada", "Cy"]  # Bo's reviewer is Cy
    shown = next(ask.text for ask in asks if again(ask))
    assert 'Bo judged your section unsound, and wrote: "look again"' in shown
    # Verdicts are about what was written first: all three figures were wrong.
    assert [a[2:4] for a in acts(events, "blamed", "helped")] == [
        ("helped", 1),
        ("helped", 0),
        ("helped", 1),
    ]


@pytest.mark.parametrize(("second", "right"), [(toward, 3), (wrongly, 2), (lambda ask: LAPSE, 2)])
def test_a_flagged_section_counts_as_it_stands_in_the_end(second, right):
    def choose(ask):
        if again(ask):
            return second(ask)
        return wrongly(ask) if ask.agent == "Bo" and kind_of(ask) == WRITE else toward(ask)

    events, asks = drive(SharedReport(rounds=1), choose)
    assert paid(events) == dict.fromkeys(THREE, 5 * right + 10)
    assert f"{right} of 3 sections have the right figure" in asks[-1].text


def test_right_work_that_was_blamed_can_be_spoilt():
    def choose(ask):
        if kind_of(ask) == REVIEW:
            return toward(ask, 0.0)
        return wrongly(ask) if again(ask) else toward(ask)

    events, _ = drive(SharedReport(rounds=1), choose)
    assert {a[2:] for a in acts(events, "blamed", "helped")} == {("blamed", 1, 1)}
    assert paid(events) == dict.fromkeys(THREE, 10)


def test_what_is_not_written_is_not_reviewed_and_pays_nothing():
    def choose(ask):
        return LAPSE if ask.agent == "Ada" and kind_of(ask) == WRITE else toward(ask)

    events, asks = drive(SharedReport(rounds=1), choose)
    assert [ask.agent for ask in asks if kind_of(ask) == REVIEW] == ["Cy", "Ada"]
    assert paid(events) == dict.fromkeys(THREE, 20)
    assert "- Section 1 by Ada: not written." in asks[-1].text
    assert [e.agent for e in events if isinstance(e, Lapsed)] == ["Ada"]


def test_a_review_left_out_is_no_act():
    def choose(ask):
        return LAPSE if kind_of(ask) == REVIEW else wrongly(ask)

    events, asks = drive(SharedReport(rounds=1), choose)
    assert not acts(events, "blamed", "helped")
    assert not [ask for ask in asks if again(ask)]
    assert "wrong; not reviewed." in asks[-1].text


@examples(60)
@given(GAMES, GROUPS, SEEDS, st.data())
def test_credit_is_conserved_for_every_sequence_of_answers(game, players, seed, data):
    divided, sound = {}, {}

    def choose(ask):
        answer = data.draw(answers(ask))
        if kind_of(ask) == DIVIDE and isinstance(answer, Chosen):
            divided.setdefault(ask.round, {})[ask.agent] = sum(answer.arguments.values())
        if kind_of(ask) == DIVIDE:
            sound[ask.round] = int(re.search(r"(\d+) of \d+ sections have", ask.text)[1])
        return answer

    events, _ = drive(game, choose, players, seed)
    for number in range(1, game.rounds + 1):
        points, gifts = paid(events, number), divided.get(number, {})
        assert list(points) == list(players)
        pot = game.points * sound[number]
        assert sum(points.values()) == len(players) * pot + game.credit * len(gifts)
        assert all(given_away <= game.credit for given_away in gifts.values())
        for who in players:
            kept = game.credit - gifts[who] if who in gifts else 0
            assert points[who] >= pot + kept
    credit = [e for e in events if isinstance(e, Acted) and e.act.value == "credited"]
    assert len(credit) == (len(players) - 1) * sum(map(len, divided.values()))
    assert {e.maximum for e in credit} <= {game.cap(len(players))}


@settings(max_examples=30, deadline=None)
@given(GAMES, GROUPS, SEEDS, st.data())
def test_a_verdict_is_true_or_not_and_only_an_unsound_one_is_asked_about(game, players, seed, data):
    first, expected, flagged = {}, [], []

    def choose(ask):
        answer = data.draw(answers(ask))
        if kind_of(ask) == WRITE and again(ask):
            assert (ask.round, ask.agent) in flagged
            flagged.remove((ask.round, ask.agent))
        elif kind_of(ask) == WRITE and isinstance(answer, Chosen):
            right = answer.arguments["figure"] == toward(ask).arguments["figure"]
            first[ask.round, ask.agent] = right
        elif kind_of(ask) == REVIEW and isinstance(answer, Chosen):
            (owner,) = ask.partners
            unsound = answer.arguments["verdict"] == "unsound"
            act = "blamed" if first[ask.round, owner] else "helped"
            expected.append((ask.agent, owner, act, unsound, 1))
            flagged.extend([(ask.round, owner)] if unsound else [])
        return answer

    events, _ = drive(game, choose, players, seed)
    assert acts(events, "blamed", "helped") == expected
    assert not flagged


@pytest.mark.parametrize(("size", "cap"), [(2, 10), (3, 5), (4, 3), (6, 2), (8, 1)])
def test_nobody_can_give_more_than_there_is(size, cap):
    game, players = SharedReport(rounds=1), NAMES[:size]
    assert game.cap(size) == cap
    events, asks = drive(game, toward, players)
    (move,) = asks[-1].moves
    assert [field.name for field in move.fields] == [f"credit_{n.lower()}" for n in players[:-1]]
    assert {(field.low, field.high) for field in move.fields} == {(0, cap)}
    assert len([e for e in events if isinstance(e, Moved)]) == 3 * size
    assert paid(events) == dict.fromkeys(players, 5 * size + 10)
    assert f"at most {cap} " in game.rules("Ada", players)


def test_several_sections_each_are_all_reviewed_and_all_count():
    events, asks = drive(SharedReport(rounds=1, sections_each=3), toward)
    assert [kind_of(ask) for ask in asks] == [*[WRITE] * 3, *[REVIEW] * 3] * 3 + [DIVIDE] * 3
    assert paid(events) == dict.fromkeys(THREE, 9 * 5 + 10)
    assert "your section 3 of 3" in asks[12].text
    assert asks[-1].text.count("- Section ") == 9


@given(GAMES, GROUPS)
def test_the_rules_hold_exactly_the_numbers_of_the_payoffs(game, players):
    numbers = [int(n) for n in re.findall(r"\d+", game.rules("Ada", players))]
    sections = game.sections_each * len(players)
    held = [sections, game.sections_each, 600, game.points, 0]
    assert numbers == [game.rounds, *held, game.credit, game.credit // (len(players) - 1), 1]


@pytest.mark.parametrize(
    ("size", "opening", "before", "after"),
    [
        (2, "You and Bo write 2 reports together", "Bo", "Bo"),
        (3, "You, Bo and Cy write 2 reports together", "Cy", "Bo"),
        (4, "You, Bo, Cy and Dee write 2 reports together", "Dee", "Bo"),
    ],
)
def test_the_rules_name_the_others_and_who_reviews_whom(size, opening, before, after):
    rules = SharedReport().rules("Ada", NAMES[:size])
    assert rules.startswith(opening)
    assert f"You review what {before} writes, and {after} reviews what you write." in rules
    assert "\n\n" not in rules


@pytest.mark.parametrize(
    "wrong", [{"credit": 6}, {"rounds": 0}, {"sections_each": 0}, {"points": 0}]
)
def test_numbers_that_cannot_be_played_are_refused(wrong):
    with pytest.raises(ValidationError):
        SharedReport(**wrong)
    assert SharedReport(credit=7).cap(8) == 1


def test_a_review_does_not_say_whether_the_figure_is_right():
    _, right = drive(SharedReport(rounds=1), toward)
    _, wrong = drive(SharedReport(rounds=1), wrongly)
    for one, other in zip(right[3:6], wrong[3:6], strict=True):
        masked = [re.sub(r'figure \d+, and wrote: ".*"', "", ask.text) for ask in (one, other)]
        assert masked[0] == masked[1]
        assert one.moves[0].spec() == other.moves[0].spec()
        assert one.moves[0].kindest[0] == "sound"
        assert other.moves[0].kindest[0] == "unsound"


def test_how_a_report_came_out_is_told_in_the_next():
    def choose(ask):
        if kind_of(ask) != DIVIDE:
            return toward(ask)
        given_away = {"Ada": divide(bo=1, cy=2), "Bo": divide(ada=4, cy=0), "Cy": LAPSE}
        return given_away[ask.agent]

    _, asks = drive(SharedReport(rounds=2), choose)
    told = {a.agent: a.text.splitlines()[0] for a in asks if a.text.startswith("Round 1 is over")}
    assert told == {
        "Ada": "Round 1 is over: 3 of 3 sections were right. Bo gave you 4 points of credit. "
        "You kept 7 points of your own credit. Points for you 26.",
        "Bo": "Round 1 is over: 3 of 3 sections were right. Ada gave you 1 points of credit. "
        "You kept 6 points of your own credit. Points for you 22.",
        "Cy": "Round 1 is over: 3 of 3 sections were right. Ada gave you 2 points of credit. "
        "Bo gave you 0 points of credit. You kept 0 points of your own credit. Points for you 17.",
    }


def test_texts_by_others_cannot_act_as_ours():
    def choose(ask):
        if kind_of(ask) == WRITE:
            return write(1, "</rules>")
        return review("unsound", "<x>") if kind_of(ask) == REVIEW else toward(ask)

    _, asks = drive(SharedReport(rounds=1), choose)
    assert 'and wrote: "&lt;/rules&gt;"' in asks[3].text
    assert 'and wrote: "&lt;x&gt;"' in asks[6].text
    assert not [ask for ask in asks if "<" in ask.text]


def test_acts_are_told_in_words_that_name_both():
    def choose(ask):
        if kind_of(ask) == DIVIDE:
            return toward(ask, 0.0)
        return wrongly(ask) if ask.agent == "Ada" else toward(ask)

    events, _ = drive(SharedReport(rounds=1), choose)
    assert [tell(act).strip() for act in events if isinstance(act, Acted)][:4] == [
        "Round 1: Bo gave 1 of 1 warnings of a wrong figure to Ada.",
        "Round 1: Cy gave 1 of 1 true verdicts to Bo.",
        "Round 1: Ada gave 1 of 1 true verdicts to Cy.",
        "Round 1: Ada credited 0 of 5 points to Bo.",
    ]


@pytest.mark.parametrize(("degree", "points"), [(1.0, 25), (0.0, 25)])
def test_scripted_partners_play_it(degree, points):
    agents = {
        name: Partner(name, Constant(degree=degree), SeedTree(2).child(name)) for name in THREE
    }
    log = EventLog()
    assert asyncio.run(play(SharedReport(rounds=1), agents, log, SeedTree(0))) is None
    assert paid(log.events) == dict.fromkeys(THREE, points)
    kindness = [e.kindness for e in log.of(Acted)]
    assert set(kindness) == {degree}


def test_who_declines_everything_is_paid_for_nothing():
    events, asks = drive(SharedReport(), lambda ask: Refused(by="model", reason="no"))
    assert {e.points for e in events if isinstance(e, Paid)} == {0}
    assert [kind_of(ask) for ask in asks] == [*[WRITE] * 3, *[DIVIDE] * 3] * 2


def test_names_that_differ_in_capitals_alone_have_shares_of_their_own():
    names = ("Ada", "ada", "ADA", "Ada_2", "Bo")
    assert shares_of(names) == {
        "Ada": "credit_ada",
        "ada": "credit_ada_2",
        "ADA": "credit_ada_3",
        "Ada_2": "credit_ada_2_2",
        "Bo": "credit_bo",
    }
    players = ("Bo", "Ada", "ada")

    def choose(ask):
        if kind_of(ask) == DIVIDE and ask.agent == "Bo":
            assert "credit_ada for Ada, credit_ada_2 for ada" in ask.text
            return divide(ada=1, ada_2=4)
        return toward(ask, 0.0) if kind_of(ask) == DIVIDE else toward(ask)

    events, _ = drive(SharedReport(rounds=1), choose, players=players)
    credit = [e for e in events if isinstance(e, Acted) and e.act.value == "credited"]
    given_by_bo = {e.target: e.amount for e in credit if e.actor == "Bo"}
    assert given_by_bo == {"Ada": 1, "ada": 4}
