"""Certificates that a user names are checked before a client fails at them, or passes them over."""

from pathlib import Path

import certifi
import pytest
from support.shell import apart

from peersim.errors import ConfigError
from peersim.models.certificates import VARIABLE, check_certificates


@pytest.mark.parametrize("named", [None, "", certifi.where()])
def test_none_and_good_ones_are_taken(named: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if named is not None:
        monkeypatch.setenv(VARIABLE, named)
    check_certificates()


@pytest.mark.parametrize("content", [None, "", "no certificate", "\0\xff"])
def test_a_file_that_holds_none_is_named(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.pem"
    if content is not None:
        path.write_text(content, encoding="latin-1")
    monkeypatch.setenv(VARIABLE, str(path))
    with pytest.raises(ConfigError, match=r"SSL_CERT_FILE names .*mine\.pem"):
        check_certificates()


def test_a_call_with_such_a_file_ends_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "mine.pem"
    path.write_text("no certificate", encoding="utf-8")
    done = apart("doctor", "--call", "openai/m", cwd=tmp_path, SSL_CERT_FILE=str(path))
    assert done.returncode == 1
    assert "SSL_CERT_FILE names" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
