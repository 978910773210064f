"""Judged rates by arm: corrected by labels of that arm, and by no others."""

from collections.abc import Callable

import pytest

from peersim.analysis.corrected import judged_differences
from peersim.analysis.judged import Panel, panels
from peersim.readings.judging.human import Label, keep_labels, read_labels
from peersim.readings.judging.verdict import Judgement, Verdict
from peersim.readings.rows import TrialRow
from peersim.report.judged import judged_tables
from peersim.stats.judge_error import JudgeMarks, corrected_rate
from peersim.study.contrast import Contrast

Maker = Callable[..., list[TrialRow]]
A, B = {"past": "good"}, {"past": "bad"}
PAST = Contrast(id="past", a=A, b=B)
LABELLED = 60
"""Trials of an arm that have a label: the first."""


def said(trial: str, refused: bool, judge: str = "x") -> Judgement:
    verdict = Verdict(
        openness="none", refused=refused, rationale="none", reason="", awareness="none"
    )
    return Judgement(
        judging_id=f"{trial}/{judge}",
        trial_id=trial,
        rubric="conduct 1",
        rubric_digest="d",
        judge=judge,
        number=0,
        verdict=verdict,
    )


def label(trial: str, refused: bool, rater: str = "") -> Label:
    return Label(trial_id=trial, question="refused", answer="yes" if refused else "no", rater=rater)


@pytest.fixture
def rows(arm_rows: Maker) -> list[TrialRow]:
    """Of arm A 120 trials, 30 in truth refused; of arm B 120, 12."""
    truth = {name: [[float(i % of == 0)] for i in range(120)] for name, of in (("a", 4), ("b", 10))}
    return [*arm_rows(A, truth["a"]), *arm_rows(B, truth["b"], first=200)]


def judged(rows: list[TrialRow]) -> list[Judgement]:
    """A judge that finds 9 of 10 refusals, and calls every tenth of the others one."""
    found, seen = [], {True: 0, False: 0}
    for row in rows:
        refused = row.values["protected"] == 1
        seen[refused] += 1
        wrong = seen[refused] % 10 == 0
        found.append(said(row.trial_id, refused != wrong))
    return found


def labels_of(rows: list[TrialRow], arm: dict[str, str]) -> list[Label]:
    own = [row for row in rows if row.arm == arm][:LABELLED]
    return [label(row.trial_id, row.values["protected"] == 1) for row in own]


def refused(panel: Panel) -> dict[str, object]:
    return {one.arm["past"]: one for one in panel.rates if one.question == "refused"}


def test_a_rate_is_corrected_by_the_errors_in_its_own_arm(rows: list[TrialRow]) -> None:
    (panel,) = panels(rows, judged(rows), [*labels_of(rows, A), *labels_of(rows, B)])
    one = refused(panel)["good"]

    # In truth .25; of 30 refusals 27 are found, and 9 of the 90 others are taken for one: .30.
    assert (one.count, one.judged) == (36, 120)
    assert one.interval.low < 0.3 < one.interval.high
    # The first 60 hold 15 with (14 found) and 45 without (41 let pass).
    known = corrected_rate(
        [(int(j.answer("refused") == "yes"), 1) for j in judged(rows)[:120]],
        JudgeMarks(hits=14, positives=15, rejections=41, negatives=45),
    )
    assert one.corrected == known
    edge = 14 / 15 + 41 / 45 - 1
    assert one.corrected.rate == pytest.approx((0.3 + 41 / 45 - 1) / edge)
    assert one.corrected.interval.low < 0.25 < one.corrected.interval.high


def test_a_declared_contrast_of_two_arms_is_corrected_too(rows: list[TrialRow]) -> None:
    (panel,) = panels(rows, judged(rows), [*labels_of(rows, A), *labels_of(rows, B)])
    both = refused(panel)
    (gap,) = [one for one in judged_differences([PAST], panel.rates) if one.question == "refused"]

    assert gap.difference == pytest.approx(36 / 120 - (11 + 10) / 120)
    assert gap.corrected == pytest.approx(both["good"].corrected.rate - both["bad"].corrected.rate)
    assert gap.limits.low < gap.corrected < gap.limits.high


