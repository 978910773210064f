"""The short benchmarks that a change must pass: what is gross fails, what is slow does not."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
from support.shell import peersim

from peersim.store.schema import FILE

ROOT = Path(__file__).parents[2]


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("seconds", "step", "sane"),
    [
        (0.5, 2e-7, True),
        (4.0, 1.6e-6, True),  # all is eight times as slow: the machine
        (4.0, 2e-7, False),  # eight times as slow as the same Python's loop
        (6.0, 1e-5, False),  # six times what the limit allows, whatever the machine
    ],
)
def test_histories_are_held_against_a_plain_loop_and_a_gross_limit(seconds, step, sane):
    assert script("bench_histories").within(seconds, 500, step) is sane


def test_what_a_change_must_pass_is_what_the_readme_says():
    ran = set(re.findall(r"scripts/bench (--\w+)?", (ROOT / ".ci" / "run").read_text()))
    assert ran == {"--quick", "--histories", "--sweep"}
    says = (ROOT / "README.md").read_text(encoding="utf-8").replace("\n", " ")
    assert "quick forms of all these benchmarks but `--load`" in says


def test_whatever_points_to_the_readme_points_to_something():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    titles = set(re.findall(r"^#+ (.+)$|^\*\*(\w+)\*\*", readme, re.MULTILINE))
    named = {one for pair in titles for one in pair if one}
    for path in (ROOT / "peersim").rglob("*.py"):
        for pointer in re.findall(r'"see: README, ([^"]+)"', path.read_text(encoding="utf-8")):
            assert set(pointer.split(", ")) <= named, path


def test_a_store_that_was_multiplied_is_read_as_a_run_of_that_size(tmp_path):
    done = peersim("run", "replicates=2", "tracking=none", "hydra.run.dir=small", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    bench = script("bench_tables")
    arms = json.loads(peersim("rates", "--json", "small", cwd=tmp_path).stdout)
    trials = sum(arm["n"] for arm in arms)
    many = bench.multiply(tmp_path / "small", tmp_path / "large", 3 * trials)
    assert many == 3 * trials
    assert (tmp_path / "large" / FILE).is_file()
    # Its plan was frozen for the smaller study, which is said before any result.
    found = json.loads(peersim("rates", "--json", "large", cwd=tmp_path).stdout)["arms"]
    assert [arm["n"] for arm in found] == [3 * arm["n"] for arm in arms]
    assert [arm["rate"] for arm in found] == [arm["rate"] for arm in arms]
