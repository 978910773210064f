"""Tier A in small: a sound analysis passes its bands, and one that is not sound does not."""

import pytest

from peersim.analysis.instrument import Figure, Instrument
from peersim.stats import permute
from peersim.validation import inference
from peersim.validation.asking import Found
from peersim.validation.bands import FULL, SHORT, At, figures
from peersim.validation.inference import Inference, resampling, sizes
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import seal

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
    assert {one.measure for one in found} == {"coverage", "type_one", "bias"}


def test_intervals_that_are_too_narrow_are_found_on_fresh_studies(tmp_path, monkeypatch):
    honest = inference.put

    def narrow(*given):
        value, low, high, p = honest(*given)
        return Found(value, (value + low) / 2, (value + high) / 2, p)

    monkeypatch.setattr(inference, "put", narrow)
    found, _ = proved(tmp_path)
    failed = [one for one in found if one.measure == "coverage" and not one.holds]
    assert failed
    assert any(one.rerun for one in failed)


def test_a_biased_estimate_is_found(tmp_path, monkeypatch):
    honest = inference.put
    monkeypatch.setattr(
        inference, "put", lambda *given: honest(*given)._replace(value=honest(*given).value + 0.1)
    )
    found, _ = proved(tmp_path)
    assert any(one.measure == "bias" and not one.holds for one in found)


def test_several_processes_give_the_same(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert proved(tmp_path / "one")[0] == proved(tmp_path / "two", jobs=2)[0]


def test_fewer_permutations_for_a_block_only():
    before = permute.RESAMPLES
    with resampling(7):
        assert permute.RESAMPLES == 7
    assert before == permute.RESAMPLES


@pytest.mark.parametrize(("p", "holds"), [(0.04, False), (0.5, True)])
def test_too_many_findings_where_there_is_nothing_are_found(p, holds):
    answers = [Found(0.0, -0.1, 0.1, p)] * 50 + [Found(0.0, -0.1, 0.1, 1.0)] * 50
    at = At("null", "within", 24, 4, 0.1)
    made = figures(at, answers, [0.0] * 100, True, SHORT, rerun=False)
    assert {one.measure: one.holds for one in made}["type_one"] is holds


def test_the_full_form_gives_no_room_for_chance_and_conservative_is_marked():
    answers = [Found(0.0, -0.1, 0.1, 1.0)] * 1_000
    at = At("null", "within", 24, 4, 0.1)
    (coverage, _, bias) = figures(at, answers, [0.0] * 1_000, True, FULL, rerun=False)
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
