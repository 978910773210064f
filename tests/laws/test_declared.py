"""Laws of declared contrasts that hold whatever the trials say."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peersim.analysis.declared import Finding
from peersim.analysis.family import findings
from peersim.analysis.inference import answer
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol

SCOPES = {"script": "history", "target": "oversight"}
PAIRS = {
    "between": ({"script": "good"}, {"script": "bad"}),
    "within": ({"target": "peer"}, {"target": "other"}),
}
Study = list[list[list[float | None]]]


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """Return the outcomes of 2 x 2 arms of a few histories with one to three trials each."""
    size = draw(st.integers(6, 9))
    trial = st.sampled_from([0.0, 1.0, 1.0, None])
    history = st.lists(trial, min_size=0, max_size=2).map(lambda of: [*of, 1.0])
    other = st.lists(trial, min_size=0, max_size=2).map(lambda of: [*of, 0.0])
    return [
        draw(st.lists(draw(st.sampled_from([history, other])), min_size=size, max_size=size))
        for _ in range(4)
    ]


def rows_of(study: Study) -> list[TrialRow]:
    made = []
    for place, histories in enumerate(study):
        arm = {"script": ("good", "bad")[place // 2], "target": ("peer", "other")[place % 2]}
        made += [
            TrialRow(
                trial_id=f"{place}/{h}/{t}",
                arm=arm,
                history_id=f"{place // 2}/{h:02d}",
                surface=f"s{h % 4}",
                block=h * 3 + t,
                invalid="provider" if value is None else None,
                values={} if value is None else {"protected": value},
                models=("simulated/a",),
                simulated=True,
            )
            for h, of in enumerate(histories)
            for t, value in enumerate(of)
        ]
    return made


def asked(contrast: Contrast, rows: list[TrialRow]) -> Finding:
    return answer(contrast, Protocol(factors=SCOPES, contrasts=(contrast,)), rows, fewest=6)


def near(value: float | None) -> object:
    return None if value is None else pytest.approx(value, abs=1e-9)


@pytest.mark.slow
@given(studies(), st.sampled_from(sorted(PAIRS)), st.booleans())
@settings(max_examples=30, deadline=None)
def test_sides_that_trade_places_flip_the_signs_and_nothing_else(
    study: Study, level: str, did: bool
) -> None:
    rows, (a, b) = rows_of(study), PAIRS[level]
    if did:
        c, d = PAIRS["within" if level == "between" else "between"]
        one = Contrast(id="one", a=a | c, b=b | c, c=a | d, d=b | d)
        back = Contrast(id="one", a=b | c, b=a | c, c=b | d, d=a | d)
    else:
        one, back = Contrast(id="one", a=a, b=b), Contrast(id="one", a=b, b=a)
    found, turned = asked(one, rows), asked(back, rows)

    assert found.level == turned.level == ("between" if did else level)
    assert turned.estimate == near(-found.estimate)
    assert turned.low == near(None if found.high is None else -found.high)
    assert turned.high == near(None if found.low is None else -found.low)
    assert turned.p == pytest.approx(found.p)
    assert (turned.method, turned.df) == (found.method, near(found.df))
    low, high = found.bounds
    assert turned.bounds == pytest.approx((-high, -low))


@pytest.mark.slow
@given(studies(), st.sampled_from(sorted(PAIRS)), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_rows_does_not_matter(
    study: Study, level: str, shuffled: random.Random
) -> None:
    rows = rows_of(study)
    one = Contrast(id="one", **dict(zip("ab", PAIRS[level], strict=True)))
    plan, moved = Protocol(factors=SCOPES, contrasts=(one,)), list(rows)
    arms = list({str(row.arm): row.arm for row in rows}.values())
    shuffled.shuffle(moved)

    found = answer(one, plan, rows, arms, fewest=6)
    again = answer(one, plan, moved, arms, fewest=6)
    assert again.model_dump(exclude={"p"}) == found.model_dump(exclude={"p"})
    assert again.p == pytest.approx(found.p)


@given(studies(), st.sampled_from(sorted(PAIRS)))
@settings(max_examples=20, deadline=None)
def test_trials_of_other_arms_change_nothing(study: Study, level: str) -> None:
    rows = rows_of(study)
    others = [
        row.model_copy(
            update={
                "arm": {"script": "mild", "target": "self"},
                "trial_id": f"other/{row.trial_id}",
                "models": ("another/b",),
                "values": {"protected": 0.0} if row.valid else {},
            }
        )
        for row in rows[::2]
    ]
    one = Contrast(id="one", **dict(zip("ab", PAIRS[level], strict=True)))

    assert asked(one, [*others, *rows]) == asked(one, rows)


@given(studies())
@settings(max_examples=15, deadline=None)
def test_a_refused_contrast_keeps_its_place_in_the_family(study: Study) -> None:
    rows = rows_of(study)
    kept = Contrast(id="kept", a={"target": "peer"}, b={"target": "other"})
    never = Contrast(id="never", a={"target": "peer"}, b={"target": "nobody"})
    plan = Protocol(factors=SCOPES, contrasts=(kept, never))
    found, refused = findings(plan, rows, fewest=6)

    assert "no arm matches side b" in refused.why
    assert found.p_adjusted == pytest.approx(min(1.0, 2 * found.p))
    if found.simultaneous is not None:
        assert found.simultaneous_confidence == pytest.approx(0.975)


@given(studies(), st.sampled_from(["a", "b"]))
@settings(max_examples=15, deadline=None)
def test_no_number_is_printed_for_what_was_not_declared(study: Study, side: str) -> None:
    declared = Contrast(id="one", a={"target": "peer"}, b={"target": "other"})
    changed = declared.model_copy(update={side: {"target": "peer", "script": "good"}})
    with pytest.raises(AnalysisRefusal, match="was not declared"):
        answer(changed, Protocol(factors=SCOPES, contrasts=(declared,)), rows_of(study))
