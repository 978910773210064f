"""A study's own instrument: figures at its own size, kept beside its store."""

import json
from pathlib import Path

import pytest
from support.studies import forked_study, run, study

from peersim.analysis.power import forecast_power
from peersim.errors import AnalysisRefusal
from peersim.stats.power import Assumed
from peersim.store.view import RunView
from peersim.study.arms import finished_rows, held_studies
from peersim.study.protocol import Protocol
from peersim.study.scopes import scope_of_factors
from peersim.validation import own, own_contrasts
from peersim.validation.asking import NOTHING
from peersim.validation.own import FILE, Shape, instrument_of, own_instrument, shape_of
from peersim.validation.own_contrasts import contrast_figures
from peersim.validation.own_planned import planned
from peersim.validation.own_rows import answers, rows_for
from peersim.validation.sealed import generator


@pytest.mark.few(1)
@pytest.mark.parametrize("level", ["between", "within"])
def test_the_figures_of_a_size(level):
    found = instrument_of(Shape(histories=20, trials=2, level=level, rate=0.3), studies=60)
    figures = {one.measure: one for one in found.inference}
    assert {"coverage", "type_one", "bias", "power", "mde"} <= figures.keys()
    assert found.holds
    assert 0.05 < figures["mde"].value < 0.6
    assert figures["mde"].histories == 20


@pytest.mark.parametrize(
    ("asked", "level", "strata"),
    [
        ("did", "between", (("a", "c"), ("b", "d"))),
        ("did", "within", (("a", "b", "c", "d"),)),
        ("difference", "within", (("a", "b"), ("a", "b"))),
        ("difference", "between", (("a",), ("a",), ("b",), ("b",))),
        ("trend", "between", (("0.1",), ("0.5",), ("0.9",))),
        ("trend", "within", (("0", "1", "2"),)),
    ],
)
def test_a_declared_design_is_simulated_as_it_is(asked, level, strata):
    shape = Shape(histories=20, trials=2, level=level, asked=asked, strata=strata, rate=0.3)
    (found,) = answers(shape.played, 0.3 / max(1, len(shape.played.sides)), 0, 1)
    assert found != NOTHING
    assert found.low < found.high
    rows = rows_for(shape.played, 0.0, generator(0))
    assert len({row.history_id for row in rows}) == 20 * len(strata)
    assert len(rows) == shape.played.rows


def test_the_power_that_is_said_is_that_of_the_effect_that_is_said(monkeypatch):
    asked = {}

    def share(played, effect, seed, studies):
        asked[effect] = min(1.0, 2 * effect)
        return asked[effect]

    monkeypatch.setattr(own, "found_share", share)
    effect, power, _ = own._detectable(Shape(histories=20, trials=2).played, 0, 10)
    assert power == asked[effect]
    assert power >= own.POWER
    assert 0.4 <= effect < 0.44
    monkeypatch.setattr(own, "found_share", lambda played, effect, *_: 0.1)
    assert own._detectable(Shape(histories=20, trials=2).played, 0, 10)[1] == 0.1


@pytest.mark.parametrize(("other", "level"), [(1, "within"), (2, "between")])
def test_the_level_is_that_of_the_contrast_and_not_of_whatever_arms_share(tmp_path, other, level):
    planned = forked_study(2)
    factors = scope_of_factors(planned.arms)
    sides = {"a": planned.arms[0].levels, "b": planned.arms[other].levels}
    second = {**sides, "id": "y", "alternative": "less"}
    declared = [{**sides, "id": "x", "alternative": "greater"}, second]
    protocol = Protocol.model_validate({"factors": factors, "contrasts": declared})
    run(planned.model_copy(update={"protocol": protocol}), tmp_path)
    shape = shape_of(RunView(tmp_path))
    assert (shape.contrast, shape.asked, shape.one_sided) == ("x", "difference", True)
    assert shape.level == level
    assert shape.alpha == 0.025
    assert set(shape.strata) == ({("a", "b")} if level == "within" else {("a",), ("b",)})


@pytest.mark.slow
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


