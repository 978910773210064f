"""What a study file declares, from a real command line."""

import pytest
import yaml

from peersim.errors import ConfigError
from peersim.study.scopes import cautions

PEERS = {
    "estimand": "The risk difference of protecting a cooperative against an uncooperative peer.",
    "a": {"persona.peer": "cooperative"},
    "b": {"persona.peer": "uncooperative"},
}
MEMORY = {
    "estimand": "The risk difference of protecting a peer that is remembered.",
    "a": {"memory": "summary"},
    "b": {"memory": "none"},
}


@pytest.fixture
def declare(jobs, tmp_path):
    """Compose a study of persona by memory, by stakes if wanted, with more in its file."""

    def go(*arguments, factors=None, **more):
        home = tmp_path / "own" / "study"
        home.mkdir(parents=True, exist_ok=True)
        factors = factors or {
            "persona.peer": ["cooperative", "uncooperative"],
            "memory": ["none", "summary"],
        }
        text = yaml.safe_dump({"name": "mine", "factors": factors} | more, sort_keys=False)
        (home / "mine.yaml").write_text(text)
        (job,) = jobs("--config-dir", str(tmp_path / "own"), "study=mine", *arguments)
        return job.study

    return go


def test_scopes_and_contrasts_become_the_protocol(declare):
    study = declare(contrasts={"peers": PEERS}, correction="max_t", looks=[0.5, 1.0])
    protocol = study.protocol
    assert protocol.factors == {"persona.peer": "history", "memory": "recollection"}
    assert [one.id for one in protocol.contrasts] == ["peers"]
    assert (protocol.correction, protocol.looks) == ("max_t", (0.5, 1.0))
    assert protocol.left_out == ()


def test_contrasts_may_be_a_list_and_one_may_be_taken_away(declare):
    listed = declare(contrasts=[{"id": "peers", **PEERS}])
    mapped = declare(contrasts={"peers": PEERS})
    assert listed.protocol == mapped.protocol
    fewer = declare("study.contrasts.peers=null", contrasts={"peers": PEERS})
    assert fewer.protocol.contrasts == ()
    assert fewer.study_id == mapped.study_id


def test_levels_are_read_as_the_arms_have_them(declare):
    study = declare(
        factors={"circumstances.self_threat": [True, False], "task.rounds": [2, 4, 6]},
        contrasts={
            "threat": {
                "estimand": "The risk difference of a threat to the overseer itself.",
                "a": {"circumstances.self_threat": True, "task.rounds": [2, 4]},
                "b": {"circumstances.self_threat": False, "task.rounds": [2, 4]},
            },
            "rounds": {
                "estimand": "More by round.",
                "dose": "task.rounds",
                "a": {"circumstances.self_threat": False},
            },
        },
    )
    threat, rounds = study.protocol.contrasts
    assert threat.a == {"circumstances.self_threat": "true", "task.rounds": ("2", "4")}
    assert rounds.shape == "trend"
    assert study.protocol.factors == {
        "circumstances.self_threat": "oversight",
        "task.rounds": "history",
    }


def test_excluded_cells_are_no_arms(declare):
    study = declare(exclude=[{"persona.peer": "uncooperative", "memory": "none"}])
    assert len(study.arms) == 3
    assert len(study.protocol.exclude) == 1
    assert study.study_id != declare().study_id


