"""Bands that an instrument which can find nothing does not pass."""

import numpy as np
import pytest
from scipy import stats

from peersim.study.contrast import Contrast
from peersim.validation.asking import NOTHING, Found, ask
from peersim.validation.bands import FULL, SHORT, At, figures, large, silences
from peersim.validation.independent import otherwise
from peersim.validation.mechanism import rows_of
from peersim.validation.population import Size
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import generator

AT = At("history_effect", "history", 24, 4, 0.4)
TWO = [{"partner": "cooperative"}, {"partner": "uncooperative"}]
PLAIN = Contrast(id="x", a=TWO[0], b=TWO[1])


def made(answers, null=False, form=FULL):
    found = figures(AT, answers, [0.2] * len(answers), null, form, rerun=False)
    return {one.measure: one for one in found}


def test_what_never_finds_anything_has_too_little_power():
    answers = [Found(0.2, 0.0, 0.4, 1.0, other=0.01, width=0.4)] * 100
    assert not made(answers)["power"].holds
    assert made([one._replace(p=0.01) for one in answers])["power"].holds


def test_the_floor_of_power_gives_way_where_events_are_too_rare_for_t():
    answers = [Found(0.2, 0.0, 0.4, 1.0, other=0.01)] * 20
    answers += [Found(0.2, 0.0, 0.4, 1.0, other=0.5)] * 80
    assert made(answers)["power"].holds
    assert not made([one._replace(width=0.4) for one in answers])["power"].holds


def test_no_interval_at_all_covers_nothing():
    bare = Found(0.2, float("nan"), float("nan"), 0.01, other=0.01, width=0.4)
    assert not made([bare] * 50)["coverage"].holds
    covering = Found(0.2, 0.1, 0.3, 0.01, other=0.01, width=0.2)
    both = made([bare] * 50 + [covering] * 50)["coverage"]
    assert (both.value, both.studies) == (1.0, 50)


def test_nothing_known_is_no_bias_of_zero():
    assert not made([NOTHING] * 50)["bias"].holds
    assert not made([NOTHING] * 50, null=True)["bias"].holds


def test_intervals_three_times_as_wide_are_outside():
    answers = [Found(0.2, -0.4, 0.8, 0.01, other=0.01, width=0.4)] * 50
    assert not made(answers, form=SHORT)["width"].holds


@pytest.mark.parametrize(("silent", "holds"), [(1, True), (20, False)])
def test_refusals_and_answers_without_an_interval_are_counted(silent, holds):
    covering = Found(0.2, 0.1, 0.3, 0.01)
    refused, bare = silences(AT, [NOTHING] * silent + [covering] * (100 - silent), SHORT)
    assert (refused.note, bare.note) == ("refused", "without an interval")
    assert refused.holds is bare.holds is holds
    assert refused.value == silent / 100


def test_only_studies_of_some_size_have_to_be_answered():
    assert large(AT)
    assert not large(AT._replace(histories=12))
    assert not large(AT._replace(rate=0.02))


def test_the_textbook_test_is_scipys():
    mechanism = mechanism_of("history_effect")
    rows = mechanism.study(mechanism.hide(0.4, generator(0)), Size(24, 4, 0.4), generator(1))
    question = mechanism.questions[0]
    means = [{}, {}]
    for row in rows:
        of = means[row.arm["partner"] == "uncooperative"]
        of.setdefault(row.history_id, []).append(row.values["protected"])
    first, second = ([np.mean(v) for v in of.values()] for of in means)
    found = otherwise(question.contrast, rows, mechanism.arms)
    welch = stats.ttest_ind(first, second, equal_var=False)
    assert found.plain == pytest.approx(float(welch.pvalue))
    assert found.p > found.plain
    low, high = welch.confidence_interval()
    assert found.width == pytest.approx(float(high - low))


def test_the_textbook_test_of_forked_arms_is_paired():
    mechanism = mechanism_of("authorship")
    rows = mechanism.study(mechanism.hide(0.4, generator(0)), Size(24, 4, 0.4), generator(2))
    question = mechanism.questions[0]
    means = {}
    for row in rows:
        if row.arm["partner"] == "cooperative":
            of = means.setdefault(row.history_id, {})
            of.setdefault(row.arm["authorship"], []).append(row.values["protected"])
    gaps = [np.mean(of["own"]) - np.mean(of["told"]) for of in means.values()]
    found = otherwise(question.contrast, rows, mechanism.arms)
    assert found.plain == pytest.approx(float(stats.ttest_1samp(gaps, 0).pvalue))


def test_the_textbook_test_of_rare_events_is_exact():
    shows = np.zeros((2, 20, 1, 1))
    shows[0, :3] = 1
    rows = rows_of(TWO, {"protected": shows}, None, 1)
    found = otherwise(PLAIN, rows, TWO)
    assert found.p == pytest.approx(float(stats.fisher_exact([[3, 17], [0, 20]]).pvalue))
    assert np.isnan(found.width)


def test_one_side_is_claimed_along_the_estimate():
    mechanism = mechanism_of("history_effect")
    rows = mechanism.study(mechanism.hide(0.4, generator(0)), Size(24, 4, 0.4), generator(3))
    plain = mechanism.questions[0].contrast
    both, more, less = (
        otherwise(plain.model_copy(update={"alternative": one}), rows, mechanism.arms).plain
        for one in ("two_sided", "greater", "less")
    )
    assert more + less == pytest.approx(1)
    assert min(more, less) == pytest.approx(both / 2)


def test_answers_come_with_those_of_the_textbook():
    mechanism = mechanism_of("history_effect")
    rows = mechanism.study(mechanism.hide(0.4, generator(0)), Size(24, 4, 0.4), generator(1))
    question = mechanism.questions[0]
    found = ask(question.contrast, mechanism.protocol, rows, mechanism.arms)
    other = otherwise(question.contrast, rows, mechanism.arms)
    assert (found.other, found.width) == (other.p, other.width)


def test_of_many_wordings_the_textbook_test_takes_these_for_units():
    mechanism = mechanism_of("surface_by_fork_16")
    rows = mechanism.study(mechanism.hide(0.4, generator(0)), Size(48, 4, 0.4), generator(1))
    means = {}
    for row in rows:
        of = means.setdefault(row.surface, {})
        of.setdefault(row.arm["memory"], []).append(row.values["protected"])
    gaps = [np.mean(of["summary"]) - np.mean(of["none"]) for of in means.values()]
    found = otherwise(mechanism.questions[0].contrast, rows, mechanism.arms)
    assert len(gaps) == 16
    assert found.plain == pytest.approx(float(stats.ttest_1samp(gaps, 0).pvalue))
