"""A study's own instrument: figures at its own size, kept beside its store."""

import json

import pytest
from support.studies import forked_study, run, study

from peersim.errors import AnalysisRefusal
from peersim.store.view import RunView
from peersim.validation.own import FILE, Shape, instrument_of, own_instrument, shape_of


@pytest.mark.parametrize("level", ["between", "within"])
def test_the_figures_of_a_size(level):
    found = instrument_of(Shape(histories=20, trials=2, level=level, rate=0.3), studies=60)
    figures = {one.measure: one for one in found.inference}
    assert {"coverage", "type_one", "bias", "power", "mde"} <= figures.keys()
    assert found.holds
    assert 0.05 < figures["mde"].value < 0.6
    assert figures["mde"].histories == 20


def test_more_histories_detect_less(tmp_path):
    few, many = (
        next(o.value for o in instrument_of(shape, studies=30).inference if o.measure == "mde")
        for shape in (Shape(histories=12, trials=2), Shape(histories=60, trials=2))
    )
    assert many < few


def test_it_is_kept_beside_the_store_and_made_anew_for_another_size(tmp_path):
    run(study(3), tmp_path)
    view = RunView(tmp_path)
    assert shape_of(view) == Shape(arms=2, histories=3, trials=1, level="between")
    found = own_instrument(view, studies=10)
    text = (tmp_path / FILE).read_text()
    assert json.loads(text.partition("\n")[2])["form"] == "own"
    (tmp_path / FILE).write_text(text.replace('"seed": 0', '"seed": 77'))
    assert own_instrument(view, studies=10).seed == 77
    assert own_instrument(view, studies=12).seed == found.seed == 0


def test_forked_arms_make_a_forked_instrument(tmp_path):
    run(forked_study(2), tmp_path)
    assert shape_of(RunView(tmp_path)).level == "within"


def test_without_a_plan_there_is_no_size(tmp_path):
    from peersim.store.study import StudyStore

    StudyStore(tmp_path).close()
    with pytest.raises(AnalysisRefusal, match="holds no plan"):
        shape_of(RunView(tmp_path))