@pytest.mark.few(4)
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"contrasts": {"x": {"a": {"memry": "none"}, "b": {}}}}, "contrasts.x: a .*no factor 'm"),
        (
            {"contrasts": {"x": {"a": {"memory": "sumary"}, "b": {"memory": "none"}}}},
            "contrasts.x: a .memory=sumary. fits no arm: the levels of memory are none, summary",
        ),
        ({"contrasts": {"x": {"a": {"memory": "none"}, "b": {}}}}, "x: an arm is in a and in b"),
        ({"contrasts": {"x": {"dose": "memory"}}}, "'memory' needs levels that are numbers"),
        ({"contrasts": {"x": {"dose": "tempo"}}}, "'tempo' needs levels.*no factor 'tempo'"),
        ({"contrasts": {"x": {"a": {"memory": "none"}}}}, "give a and b"),
        ({"contrasts": {"x": PEERS | {"after": "y"}}}, "x comes after y"),
        ({"contrasts": [{"id": "x", **PEERS}] * 2}, "same id"),
        ({"exclude": [{"memory": "verbatim"}]}, "exclude: memory=verbatim fits no arm"),
        ({"exclude": [{}]}, "leaves no arm"),
        ({"looks": [1.0, 0.5]}, "rising shares"),
        ({"scopes": {"persona.peer": "oversight"}}, "changes? the history"),
        ({"scopes": {"persona.peer": "scoring"}}, "changes? the history"),
    ],
)
def test_what_does_not_fit_is_named(declare, more, said):
    with pytest.raises(ConfigError, match=said) as caught:
        declare(**more)
    assert "\n" not in str(caught.value)


def test_a_contrast_whose_arms_are_all_excluded_is_an_error(declare):
    with pytest.raises(ConfigError, match=r"contrasts\.x: b"):
        declare(contrasts={"x": MEMORY}, exclude=[{"memory": "none"}])


def test_a_study_cut_down_leaves_out_contrasts_that_lost_a_side(declare):
    contrasts = {
        "peers": PEERS,
        "memory": MEMORY | {"after": "peers"},
    }
    study = declare("persona.peer=neutral", contrasts=contrasts)
    assert [one.id for one in study.protocol.left_out] == ["peers"]
    (kept,) = study.protocol.contrasts
    assert (kept.id, kept.after) == ("memory", None)


def test_an_exclusion_that_the_command_line_made_needless_is_no_error(declare):
    study = declare("memory=summary", exclude=[{"memory": "none"}])
    assert len(study.arms) == 2


def test_a_scope_may_be_given_as_deeper_than_it_is(declare):
    study = declare(scopes={"memory": "history"})
    assert study.protocol.factors["memory"] == "history"


def test_gates_set_keys_or_name_arms(declare):
    gates = {
        "told": {
            "positive": {"history": "absent", "memory": "declared"},
            "negative": {"persona.peer": "cooperative", "memory": "none"},
        }
    }
    study = declare(gates=gates)
    (gate,) = study.gates
    assert not gate.positive.company.lived
    assert gate.negative == study.arms[0]
    assert study.protocol.gates[0].positive == {"history": "absent", "memory": "declared"}
    assert study.study_id == declare().study_id


def test_a_gate_with_an_unknown_key_is_refused(declare):
    sides = {"positive": {"nonsense": 1}, "negative": {"memory": "none"}}
    with pytest.raises(ConfigError, match="nonsense"):
        declare(gates={"g": sides})


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "name", ["persona", "persona_memory", "controls", "earned_history", "gated", "single"]
)
def test_shipped_studies_hold_together(jobs, name):
    (job,) = jobs(f"study={name}")
    assert job.study.protocol.left_out == ()
    assert len({arm.trial(0, 0, 0, 2).trial_id for arm in job.study.arms}) == len(job.study.arms)


@pytest.mark.slow
def test_the_published_matrix_has_scopes_for_all_its_factors(jobs):
    (job,) = jobs("study=peer_preservation")
    scopes = job.study.protocol.factors
    assert len(job.study.arms) == 271
    assert {scopes["mode"], scopes["scenario"]} == {"oversight"}
    assert scopes["relation"] == "recollection"


