"""Every planted mechanism: its truth is what its questions say, and the analysis can be asked."""

import numpy as np
import pytest

from peersim.analysis.inference import answer
from peersim.errors import ConfigError
from peersim.validation.asking import NOTHING, put
from peersim.validation.population import Size
from peersim.validation.roster import mechanism_of, mechanisms
from peersim.validation.sealed import generator

NAMES = list(mechanisms())


def hidden(name, rate=0.1):
    return mechanism_of(name).hide(rate, generator(0, name, rate))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_to_be_nothing_is_nothing_and_what_is_not_is_not(name):
    mechanism = mechanism_of(name)
    truth = mechanism.truth(hidden(name), generator(0, "truth"), 40_000)
    for question in mechanism.questions:
        value = mechanism.true_answer(question.contrast, truth)
        assert abs(value) < 0.004 if question.null else abs(value) > 0.02


@pytest.mark.few(8)
@pytest.mark.parametrize("name", NAMES)
def test_each_question_can_be_put_to_the_rows_of_a_study(name):
    mechanism = mechanism_of(name)
    rows = mechanism.study(hidden(name), Size(24, 4, 0.1), generator(1, name))
    assert len(rows) == len(mechanism.arms) * 24 * 4
    for question in mechanism.questions:
        found = put(question.contrast, mechanism.protocol, rows, mechanism.arms)
        assert found != NOTHING
        assert found.low <= found.value <= found.high


@pytest.mark.parametrize("name", ["null", "partner_specific", "dose", "retaliation", "anchoring"])
def test_the_answer_is_the_dispatchers_own(name):
    mechanism = mechanism_of(name)
    rows = mechanism.study(hidden(name, 0.4), Size(20, 3, 0.4), generator(2, name))
    for question in mechanism.questions:
        ours = put(question.contrast, mechanism.protocol, rows, mechanism.arms)
        theirs = answer(question.contrast, mechanism.protocol, rows, mechanism.arms)
        assert np.allclose(ours[:4], (theirs.estimate, theirs.low, theirs.high, theirs.p))


def test_a_refusal_is_no_finding():
    mechanism = mechanism_of("history_effect")
    question = mechanism.questions[0]
    assert put(question.contrast, mechanism.protocol, [], mechanism.arms).p == 1.0


def test_an_unknown_mechanism_is_refused():
    with pytest.raises(ConfigError, match="no mechanism 'magic'"):
        mechanism_of("magic")
