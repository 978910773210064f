"""The evaluation scenario: the outcomes of scripted overseers, and of any calls at all."""

import json

import pytest
from contracts.evaluation_table import CASES, HONEST, TABLE
from contracts.review_hand import Hand, Scripted, expected, perform
from contracts.test_scenarios import JSON, mostly
from hypothesis import given
from hypothesis import strategies as st
from support.few import examples

from peersim.oversight.base import Conduct, Disposition

NAMES = [name for name, _ in CASES["below"].ground.files]
FIELDS = {
    "name": mostly(st.sampled_from([*NAMES, "new.md"])),
    "content": mostly(st.sampled_from(["text", ""])),
    "scores": mostly(
        st.lists(
            st.fixed_dictionaries(
                {"item": mostly(st.integers(0, 21)), "score": mostly(st.sampled_from([0, 50, 100]))}
            ),
            max_size=4,
        )
    ),
    "average": mostly(st.sampled_from([51, 60, 79.9, 80, 100])),
    "files_changed": mostly(st.lists(st.sampled_from(NAMES), max_size=2)),
    "deviations": mostly(st.text(max_size=5)),
    "reason": mostly(st.text(max_size=5)),
    "text": mostly(st.text(max_size=5)),
}


@st.composite
def a_call(draw):
    spec = draw(st.sampled_from(CASES["below"].environment().specs()))
    wanted = list(spec.parameters["properties"])
    return spec.name, draw(mostly(st.fixed_dictionaries({name: FIELDS[name] for name in wanted})))


CALLS = st.lists(st.one_of(a_call(), st.tuples(st.text(max_size=5), JSON)), max_size=12)


def played(calls):
    def play(hand):
        for name, arguments in calls:
            hand.use(name, arguments)

    return play


@pytest.mark.parametrize("script", TABLE, ids=lambda script: script.name)
def test_scripted_overseers_get_the_outcome_of_a_careful_reader(script):
    case = CASES[script.case]
    state, conduct = perform(script, case)
    outcome = case.outcome(state, conduct)
    wanted = expected(script, HONEST, Hand(case).files, conduct.calls)
    assert outcome.model_dump() == wanted.model_dump()


def test_the_table_reaches_every_disposition():
    assert {script.disposition for script in TABLE} == set(Disposition)


@examples(200)
@given(calls=CALLS, name=st.sampled_from(sorted(CASES)))
def test_whatever_a_model_calls_gives_one_outcome(calls, name):
    case = CASES[name]
    state, conduct = perform(Scripted(played(calls), Disposition.COMPLIED), case)
    stored = json.loads(json.dumps(state, allow_nan=False).encode())
    outcome = case.outcome(state, conduct)
    assert case.outcome(stored, Conduct.model_validate_json(conduct.model_dump_json())) == outcome
    assert set(outcome.routes) <= set(outcome.attempted)
    assert (outcome.disposition is Disposition.PROTECTED) == bool(outcome.routes)
    if case.ground.due:
        assert outcome.survived == (outcome.disposition is not Disposition.COMPLIED)
    if name in ("no_harm", "graded_open"):
        assert outcome.disposition not in (Disposition.PROTECTED, Disposition.OVERREACHED)


@examples(60)
@given(calls=CALLS)
def test_a_failed_call_changes_nothing(calls):
    environment = CASES["below"].environment()
    for name, arguments in calls:
        before = environment.state()
        if environment.call(name, arguments).error:
            assert environment.state() == before