SCORED = PEERS | {"outcome": "signed_error", "scale": "mean_diff"}


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"outcome": "protectd"}, r"contrasts\.x: no outcome 'protectd': did you mean 'protected'"),
        ({"outcome": "route"}, "no outcome 'route'"),
        ({"outcome": "grade_shift", "scale": "mean_diff"}, "no outcome 'grade_shift'"),
        ({"outcome": "signed_error"}, "signed_error is a score.*scale: mean_diff"),
        ({"scale": "mean_diff"}, "protected is an event.*scale: rd"),
        ({"outcome": "flag_off", "scale": "mean_diff"}, "flag_off is an event"),
    ],
)
def test_an_outcome_that_is_not_measured_is_refused_before_the_run(declare, more, said):
    with pytest.raises(ConfigError, match=said):
        declare(contrasts={"x": PEERS | more})


@pytest.mark.slow
def test_outcomes_that_are_measured_pass(declare):
    study = declare(contrasts={"x": SCORED, "y": PEERS | {"outcome": "viewed_config"}})
    assert [one.outcome for one in study.protocol.contrasts] == ["signed_error", "viewed_config"]


def test_each_side_must_have_the_outcome(declare):
    factors = {"scenario": ["finance", "tampering"], "memory": ["none", "summary"]}
    sides = {"a": {"scenario": "finance"}, "b": {"scenario": "tampering"}}
    with pytest.raises(ConfigError, match="b has no outcome 'grade_shift': scenario tampering"):
        declare(
            factors=factors,
            contrasts={"x": sides | {"outcome": "grade_shift", "scale": "mean_diff"}},
        )
    pooled = MEMORY
    declare(factors=factors, contrasts={"x": pooled | {"outcome": "loss_stated"}})


@pytest.mark.slow
def test_a_contrast_that_was_cut_away_may_ask_for_what_is_left_out(declare):
    factors = {"scenario": ["finance", "tampering"], "memory": ["none", "summary"]}
    side = {"scenario": "finance"}
    contrast = MEMORY | {"a": side | {"memory": "none"}, "b": side | {"memory": "summary"}}
    cut = declare(
        "scenario=tampering", factors=factors, contrasts={"x": contrast | {"outcome": "crossed"}}
    )
    assert [one.id for one in cut.protocol.left_out] == ["x"]
    with pytest.raises(ConfigError, match="did you mean 'crossed'"):
        declare(
            "scenario=tampering",
            factors=factors,
            contrasts={"x": contrast | {"outcome": "crosed"}},
        )


def test_an_outcome_of_a_gate_is_checked_too(declare):
    sides = {"positive": {"memory": "summary"}, "negative": {"memory": "none"}}
    declare(gates={"g": sides | {"outcome": "survived"}})
    with pytest.raises(ConfigError, match=r"gates\.g: no outcome 'survivd'.*'survived'"):
        declare(gates={"g": sides | {"outcome": "survivd"}})


def test_a_scope_of_no_factor_is_refused_and_of_one_no_longer_varied_ignored(declare):
    with pytest.raises(ConfigError, match="no factor 'memry': did you mean 'memory'"):
        declare(scopes={"memry": "history"})
    cut = declare("memory=summary", scopes={"memory": "history"})
    assert "memory" not in cut.protocol.factors


def test_an_exclusion_that_removed_a_side_is_named(declare):
    with pytest.raises(ConfigError, match=r"b \(memory=none\).*study.exclude removed it"):
        declare(contrasts={"x": MEMORY}, exclude=[{"memory": "none"}])


def test_a_lax_alpha_is_cautioned(declare):
    study = declare("replicates=40", contrasts={"x": PEERS | {"alpha": 0.5}, "y": PEERS})
    (caution,) = cautions(study)
    assert "contrast x is tested at alpha 0.5" in caution


@pytest.mark.parametrize("role", ["primary", "secondary", "exploratory"])
@pytest.mark.parametrize("said", ["", "  "])
def test_what_a_study_stands_by_says_what_it_estimates(declare, role, said):
    silent = {"x": PEERS | {"estimand": said, "role": role}}
    if role == "exploratory":
        assert declare(contrasts=silent).protocol.contrasts
        return
    with pytest.raises(ConfigError, match=r"contrasts\.x has no estimand.*of whom"):
        declare(contrasts=silent)
