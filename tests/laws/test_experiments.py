"""The pages of the shipped experiments hold together, and every command they show starts."""

from functools import lru_cache

import pytest
from support.experiments import (
    COMMAND,
    DECLARED,
    FOLDERS,
    ROOT,
    lines_of,
    quoted_tables,
    text_of,
)

from peersim.analysis.floors import refuse_few_histories
from peersim.analysis.foreseen import refuse_unsound_contrasts
from peersim.commands.forecast import _jobs
from peersim.study.certify import certify

# The whole matrix, and a study of 72 arms whose page shows four commands, take their time.
LARGE = ("dose_and_order", "peer_preservation")


def marked(name, line):
    """Mark large studies, and those of a real model: they are shown for a stand-in too."""
    return pytest.mark.slow if name in LARGE or "model=openai/" in line else ()


LINES = [
    pytest.param(name, line, marks=marked(name, line), id=line)
    for name in FOLDERS
    for line in lines_of(name)
]
DECLARED_LINES = [one for one in LINES if one.values[0] in DECLARED]
composed = lru_cache(maxsize=None)(lambda line: _jobs(line.split()))


@pytest.mark.parametrize("name", FOLDERS)
def test_every_experiment_has_what_a_reader_needs(name):
    text = text_of(name)
    for part in ("**Question.**", "**Design.**", "**Prediction.**", "**Analysis.**", "SIMULATED"):
        assert part in text, part
    studied = {word for one in lines_of(name) for word in one.split() if word.startswith("study=")}
    assert any((ROOT / "conf" / "study" / f"{one[6:]}.yaml").is_file() for one in studied)


@pytest.mark.parametrize("name", DECLARED)
def test_an_experiment_that_declares_says_how_it_is_analysed(name):
    text = text_of(name)
    for part in ("**Analysis.**", "**Power.**", "refuted"):
        assert part in text, part
    assert len(COMMAND.findall(text)) == len(quoted_tables(name)) > 0
    assert f"peersim forecast study={name} " in text
    assert "{" not in text, "something was left to be filled in"


@pytest.mark.few(3)
@pytest.mark.parametrize(("name", "line"), LINES)
def test_the_shipped_experiments_start_with_the_command_that_they_give(name, line):
    for job in composed(line):
        refuse_unsound_contrasts(job.study)
        refuse_few_histories(job.study)


@pytest.mark.parametrize(("name", "line"), DECLARED_LINES)
def test_an_experiment_composes_and_its_arms_are_certified(name, line):
    (job,) = composed(line)
    certify(job.study)
    protocol = job.study.protocol
    assert protocol.left_out == ()
    assert any(one.role == "primary" for one in protocol.contrasts)
    assert all(one.estimand.endswith(".") for one in protocol.contrasts)
    # Whatever is quoted or claimed names a contrast that was declared.
    quoted = {row[0] for table in quoted_tables(name) for row in table}
    assert quoted == {one.id for one in protocol.contrasts}
