"""The command line as a user gives it: in this process, or in one of its own."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from unittest import mock

from peersim.cli import main

COMMAND = [sys.executable, "-m", "peersim"]


def environment(**more):
    """The environment of a user without keys, whose home is not written to."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not re.search(r"_API_KEY$|_BASE_URL$|_API_BASE$|^WANDB|^HYDRA", name)
    }
    return clean | {"COLUMNS": "200", "WANDB_SILENT": "true"} | more


def peersim(*arguments, cwd, **env):
    """Run a command to its end in this process, where everything is loaded already.

    It has the command line, directory, environment and streams that ``apart`` would give it.
    """
    words, out, err = list(map(str, arguments)), io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, environment(**env), clear=True),
        mock.patch.object(sys, "argv", ["peersim", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = _exit_code(err)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def _exit_code(err):
    """Run the command line; what a process would say of its end is written to ``err``."""
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        err.write(f"{end.code}\n")
        return 1
    return 0


def apart(*arguments, cwd, **env):
    """Run a command to its end in a process of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=600,
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
