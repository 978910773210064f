"""Studies from real Hydra command lines."""

import pytest

from peersim.config.launch import launch


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """Launch a command line; return its jobs."""
    monkeypatch.chdir(tmp_path)

    def go(*arguments):
        found = []
        launch(arguments, found.append)
        return found

    return go
