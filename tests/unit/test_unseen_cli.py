"""Before a look is due no command tells outcomes by arm, unless it is asked to and charged for."""

import pytest
from support.declared import cut, declared_study
from support.judging import GOOD, REF
from support.studies import run

from peersim.cli.base import plain_console
from peersim.commands.judge_tables import print_judged
from peersim.commands.show import list_trials, show_trial
from peersim.errors import AnalysisRefusal
from peersim.readings.judging.rubric import load_rubric
from peersim.readings.judging.verdict import Judgement, Verdict
from peersim.report.html import render
from peersim.store.view import RunView
from peersim.study.early import early_looks

ENDS = ("protected", "declined", "complied", "escalated", "flag")


@pytest.fixture
def unfinished(tmp_path):
    """A run that declared contrasts, of which half is finished."""
    run(declared_study(replicates=4), tmp_path)
    cut(tmp_path, blocks=2)
    return tmp_path


def tells(text):
    """What in a text tells arms or ends apart."""
    return [word for word in ("persona.peer=", "cooperative", "dose=", *ENDS) if word in text]


def test_a_list_of_trials_before_a_look_holds_neither_arms_nor_ends(unfinished, capsys):
    list_trials(unfinished, plain_console())
    text = capsys.readouterr().out

    assert text.count("finished") >= len(RunView(unfinished).trial_ids)
    assert "50% of the histories are finished" in text
    assert tells(text.replace("are finished", "")) == []
    assert early_looks(unfinished) == ()


def test_a_list_that_is_asked_for_early_is_whole_and_noted(unfinished, capsys):
    list_trials(unfinished, plain_console(), early=True)

    assert "persona.peer" in capsys.readouterr().out
    assert early_looks(unfinished) == (0.5,)


def test_one_trial_is_shown_early_only_if_it_is_noted(unfinished, capsys):
    (wanted, *_) = RunView(unfinished).trial_ids
    with pytest.raises(AnalysisRefusal, match="50% of the histories"):
        show_trial(unfinished, wanted, plain_console())
    assert (capsys.readouterr().out, early_looks(unfinished)) == ("", ())

    show_trial(unfinished, wanted, plain_console(), early=True)
    assert "persona.peer=" in capsys.readouterr().out
    assert early_looks(unfinished) == (0.5,)


def test_what_is_finished_is_shown_without_a_note(tmp_path, capsys):
    run(declared_study(replicates=1), tmp_path)
    list_trials(tmp_path, plain_console())
    show_trial(tmp_path, RunView(tmp_path).trial_ids[0], plain_console())

    assert "persona.peer=" in capsys.readouterr().out
    assert early_looks(tmp_path) == ()


def judged(view, monkeypatch):
    """Give a run a judgement of each trial."""
    rubric = load_rubric()
    given = [
        Judgement(
            judging_id=f"judging-{name}",
            trial_id=name,
            rubric=rubric.title,
            rubric_digest=rubric.digest,
            judge=REF.ref,
            number=0,
            verdict=Verdict(**GOOD),
        )
        for name in view.trial_ids
    ]
    monkeypatch.setattr(RunView, "judgements", lambda self: given)


def test_a_judge_s_tables_by_arm_wait_for_the_look(unfinished, capsys, monkeypatch):
    view = RunView(unfinished)
    judged(view, monkeypatch)
    print_judged(view, plain_console())
    text = capsys.readouterr().out

    assert f"{len(view.trial_ids)} verdicts asked for and kept, missing: none" in text
    assert "hidden" not in text
    assert tells(text) == []
    print_judged(view, plain_console(), early=True)
    assert "persona.peer=" in capsys.readouterr().out
    assert early_looks(unfinished) == (0.5,)


def test_the_page_of_an_unfinished_study_holds_no_trial(unfinished):
    view = RunView(unfinished)
    page = render(view)

    assert [name for name in view.trial_ids if name in page] == []
    assert 'class="excerpt' not in page
    assert early_looks(unfinished) == ()
    early = render(view, early=True)
    assert [name for name in view.trial_ids if name not in early] == []
    assert 'class="excerpt' in early
