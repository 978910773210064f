"""The command line in a process of its own, as a user starts it."""

import json
import os
import re
import subprocess
import sys

COMMAND = [sys.executable, "-m", "peersim"]


def environment(**more):
    """The environment of a user without keys, whose home is not written to."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not re.search(r"_API_KEY$|_BASE_URL$|_API_BASE$|^WANDB|^HYDRA", name)
    }
    return clean | {"COLUMNS": "200", "WANDB_SILENT": "true"} | more


def peersim(*arguments, cwd, timeout=600, **env):
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def start(*arguments, cwd, **env):
    """Start a command and leave it running."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rates(*arguments, cwd):
    """The arms in the parsed answer of ``rates --json``."""
    done = peersim("rates", *arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return found["arms"] if isinstance(found, dict) else found
