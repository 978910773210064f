"""Writes the report: one HTML file that opens from disk and loads nothing."""

import os
from importlib.resources import files
from pathlib import Path

from peersim.errors import ConfigError
from peersim.report.content import gather
from peersim.store.view import RunView


def render(run: RunView) -> str:
    """Return the page of a run; the same run gives the same bytes."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,  # transcripts hold what models wrote; none of it may act as HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html.j2")
    return page.render(
        content=gather(run),
        style=_template("style.css"),
        script=_template("report.js"),
        plotly=get_plotlyjs(),
    )


def _template(name: str) -> str:
    return files("peersim.report").joinpath("templates", name).read_text(encoding="utf-8")


def write(run: RunView, out: Path) -> Path:
    """Write the page of a run; a reader never sees half of it.

    Raises:
        ConfigError: If the file cannot be written.
    """
    page = render(run)
    fresh = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        fresh.write_text(page, encoding="utf-8")
        fresh.replace(out)
    except OSError as error:
        raise ConfigError(
            f"{out} cannot be written ({error.strerror})", "choose another file with --out"
        ) from error
    return out
