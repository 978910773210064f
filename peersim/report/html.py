"""Writes the report: one HTML file that opens from disk and loads nothing."""

import contextlib
import os
import re
from html import escape
from importlib.resources import files
from pathlib import Path

from peersim.errors import ConfigError
from peersim.report.content import gather
from peersim.report.transcripts import as_texts
from peersim.store.view import RunView


def render(run: RunView, early: bool = False) -> str:
    """Return the page of a run; the same run gives the same bytes.

    Args:
        run: The run or sweep.
        early: Show outcomes by arm whatever the plan says.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,  # transcripts hold what models wrote; none of it may act as HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    page = environment.get_template("report.html.j2")
    content = gather(run, early)
    return page.render(
        content=content,
        texts=as_texts(content.excerpts),
        style=_template("style.css"),
        script=_template("report.js"),
        plotly=get_plotlyjs(),
    )


def breakable(cell: str) -> str:
    """Return a cell as HTML that may break within its names, but never within a word.

    Args:
        cell: As plain text.
    """
    return re.sub(r"(?<=[_=/])(?=\w)", "<wbr>", escape(cell))


def _template(name: str) -> str:
    return files("peersim.report").joinpath("templates", name).read_text(encoding="utf-8")


def write(run: RunView, out: Path, early: bool = False) -> Path:
    """Write the page of a run; a reader never sees half of it.

    Args:
        run: The run or sweep.
        out: The file.
        early: Show outcomes by arm whatever the plan says.

    Raises:
        ConfigError: If the file cannot be written.
    """
    page = render(run, early)
    fresh = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        fresh.write_text(page, encoding="utf-8")
        fresh.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise ConfigError(
            f"{out} cannot be written ({error.strerror})",
            "make room or mend the permissions, or choose another file: peersim report --out FILE",
        ) from error
    return out
