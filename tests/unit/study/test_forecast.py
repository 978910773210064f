"""A forecast counts what a run then takes, prices what it can, and says what it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.studies import arm, study

from peersim.models.asked import Sampling
from peersim.models.base import Endpoint, ModelRef
from peersim.models.metered import USUAL_OUTPUT
from peersim.models.money import Price
from peersim.study.forecast import forecast, role_of, with_sizes
from peersim.study.loads import Load

LOAD = Load(
    role="peer",
    model="openai/m",
    calls=10,
    input_tokens=1000,
    cached_tokens=600,
    output_tokens=100,
)
PRICE = Price(input=10.0, output=100.0, cached_input=1.0)


def foretold(
    load=LOAD,
    price=PRICE,
    factor=1.0,
    max_tokens=None,
    concurrency=32,
    spread=(1.0, 1.0),
    real=True,
    **reached,
):
    ref = ModelRef(ref="openai/m", sampling=Sampling(max_tokens=max_tokens))
    whole = study(5, arms=(arm(ref=ref),), endpoints={"openai/m": Endpoint(**reached)})
    load = load.model_copy(update={"model": ref.model_id, "real": real})
    return forecast(
        *(whole, [load], factor, 7, lambda name: price, 2.0, concurrency),
        spread=spread,
    )


def test_a_cache_makes_the_low_end_and_longer_replies_the_high_one():
    (line,) = foretold().lines
    assert line.output_tokens == (100, 100, 300)
    low = (400 * 10 + 600 * 1 + 100 * 100) / 1e6
    assert line.cost_usd == pytest.approx(
        (low, (1000 * 10 + 100 * 100) / 1e6, (1000 * 10 + 300 * 100) / 1e6)
    )


def test_max_tokens_bound_the_high_end():
    (line,) = foretold(max_tokens=50).lines
    assert line.output_tokens[2] == 500


@given(st.floats(1, 1000))
def test_all_counts_grow_with_the_replicates(factor):
    found = foretold(factor=factor)
    assert found.calls == pytest.approx(10 * factor)
    assert found.tokens(0) == pytest.approx(1100 * factor)


def test_an_unknown_price_is_named_and_never_zero():
    found = foretold(price=None)
    assert found.unpriced == ("openai/m",)
    assert found.lines[0].cost_usd is None


def test_time_is_the_longest_chain_or_the_work_over_the_trials_in_flight():
    assert foretold().seconds == 7 * 2.0
    assert foretold(factor=100, concurrency=2).seconds == 1000 / 2 * 2.0


def test_sizes_of_a_real_run_take_the_place_of_the_stand_in_s():
    real = LOAD.model_copy(update={"calls": 2, "input_tokens": 500, "output_tokens": 90})
    (found,) = with_sizes([LOAD], {"peer": real})
    assert (found.calls, found.input_tokens, found.output_tokens) == (10, 2500, 450)
    assert with_sizes([LOAD], {"memory": real}) == [LOAD]


def test_roles_follow_from_whose_call_it_is_and_who_asks():
    names = {"Rowan"}
    assert role_of("history-1", "Rowan", names) == "subject, task"
    assert role_of("history-1", "Linden", names) == "peer"
    assert role_of("recollection-1", "memory", names) == "memory"
    assert role_of("trial-1", "Rowan", names) == "subject, job"


TALK = LOAD.model_copy(update={"reread_tokens": 400, "overheard_tokens": 250})


def test_longer_replies_are_read_again_and_make_the_input_grow_too():
    (line,) = foretold(TALK).lines
    # Three times the output adds twice what was reread and heard.
    assert line.input_tokens == (1000, 1000, 1000 + 2 * (400 + 250))
    assert line.cost_usd
    assert line.cost_usd[2] == pytest.approx((2300 * 10 + 300 * 100) / 1e6)
    assert foretold(TALK).tokens(2) == 2300 + 300


def test_the_input_grows_with_the_reply_that_max_tokens_allows():
    (line,) = foretold(TALK, max_tokens=1000).lines
    assert line.output_tokens[2] == 10_000
    assert line.input_tokens[2] == 1000 + 99 * 650


def test_replicates_that_differ_make_the_calls_a_range_and_the_high_end_higher():
    found = foretold(TALK, spread=(0.5, 2.0))
    assert (found.calls, found.calls_range) == (10, (5, 20))
    assert found.lines[0].output_tokens == (100, 100, 600)
    assert found.lines[0].input_tokens[2] == 2 * 2300
    assert foretold().calls_range == (10, 10)


def test_loads_of_several_runs_add_up():
    both = TALK.plus(LOAD)
    assert (both.calls, both.input_tokens, both.reread_tokens) == (20, 2000, 400)


def test_what_a_model_is_expected_to_think_is_likely_and_the_high_end_has_room_for_it():
    (line,) = foretold(TALK, real=False, expected_output_tokens=800).lines
    assert line.output_tokens == (100, 800 * 10, USUAL_OUTPUT * 10)
    assert line.input_tokens[1] == 1000 + 79 * 400
    # Others hear no thinking.
    assert line.input_tokens[2] == pytest.approx(1000 + (409.6 - 1) * 400 + 79 * 250)


def test_without_any_word_on_thinking_the_high_end_has_room_for_it_all_the_same():
    assert foretold(real=False).lines[0].output_tokens == (100, 300, USUAL_OUTPUT * 10)
    bounded = foretold(real=False, max_tokens=50, expected_output_tokens=800).lines[0]
    assert bounded.output_tokens == (100, 500, 500)


def test_what_is_marked_for_the_cache_is_written_into_it_at_its_price():
    price = PRICE.model_copy(update={"cache_write": 12.5})
    (line,) = foretold(price=price, prompt_cache=True).lines
    assert line.cost_usd
    assert line.cost_usd[0] == pytest.approx((400 * 12.5 + 600 * 1 + 100 * 100) / 1e6)
    assert line.cost_usd[1] == pytest.approx((1000 * 12.5 + 100 * 100) / 1e6)


def test_what_a_real_run_took_is_likely_and_what_a_stand_in_took_is_little():
    assert foretold(TALK, real=True).lines[0].output_tokens == (100, 100, 300)
    guessed = foretold(TALK, real=False).lines[0]
    assert guessed.output_tokens[1] == 300
    assert guessed.input_tokens[1] == 1000 + 2 * 400


def test_a_model_asked_in_two_ways_has_the_limit_of_each():
    refs = [ModelRef(ref="openai/m", sampling=Sampling(max_tokens=n)) for n in (50, 90)]
    whole = study(5, arms=tuple(arm(ref=ref, n=str(ref.model_id)) for ref in refs))
    pilot = [LOAD.model_copy(update={"model": ref.model_id}) for ref in refs]
    found = forecast(whole, pilot, 1.0, 7, lambda name: PRICE, 2.0, 32)
    assert [line.output_tokens[2] for line in found.lines] == [500, 900]
    assert {line.load.model for line in found.lines} == {"openai/m"}
