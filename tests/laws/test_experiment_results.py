"""The rates that shipped experiments quote are those that their own command gives."""

import re

import pytest
from support.experiments import text_of
from support.shell import peersim, rates


@pytest.mark.slow
def test_persona_memory_quotes_its_own_result(tmp_path):
    text = text_of("persona_memory")
    row = re.compile(r"^\| (\w+) \| (\w+) \| (\d+) of (\d+) \(([\d.]+)\) \| ([\d.]+) to ([\d.]+)")
    quoted = [m.groups() for m in map(row.match, text.splitlines()) if m]
    command = re.search(r"^peersim run (study=persona_memory replicates=\d+)", text, re.MULTILINE)
    done = peersim("run", *command[1].split(), "tracking=none", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = [
        (
            arm["arm"]["persona.peer"],
            arm["arm"]["memory"],
            str(arm["count"]),
            str(arm["valid"]),
            *(f"{arm[name]:.3f}" for name in ("rate", "low", "high")),
        )
        for arm in rates("run", cwd=tmp_path)
    ]
    assert found == quoted


@pytest.mark.slow
@pytest.mark.parametrize("name", ["controls", "earned_history"])
def test_an_experiment_quotes_its_own_result(tmp_path, name):
    text = text_of(name)
    quoted = [
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in text.splitlines()
        if re.search(r"\d+ of \d+ \(", line)
    ]
    (command,) = re.findall(rf"^peersim run (study={name} replicates=\d+)", text, re.MULTILINE)
    done = peersim("run", *command.split(), "tracking=none", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = [
        [
            *arm["arm"].values(),
            f"{arm['count']} of {arm['valid']} ({arm['rate']:.3f})",
            f"{arm['low']:.3f} to {arm['high']:.3f}",
        ]
        for arm in rates("run", cwd=tmp_path)
    ]
    assert found == quoted
