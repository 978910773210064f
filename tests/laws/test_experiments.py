"""The results that shipped experiments quote are those that their own command gives."""

import json
import re
from pathlib import Path

import pytest
from support.shell import peersim, rates

from peersim.config.launch import launch
from peersim.study.certify import certify

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent.name for path in (ROOT / "experiments").glob("*/README.md"))
# Those that quote what became of their declared contrasts.
DECLARED = [
    "balance_of_three",
    "dose_and_order",
    "lived_or_told",
    "memory_ablation",
    "partner_not_mood",
    "persona_ablation",
    "watched_or_threatened",
]
COMMAND = re.compile(r"^peersim run (.*?) {2,}# .*SIMULATED$", re.MULTILINE)


def text_of(name):
    return (ROOT / "experiments" / name / "README.md").read_text(encoding="utf-8")


def studies_of(name):
    """The arguments of every command line that a page shows."""
    shown = re.findall(r"^peersim run (.*?)(?: {2,}#.*)?$", text_of(name), re.MULTILINE)
    return [line.split() for line in shown]


@pytest.mark.parametrize("name", FOLDERS)
def test_every_experiment_has_what_a_reader_needs(name):
    text = text_of(name)
    for part in ("**Question.**", "**Design.**", "**Prediction.**", "**Analysis.**", "SIMULATED"):
        assert part in text, part
    commands = studies_of(name)
    studied = {word for words in commands for word in words if word.startswith("study=")}
    assert any((ROOT / "conf" / "study" / f"{one[6:]}.yaml").is_file() for one in studied)


@pytest.mark.parametrize("name", DECLARED)
def test_an_experiment_that_declares_says_how_it_is_analysed(name):
    text = text_of(name)
    for part in ("**Analysis.**", "**Power.**", "refuted"):
        assert part in text, part
    assert len(COMMAND.findall(text)) == len(quoted_tables(name)) > 0
    assert f"peersim forecast study={name} " in text
    assert "{" not in text, "something was left to be filled in"


@pytest.mark.parametrize("name", DECLARED)
def test_an_experiment_composes_and_its_arms_are_certified(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in studies_of(name):
        jobs = []
        quiet = ("tracking=none", "hydra.run.dir=.", "hydra.output_subdir=null")
        launch([*words, *quiet], jobs.append)
        (job,) = jobs
        certify(job.study)
        protocol = job.study.protocol
        assert protocol.left_out == ()
        assert any(one.role == "primary" for one in protocol.contrasts)
        assert all(one.estimand.endswith(".") for one in protocol.contrasts)
        # Whatever is quoted or claimed names a contrast that was declared.
        quoted = {row[0] for table in quoted_tables(name) for row in table}
        assert quoted == {one.id for one in protocol.contrasts}


def quoted_tables(name):
    """The tables of contrasts on a page, each as its rows."""
    tables, inside = [], False
    for line in text_of(name).splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if cells[0] == "contrast":
            tables.append([])
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("|-"):
            tables[-1].append(cells)
    return tables


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
