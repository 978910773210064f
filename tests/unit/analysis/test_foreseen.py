"""A contrast that no trial could answer is refused before anything is paid for."""

import pytest
from support.declared import declared_study
from support.shell import peersim
from support.studies import arm, forked_study, study

from peersim.analysis.foreseen import refuse_unsound_contrasts, unsound, why_unsound
from peersim.errors import ConfigError
from peersim.study.contrast import Contrast
from peersim.study.protocol import Protocol
from peersim.study.scopes import scope_of_factors

PEERS = Contrast(id="peers", a={"persona.peer": "cooperative"}, b={"persona.peer": "uncooperative"})


def holding(made, *contrasts):
    protocol = Protocol(factors=scope_of_factors(made.arms), contrasts=contrasts)
    return made.model_copy(update={"protocol": protocol})


def without(made, **gone):
    left = tuple(a for a in made.arms if any(a.levels[key] != of for key, of in gone.items()))
    return made.model_copy(update={"arms": left})


def test_sides_that_lost_unlike_arms_do_not_start():
    whole = forked_study(16)
    cut = whole.model_copy(update={"arms": tuple(a for a in whole.arms if a is not whole.arms[0])})
    assert unsound(holding(whole, PEERS)) == []
    (one,) = unsound(holding(cut, PEERS))
    assert "do not pool the same cells" in one.text
    with pytest.raises(ConfigError, match="declare it exploratory"):
        refuse_unsound_contrasts(holding(cut, PEERS))
    exploring = PEERS.model_copy(update={"role": "exploratory"})
    refuse_unsound_contrasts(holding(cut, exploring))
    assert why_unsound(cut, exploring) is not None


def test_sides_that_differ_in_what_one_of_them_does_not_name_do_not_start():
    mixed = PEERS.model_copy(update={"a": {**PEERS.a, "memory": "summary"}})
    (one,) = unsound(holding(forked_study(16), mixed))
    assert "memory" in one.why


def test_an_arm_on_two_sides_does_not_start():
    arms = tuple(arm(peer) for peer in ("cooperative", "uncooperative", "neutral"))
    cells = {"a": "cooperative", "b": "neutral", "c": "uncooperative", "d": "neutral"}
    twice = Contrast(id="twice", **{side: {"persona.peer": of} for side, of in cells.items()})
    (one,) = unsound(holding(study(16, arms=arms), twice))
    assert "is on sides b and d" in one.why


def test_a_trend_needs_three_doses():
    whole = declared_study(16)
    slope = next(c for c in whole.protocol.contrasts if c.id == "slope")
    assert why_unsound(whole, slope) is None
    doses = list(dict.fromkeys(a.levels.get(slope.dose) for a in whole.arms))
    fewer = without(whole, **{slope.dose: doses[0]})
    assert "a trend needs 3" in (why_unsound(fewer, slope) or "")


def test_the_command_line_spends_nothing_on_it(tmp_path):
    more = (
        "study=single",
        "+study.factors={persona.peer: [cooperative, uncooperative], memory: [none, verbatim]}",
        "+study.contrasts={one: {estimand: both, a: {persona.peer: cooperative, memory: none},"
        " b: {persona.peer: uncooperative}}}",
        "replicates=16",
        "tracking=none",
    )
    refused = peersim("run", *more, "hydra.run.dir=run", cwd=tmp_path)
    assert refused.returncode == 1
    assert "contrast one will be refused by the analysis: the sides differ in memory" in (
        refused.stderr
    )
    assert not (tmp_path / "run" / "study.sqlite").exists()
    power = peersim("forecast", *more, "--power", cwd=tmp_path)
    assert power.returncode == 1
    assert "will be refused by the analysis" in power.stderr
