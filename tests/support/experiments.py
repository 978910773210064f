"""The pages of the shipped experiments: their commands, and the tables that they quote."""

import re
from pathlib import Path

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


def lines_of(name):
    """The arguments of every command line that a page shows."""
    return re.findall(r"^peersim run (.*?)(?: {2,}#.*)?$", text_of(name), re.MULTILINE)


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
