"""What a user is told of a command line that does not fit."""

import pytest

from peersim.errors import ConfigError

X = "+study.contrasts.x"


@pytest.mark.few(6)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["memory=null"], "^memory=null: null is no name of a file"),
        (["model=null"], "model=null.*model=simulated/null"),
        (["model/simulated=null"], "model/simulated=null.*model=simulated/null"),
        (["-m", "memory=none,null"], "memory=none,null: null is no name"),
        (["study.exclude=[{memory: none}]"], r"with a plus: \+study\.exclude="),
        (["study.exclud=[]"], "unknown key 'study.exclud': did you mean 'study.exclude'"),
        (["study=gated", "study.gates.x.least=.3"], r"with a plus: \+study\.gates\.x\.least="),
        ([f"{X}.outcme=protected"], "contrasts: x has no field 'outcme'; .* are id, estimand, a,"),
        (["+study.gates.x.leest=1"], "gates: x has no field 'leest'; .* are id, positive,"),
        ([f"{X}={{scale: rr, dose: persona.peer}}"], r"^study\.contrasts\.x\.scale: input should"),
        ([f"{X}=3"], r"^study\.contrasts\.x: input should"),
        (["-m", "study=single", "memory=none,none"], r"same arm \(memory=none\)"),
        (["-m", "memory=none,none"], r"same arm \(persona.peer=cooperative, memory=none\)"),
        (["+study.only.memory=[none]"], "study.only: no factor 'memory'.*are persona.peer"),
        (["study=single", "+study.only.memory=[none]"], "none, as the study varies nothing"),
        (
            ["+study.only.persona.peer=[kind]"],
            r"study\.only\.persona\.peer: no level 'kind': known",
        ),
        (["override_gates='  '"], "^override_gates: "),
        (["persona.peer=cooperative,neutral"], "^persona.peer=cooperative,neutral .*: add -m, "),
        (["--config-dir", "nowhere"], "nowhere' not found: make it, or mend --config-dir"),
        (["study.name=名"], "letters that are not ASCII in quotes twice"),
        (["study=mine"], "'single'. Else choose one of .*; files of your own need --config-dir"),
        ([f"hydra.run.dir=runs/{'x' * 300}"], "cannot be written .File name too long"),
        (["model=claude-haiku-4-5"], "'claude-haiku-4-5': did you mean 'claude-haiku-4.5'"),
        (["model=nothing-like-it"], "one of .*gpt-5.2, .*simulated/null, .*provider/name"),
    ],
)
def test_it_is_named_with_what_to_do(jobs, arguments, said):
    with pytest.raises(ConfigError, match=said) as caught:
        jobs(*arguments)
    assert "\n" not in str(caught.value)


def test_a_study_of_factors_may_be_cut_down_by_levels(jobs):
    (job,) = jobs("+study.only.persona.peer=[cooperative]")
    assert [arm.levels for arm in job.study.arms] == [{"persona.peer": "cooperative"}]
    (job,) = jobs("study=persona_memory", "+study.only={memory: [none], persona.peer: null}")
    assert {arm.levels["memory"] for arm in job.study.arms} == {"none"}
    assert len({arm.levels["persona.peer"] for arm in job.study.arms}) > 1


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("factors:\n  persona.peer: [a\n", r"study/mine\.yaml, line 3: expected .*: mend the file"),
        ("factors:\n  memory: [none]\n  memory: [none]\n", r"mine\.yaml, line 3: found duplicate"),
        (
            "name: own\nfactors:\n  persona.pear: [a, b]\n",
            "unknown key 'persona.pear': .*'persona.peer'",
        ),
    ],
)
def test_a_file_of_ones_own_is_named_with_the_line(jobs, tmp_path, text, said):
    own = tmp_path / "own" / "study"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        jobs("--config-dir", str(own.parent), "study=mine")
