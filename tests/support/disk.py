"""A disk with little room, as a process meets it."""

import subprocess
import sys

from support.shell import environment

# No file of the process may grow beyond so many bytes: writes then fail as on a full disk.
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv = ["peersim", *sys.argv[2:]]
from peersim.cli import main
main()
"""


def on_a_small_disk(size, *arguments, cwd):
    """Run a command whose files cannot grow beyond a size."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(size), *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
