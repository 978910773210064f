"""A command that is refused before its first call leaves nothing; what was begun stays."""

import pytest
from support.shell import peersim

SWEEP = ("-m", "memory=none,summary")


@pytest.mark.parametrize("mode", [(), SWEEP], ids=["run", "sweep"])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("seed=much",), "seed"),
        (("model=openai/gpt-5.2",), "needs the environment variable OPENAI_API_KEY"),
        (("model=hosted_vllm/mine", "budget.usd=3"), "a budget in dollars needs a price"),
        (("+allow=3",), "unknown key 'allow'"),
    ],
)
def test_a_refused_command_leaves_nothing(mode, given, said, tmp_path):
    done = peersim("run", *mode, *given, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("-m", "memory=none,none"), "are the same arm"),
        (("-m", "hydra/launcher=basic", "budget.usd=3", "replicates=1,2"), "needs a price"),
        (("study=memory_ablation", "replicates=1"), "refuses fewer than"),
    ],
)
def test_nor_does_one_of_a_sort_of_its_own(given, said, tmp_path):
    done = peersim("run", *given, "model=hosted_vllm/mine", cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_was_begun_stays_as_it_is(tmp_path):
    common = ("replicates=1", "tracking=none", "hydra.run.dir=run")
    assert peersim("run", *common, cwd=tmp_path).returncode == 0
    before = peersim("status", "run", cwd=tmp_path).stdout
    refused = peersim("run", *common, "model=hosted_vllm/mine", "budget.usd=3", cwd=tmp_path)
    assert "needs a price" in refused.stderr
    assert peersim("status", "run", cwd=tmp_path).stdout == before
    assert peersim("resume", "run", cwd=tmp_path).returncode == 0
