"""Tier A in small: a sound analysis passes its bands, and one that is not sound does not."""

import pytest

from peersim.analysis.instrument import Figure, Instrument
from peersim.analysis.looks import Look
from peersim.stats import dose, draws, multiplicity, permute, scores, slopes
from peersim.validation import asking
from peersim.validation.asking import Found
from peersim.validation.bands import FULL, SHORT, At, figures
from peersim.validation.inference import Inference, resampling, sizes
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import seal
from peersim.validation.special_tests import margins, sequential

TINY = SHORT._replace(studies=20, crossed=5, again=40, resamples=99)


def proved(tmp_path, name="spread_icc_0.1_slope_1", jobs=1):
    mechanism = mechanism_of(name)
    seal([mechanism], 0, tmp_path)
    told = []
    found = Inference(TINY, 0, tmp_path, jobs, told.append).prove([mechanism])
    return found, told


def test_a_sound_analysis_is_within_its_bands(tmp_path):
    found, told = proved(tmp_path)
    assert all(one.holds for one in found), [one for one in found if not one.holds]
    assert len(told) >= len(sizes(mechanism_of("spread_icc_0.1_slope_1"))) == 2
    assert len(sizes(mechanism_of("null"))) == 9
    assert {one.measure for one in found} == {"coverage", "type_one", "bias", "width", "rate"}


@pytest.mark.slow
def test_intervals_that_are_too_narrow_are_found_on_fresh_studies(tmp_path, monkeypatch):
    honest = asking.put

    def narrow(*given):
        value, low, high, p, *_ = honest(*given)
        return Found(value, (value + low) / 2, (value + high) / 2, p)

    monkeypatch.setattr(asking, "put", narrow)
    found, _ = proved(tmp_path)
    failed = [one for one in found if one.measure == "coverage" and not one.holds]
    assert failed
    assert any(one.rerun for one in failed)


def test_a_biased_estimate_is_found(tmp_path, monkeypatch):
    honest = asking.put

    def biased(*given):
        found = honest(*given)
        return found._replace(value=found.value + 0.1)

    monkeypatch.setattr(asking, "put", biased)
    found, _ = proved(tmp_path)
    assert any(one.measure == "bias" and not one.holds for one in found)


def test_several_processes_give_the_same(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert proved(tmp_path / "one")[0] == proved(tmp_path / "two", jobs=2)[0]


def test_fewer_permutations_for_a_block_only():
    # Each has the number by value, so that it has to be changed in each.
    modules = (permute, draws, slopes, dose, multiplicity, scores)
    before = [module.RESAMPLES for module in modules]
    with resampling(7):
        assert {module.RESAMPLES for module in modules} == {7}
    assert before == [module.RESAMPLES for module in modules]


def test_a_known_limit_is_shown_without_a_band(tmp_path):
    found, _ = proved(tmp_path, "surface_by_fork_8")
    known = [one for one in found if one.measure in ("type_one", "coverage")]
    assert known
    assert all((one.low, one.high) == (None, None) for one in known)
    assert {one.note for one in known} == {"said of these wordings alone"}
    assert {one.question for one in known} == {"these_wordings_alone"}


def test_sixteen_wordings_are_held_against_the_band():
    mechanism = mechanism_of("surface_by_fork_16")
    assert (mechanism.surfaces, mechanism.informs) == (16, "")


@pytest.mark.slow
def test_looks_are_taken_and_paid_for_as_in_production(monkeypatch):
    (sound,) = sequential(TINY._replace(special=80, resamples=199), 0)
    monkeypatch.setattr(Look, "p", lambda self, p, alternative: p)
    (free,) = sequential(TINY._replace(special=80, resamples=199), 0)
    assert sound.holds
    assert free.value > sound.value


def test_equivalence_is_tried_at_the_margin_in_all_shapes_and_where_events_are_rare():
    found = margins()
    assert {one.contrast.shape for one in found if one.rate == 0.02} == {
        "difference",
        "did",
        "trend",
    }
    for one in found:
        rates = [rate for row in one.rates for rate in row]
        if one.contrast.shape == "trend":
            truth = (rates[-1] - rates[0]) / 1.0
        elif one.contrast.shape == "did":
            truth = (one.rates[0][0] - one.rates[1][0]) - (one.rates[0][1] - one.rates[1][1])
        else:
            truth = rates[0] - rates[1]
        assert truth == pytest.approx(one.contrast.margin)


@pytest.mark.parametrize(("p", "holds"), [(0.04, False), (0.5, True)])
def test_too_many_findings_where_there_is_nothing_are_found(p, holds):
    answers = [Found(0.0, -0.1, 0.1, p)] * 50 + [Found(0.0, -0.1, 0.1, 1.0)] * 50
    at = At("null", "within", 24, 4, 0.1)
    made = figures(at, answers, [0.0] * 100, True, SHORT, rerun=False)
    assert {one.measure: one.holds for one in made}["type_one"] is holds


def test_the_full_form_gives_no_room_for_chance_and_conservative_is_marked():
    answers = [Found(0.0, -0.1, 0.1, 1.0)] * 1_000
    at = At("null", "within", 24, 4, 0.1)
    (coverage, _, bias, *_) = figures(at, answers, [0.0] * 1_000, True, FULL, rerun=False)
    assert coverage.note == "conservative, mean width 0.200"
    assert (coverage.slack, bias.high) == (0.0, 0.0)


def test_an_instrument_tells_what_is_outside_and_what_survived():
    good = Figure(
        mechanism="m",
        question="q",
        measure="coverage",
        value=0.95,
        low=0.937,
        histories=24,
        trials=4,
        studies=10,
    )
    bad = good.model_copy(update={"value": 0.9})
    near = good.model_copy(update={"value": 0.92, "error": 0.01, "slack": 2.0})
    found = Instrument(peersim="0", form="short", seed=0, inference=(good, bad, near))
    assert found.outside == (bad,)
    assert not found.holds
    assert Instrument.model_validate_json(found.model_dump_json()) == found


@pytest.mark.slow
def test_what_is_outside_over_all_sizes_is_estimated_anew_at_every_size(tmp_path, monkeypatch):
    honest = asking.put
    monkeypatch.setattr(
        asking, "put", lambda *given: honest(*given)._replace(low=float("nan"), high=float("nan"))
    )
    found, _ = proved(tmp_path, "single_trials")
    whole = [one for one in found if one.histories is None and one.measure == "coverage"]
    assert [one.rerun for one in whole] == [True]
    assert not whole[0].holds
    bare = [one for one in found if one.note == "without an interval"]
    assert [one.value for one in bare] == [1.0]
    assert bare[0].studies == 4 * TINY.again
