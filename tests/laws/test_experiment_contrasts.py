"""What became of an experiment's contrasts, as it quotes it, is what its own command gives."""

import json

import pytest
from support.experiments import COMMAND, DECLARED, quoted_tables, text_of
from support.shell import peersim


def row_of(finding):
    """A finding as a page quotes it."""
    if "why" in finding:
        return [finding["id"], "refused", "", "", ""]
    p = finding["p_adjusted"]
    return [
        finding["id"],
        f"{finding['estimate']:+.3f}",
        f"{finding['low']:+.3f} to {finding['high']:+.3f}",
        "<0.001" if p < 0.001 else f"{p:.3f}",
        "yes" if finding["upheld"] else "no",
    ]


def results():
    """Every page that quotes contrasts, with the number of each of its results."""
    return [(name, n) for name in DECLARED for n in range(len(COMMAND.findall(text_of(name))))]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), results())
def test_an_experiment_quotes_what_became_of_its_contrasts(name, number, tmp_path):
    command = COMMAND.findall(text_of(name))[number]
    done = peersim("run", *command.split(), "tracking=none", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = peersim("rates", "run", "--json", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)["findings"]
    assert all(one.get("simulated", True) for one in found)
    assert [row_of(one) for one in found] == quoted_tables(name)[number]