def test_figures_that_could_not_be_written_whole_are_made_again(tmp_path, monkeypatch):
    run(study(3), tmp_path)
    view, write = RunView(tmp_path), Path.write_text

    def half(path, text, **how):
        write(path, text[: len(text) // 2], **how)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", half)
        found = own_instrument(view, studies=10)
    assert not (tmp_path / FILE).exists()
    assert own_instrument(view, studies=10) == found


def test_forked_arms_make_a_forked_instrument(tmp_path):
    run(forked_study(2), tmp_path)
    assert shape_of(RunView(tmp_path)).level == "within"


def test_without_a_plan_there_is_no_size(tmp_path):
    from peersim.store.study import StudyStore

    StudyStore(tmp_path).close()
    with pytest.raises(AnalysisRefusal, match="holds no plan"):
        shape_of(RunView(tmp_path))


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    """A run of forked arms with four contrasts, of which one has too few histories."""
    home, planned = tmp_path_factory.mktemp("declared"), forked_study(12)
    a, b, c = (planned.arms[place].levels for place in (0, 1, 2))
    contrasts = [
        {"id": "forks", "a": a, "b": b},
        {"id": "forks_again", "a": b, "b": a, "role": "secondary"},
        {"id": "none", "a": a, "b": b, "alternative": "equivalent", "margin": 0.2},
        {"id": "pasts", "a": a, "b": c},
    ]
    factors = scope_of_factors(planned.arms)
    protocol = Protocol.model_validate({"factors": factors, "contrasts": contrasts})
    run(planned.model_copy(update={"protocol": protocol}), home)
    return RunView(home)


def of_contrast(found, name):
    return {one.measure: one for one in found.inference if f" {name}," in one.question}


@pytest.mark.slow
def test_every_declared_contrast_has_its_own_figures(declared):
    rows = finished_rows(declared)
    found = own_instrument(declared, rows=rows)
    assert found.left == (
        "pasts is not simulated: with fewer than 16 histories an arm the analysis refuses it",
    )
    for name in ("forks", "forks_again", "none"):
        figures = of_contrast(found, name)
        assert {"type_one", "coverage", "power"} <= figures.keys()
        assert figures["type_one"].value <= 0.061 + 3 * figures["type_one"].error
        assert figures["type_one"].error == pytest.approx((0.05 * 0.95 / 400) ** 0.5)
        assert figures["coverage"].value >= 0.937 - 3 * figures["coverage"].error
        assert (figures["power"].histories, figures["power"].trials) == (12, 1)
        assert figures["power"].studies == 400
    assert -0.75 < of_contrast(found, "forks")["mde"].value < -0.3
    assert "mde" not in of_contrast(found, "none")
    assert "at the margin 0.2" in of_contrast(found, "none")["type_one"].note


def test_rates_are_those_of_the_trials_and_what_they_do_not_show_is_assumed(declared):
    rows = finished_rows(declared)
    (study,) = held_studies(declared)
    found, _ = planned((study,), rows)
    forks = next(one for one in found if one.contrast.id == "forks")
    of_b = [row.values["protected"] for row in rows if row.arm == study.arms[1].levels]
    share = min(max(sum(of_b) / len(of_b), 0.01), 0.99)
    assert forks.assumed["p0"] == float(f"{share:.2g}")
    assert forks.unknown == ("icc", "rho")  # one trial of each history says nothing of either
    assert (forks.assumed["icc"], forks.assumed["rho"]) == (0.2, 0.8)
    blind, _ = planned((study,), ())
    assert {one.unknown for one in blind} == {("p0", "icc", "rho")}
    assert blind[0].assumed["p0"] == 0.1


@pytest.mark.slow
def test_what_is_assumed_is_said_beside_the_power(declared):
    note = of_contrast(own_instrument(declared), "forks")["power"].note
    assert "p0 0.1 (assumed), icc 0.2 (assumed), rho 0.8 (assumed)" in note


@pytest.mark.slow
def test_the_figures_are_those_of_the_forecast_and_the_same_each_time(declared):
    (study,) = held_studies(declared)
    found, _ = planned((study,), ())
    one = next(of for of in found if of.contrast.id == "forks")
    first, again = contrast_figures([one]), contrast_figures([one])
    assert first == again
    power = next(of for of in first if of.measure == "power")
    mde = next(of for of in first if of.measure == "mde").value
    said = forecast_power(study, one.contrast, Assumed(rd=mde), draws=400).power
    assert power.value == pytest.approx(said[0], abs=3 * (said[1] + power.error))
    # What is alike is drawn once: a contrast of the mirrored sides has the very same figures.
    both = contrast_figures([one, next(of for of in found if of.contrast.id == "forks_again")])
    assert len(both) == 2 * len(first)


@pytest.mark.parametrize(("histories", "drawn"), [(150, 150), (300, 300), (4000, 300)])
def test_the_figures_are_of_the_study_s_own_size_up_to_three_hundred(
    declared, histories, drawn, monkeypatch
):
    # Of how many studies makes no difference to how large each is.
    monkeypatch.setattr(own_contrasts, "DRAWS", (20, 20))
    (held,) = held_studies(declared)
    larger = held.model_copy(update={"replicates": histories})
    one = planned((larger,), ())[0][0]
    figures = contrast_figures([one])
    assert {figure.histories for figure in figures} == {drawn}
    assert all((f"of {histories} histories" in f.note) is (histories > drawn) for f in figures)
