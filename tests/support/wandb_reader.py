"""Reads an offline W&B run back from disk, without W&B's own reader, which is gone.

A file is a header of 7 bytes, then LevelDB log blocks of 32 KiB; a record is crc32 (4 bytes),
length (2), type (1: whole, first, middle, last) and data; the data is a protobuf record.
"""

import json
import struct
import time
import zlib
from dataclasses import dataclass, field

BLOCK, HEADER, WHOLE, FIRST, LAST = 32768, 7, 1, 2, 4


@dataclass
class OfflineRun:
    """What an offline run holds."""

    run_id: str = ""
    name: str = ""
    group: str = ""
    project: str = ""
    job_type: str = ""
    host: str = ""
    tags: list = field(default_factory=list)
    config: dict = field(default_factory=dict)
    summary: dict = field(default_factory=dict)
    history: list = field(default_factory=list)
    artifacts: list = field(default_factory=list)
    exit_code: int | None = None


def chunks(data):
    """Yield the data of each whole record, checking its checksum; a torn tail ends it."""
    magic, number, version = struct.unpack("<4sHB", data[:HEADER])
    assert (magic, number, version) == (b":W&B", 0xBEE1, 0)
    place, held = HEADER, b""
    while place + HEADER <= len(data):
        left = BLOCK - place % BLOCK
        if left < HEADER:
            place += left
            continue
        crc, length, kind = struct.unpack("<IHB", data[place : place + HEADER])
        body = data[place + HEADER : place + HEADER + length]
        if kind == 0 and length == 0:
            place += left
            continue
        if len(body) < length:
            return
        assert zlib.crc32(bytes([kind]) + body) == crc
        place += HEADER + length
        held = body if kind in (WHOLE, FIRST) else held + body
        if kind in (WHOLE, LAST):
            yield held


def _items(updates):
    return {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in updates}


def read(path):
    """Read one ``run-….wandb`` file."""
    from wandb.proto import wandb_internal_pb2

    found = OfflineRun()
    for data in chunks(path.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        match record.WhichOneof("record_type"):
            case "run":
                run = record.run
                found.run_id, found.name, found.group = run.run_id, run.display_name, run.run_group
                found.project, found.job_type, found.host = run.project, run.job_type, run.host
                found.tags = list(run.tags)
                found.config |= _items(run.config.update)
            case "config":
                found.config |= _items(record.config.update)
            case "summary":
                found.summary |= _items(record.summary.update)
            case "history":
                found.history.append(_items(record.history.item))
            case "artifact":
                one = record.artifact
                paths = [entry.path for entry in one.manifest.contents]
                found.artifacts.append((one.name, one.type, paths))
            case "exit":
                found.exit_code = record.exit.exit_code
            case "request" if record.request.WhichOneof("request_type") == "partial_history":
                found.history.append(_items(record.request.partial_history.item))
    return found


def read_all(directory, seconds=5.0):
    """Read all offline runs below a directory, in the order of their files' names.

    W&B's service writes the last of a run after the run has been finished, so that a process
    which is still there must give it the time.
    """
    until = time.monotonic() + seconds
    while True:
        found = [read(path) for path in sorted(directory.glob("**/offline-run-*/run-*.wandb"))]
        if all(one.exit_code is not None for one in found) or time.monotonic() > until:
            return found
        time.sleep(0.02)


def arms_of(directory):
    """Return the runs of arms."""
    return [found for found in read_all(directory) if found.job_type == "arm"]


def study_of(directory):
    """Return the one run of the study."""
    (found,) = [found for found in read_all(directory) if found.job_type == "study"]
    return found