def test_labels_of_another_arm_correct_nothing(rows: list[TrialRow]) -> None:
    (panel,) = panels(rows, judged(rows), labels_of(rows, A))
    one = refused(panel)["bad"]
    (gap,) = [one for one in judged_differences([PAST], panel.rates) if one.question == "refused"]

    assert refused(panel)["good"].corrected is not None
    assert (one.corrected, one.why) == (None, "no labels of this arm's trials")
    assert (gap.corrected, gap.why) == (None, "b: no labels of this arm's trials")


def test_labels_of_other_runs_are_counted_and_not_used(rows: list[TrialRow]) -> None:
    (panel,) = panels(rows, judged(rows), [label("elsewhere", True)])
    table = judged_tables(rows, judged(rows), [label("elsewhere", True)])[1]

    assert (panel.labelled, panel.strange) == (0, 1)
    assert all(one.corrected is None for one in panel.rates)
    assert "cannot be corrected" in table.note
    assert "1 labels are of other trials" in table.note


def test_a_judge_no_better_than_chance_corrects_nothing(rows: list[TrialRow]) -> None:
    wrong = [said(row.trial_id, row.values["protected"] != 1) for row in rows]
    (panel,) = panels(rows, wrong, labels_of(rows, A))

    assert refused(panel)["good"].why.startswith("the judge is no better than chance")


def test_two_raters_have_cohens_kappa_and_three_fleiss(rows: list[TrialRow]) -> None:
    names = [row.trial_id for row in rows][:50]
    # 20 both yes, 5 and 10 of the two kinds of quarrel, 15 both no: kappa .4.
    first = [True] * 25 + [False] * 25
    second = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    votes = [
        said(name, answer, judge)
        for judge, answers in (("x", first), ("y", second))
        for name, answer in zip(names, answers, strict=True)
    ]
    (panel,) = panels(rows, votes)
    (agreed,) = [one for one in panel.agreement if one.question == "refused"]

    assert agreed.kappa.name == "Cohen's kappa"
    assert agreed.kappa.value == pytest.approx(0.4)
    three = [*votes, *(said(name, True, "z") for name in names)]
    (panel,) = panels(rows, three)
    (agreed,) = [one for one in panel.agreement if one.question == "refused"]
    # 50 x 3 ratings, 105 yes: by chance .58; pairs agree in 20 x 1, 15 x 1/3, 15 x 1/3: .6.
    assert agreed.kappa.name == "Fleiss' kappa"
    assert agreed.kappa.value == pytest.approx((0.6 - 0.58) / 0.42)


def test_raters_agree_among_themselves_and_judges_with_them(rows: list[TrialRow]) -> None:
    names = [row.trial_id for row in rows][:4]
    labels = [label(name, i < 2, rater) for rater in "pq" for i, name in enumerate(names)]
    votes = [said(name, i < 1) for i, name in enumerate(names)]
    (panel,) = panels(rows, votes, labels)
    found = {one.of: one for one in panel.agreement}

    assert set(found) == {"labels", "judges with labels"}
    assert found["labels"].kappa.value == pytest.approx(1)
    # 3 of 4 agree; by chance 1/4 x 1/2 + 3/4 x 1/2.
    assert found["judges with labels"].kappa.value == pytest.approx(0.5)


def test_a_table_of_labels_is_read_or_refused(tmp_path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("trial_id,question,label,rater\nt1,refused,yes,p\n")
    assert keep_labels(tmp_path, path) == (label("t1", True, "p"),)
    assert read_labels(tmp_path / "labels.csv") == (label("t1", True, "p"),)
    for text, why in (
        ("trial_id,question,label\nt1,refused,perhaps\n", "line 2 of"),
        ("trial_id,question,label\nt1,refused,yes\nt1,refused,no\n", "two labels of t1"),
        ("trial,question,label\nt1,refused,yes\n", "no trial_id"),
    ):
        path.write_text(text)
        with pytest.raises(Exception, match=why):
            read_labels(path)
