"""A disk that is full, cannot be written or lies: one sentence, nothing lost or overwritten."""

import os
import random

import pytest
from support.disk import on_a_small_disk
from support.shell import peersim
from support.studies import records

from peersim.store.schema import FILE

STUDY = ("replicates=15", "tracking=none", "hydra.run.dir=run")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run on a disk with room."""
    home = tmp_path_factory.mktemp("whole")
    assert peersim("run", *STUDY, cwd=home).returncode == 0
    return home / "run"


def sentence(done):
    """Return the last words of a process that ended with an error, if they are one sentence."""
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("peersim: ")
    return lines[0]


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [1, 20, 90, 300, 600])
def test_a_full_disk_loses_nothing_and_is_gone_on_from(whole, tmp_path, kilobytes):
    done = on_a_small_disk(kilobytes * 1024, "run", *STUDY, cwd=tmp_path)
    said = sentence(done)
    assert "could not be written" in said or "cannot be" in said, said
    again = peersim("run", *STUDY, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert records(tmp_path / "run") == records(whole)


def test_a_disk_too_full_for_a_store_is_not_taken_for_a_torn_one(tmp_path):
    said = sentence(on_a_small_disk(20 * 1024, "run", *STUDY, cwd=tmp_path))
    assert "study.sqlite cannot be made (" in said
    assert "make room or mend the permissions, and give the command again" in said
    assert "torn" not in said


def test_a_full_disk_says_to_make_room_and_resume(tmp_path):
    said = sentence(on_a_small_disk(300 * 1024, "run", *STUDY, cwd=tmp_path))
    assert "make room or mend the permissions, then: peersim resume" in said


@pytest.mark.few(1)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_tables_that_find_no_room_leave_one_sentence_and_nothing_else(whole, tmp_path, form):
    out = tmp_path / "out"
    arguments = ("export", str(whole), "--to", form, "--out", str(out))
    said = sentence(on_a_small_disk(4096, *arguments, cwd=tmp_path))
    assert f"the tables in {out} cannot be written (" in said
    assert "or choose another directory with --out" in said
    assert not out.exists() or not any(out.iterdir())


def test_a_report_that_finds_no_room_says_how_to_write_it_and_leaves_nothing(whole, tmp_path):
    out = tmp_path / "report.html"
    arguments = ("report", str(whole), "--out", str(out))
    said = sentence(on_a_small_disk(100 * 1024, *arguments, cwd=tmp_path))
    assert f"{out} cannot be written (" in said
    assert "make room or mend the permissions" in said
    assert "peersim report --out FILE" in said
    assert not any(tmp_path.iterdir())


def test_a_file_where_the_run_should_go_is_named(tmp_path):
    (tmp_path / "run").write_text("mine", encoding="utf-8")
    said = sentence(peersim("run", *STUDY, cwd=tmp_path))
    assert "run" in said
    assert "hydra.run.dir=" in said
    assert (tmp_path / "run").read_text(encoding="utf-8") == "mine"


def test_a_directory_that_cannot_be_written_is_named(tmp_path):
    # /proc takes no files from anybody, the superuser included.
    if not os.path.isdir("/proc/self"):
        pytest.fail("this test needs /proc")
    said = sentence(
        peersim("run", "replicates=1", "tracking=none", "hydra.run.dir=/proc/run", cwd=tmp_path)
    )
    assert "/proc/run" in said


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_a_torn_store_is_refused_or_read_and_never_written_over(whole, tmp_path, seed):
    rng = random.Random(seed)
    run = tmp_path / "run"
    run.mkdir()
    whole_bytes = (whole / FILE).read_bytes()
    cut = rng.randint(1, len(whole_bytes) - 1)
    torn = whole_bytes[:cut] if seed % 2 else flipped(whole_bytes, rng)
    (run / FILE).write_bytes(torn)
    for command in (("status", "run"), ("rates", "run"), ("resume", "run"), ("replay", "run")):
        done = peersim(*command, cwd=tmp_path)
        assert "Traceback" not in done.stdout + done.stderr, (command, done.stderr)
        if done.returncode == 1 and done.stderr:
            assert len(done.stderr.strip().splitlines()) == 1
    assert len((run / FILE).read_bytes()) >= min(len(torn), 4096) or seed % 2


def flipped(data, rng):
    """Return data with a block of it overwritten."""
    place = rng.randint(4096, len(data) - 4096)
    return data[:place] + rng.randbytes(2048) + data[place + 2048 :]


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100, b"SQLite format 3\x00"])
def test_a_foreign_file_is_refused_with_advice(tmp_path, content):
    run = tmp_path / "run"
    run.mkdir()
    (run / FILE).write_bytes(content)
    done = peersim("status", "run", cwd=tmp_path)
    assert "directory" in sentence(done)
    assert (run / FILE).read_bytes() == content
