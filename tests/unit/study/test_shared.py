"""All studies that declare a contrast are counted, each once."""

import asyncio

from support.declared import declared_study
from support.studies import opened, study

from peersim.cli.base import plain_console
from peersim.commands.status import show_status
from peersim.study.runner import adopt
from peersim.study.shared import sharing


def begin(what, directory):
    with opened(directory) as store:
        asyncio.run(adopt(what, store))


def test_studies_that_share_a_contrast_are_counted_once_each(tmp_path, capsys):
    begin(declared_study(2), tmp_path / "one")
    assert sharing(tmp_path / "one")["past"] == 1
    begin(declared_study(2), tmp_path / "again")  # the same study
    begin(declared_study(3), tmp_path / "other")
    begin(study(1), tmp_path / "nothing")
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "plan.json").write_text("{")
    assert sharing(tmp_path / "one")["past"] == 2
    assert sharing(tmp_path / "nothing") == {}
    show_status(tmp_path / "one", plain_console())
    assert "contrast past is declared by 2 studies" in capsys.readouterr().out
