"""The command line in processes forked from one that has loaded everything already.

A process that begins from nothing spends seconds on imports, in which a kill strikes nothing.
"""

import multiprocessing
import os
import signal
import sys
from multiprocessing import forkserver
from pathlib import Path
from unittest import mock

from support.moments import Moments
from support.shell import environment

KILLED = -signal.SIGKILL
_CONTEXT = multiprocessing.get_context("forkserver")


def forked(*arguments, cwd, moment=None, said="said"):
    """Start a command.

    Args:
        arguments: Of the command line.
        cwd: Its directory.
        moment: At which of its moments it is killed; 0 to have them counted, None for neither.
        said: The file of its directory that it prints to.
    """
    _serve()
    words = [*map(str, arguments)]
    process = _CONTEXT.Process(target=_live, args=(words, cwd, environment(), moment, said))
    process.start()
    return process


def _serve():
    """Start the server of forks, unless it is there, with everything loaded."""
    _CONTEXT.set_forkserver_preload(["support.loaded"])
    places = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
    with mock.patch.dict(os.environ, environment(PYTHONPATH=places), clear=True):
        forkserver.ensure_running()


def _live(words, cwd, env, moment, said):
    """Be the command."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    printed = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(printed, stream)
    sys.argv = ["peersim", *words]
    from peersim.cli import main

    if moment is None:
        main()
    else:
        with Moments(moment):
            main()
