"""The strict renderer: a template gets exactly what it asks for, or fails by name."""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import (
    Environment,
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    UndefinedError,
)

from peersim.errors import PromptError
from peersim.prompts.sections import inline

_PLAIN = frozenset({str, int, bool, type(None)})


def template_source(name: str) -> str | None:
    """Return the text of a shipped template, or None."""
    path = files("peersim.prompts").joinpath("templates", name)
    return path.read_text(encoding="utf-8") if path.is_file() else None


def number(value: float) -> str:
    """Write a number as people do: 3, not 3.0; whole ones to the last digit."""
    return str(int(value)) if value == int(value) else f"{value:g}"


def listed(names: Iterable[str]) -> str:
    """Write names as people do: A; A and B; A, B and C."""
    *first, last = tuple(names) or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def counted(number_of: float, noun: str) -> str:
    """Write how many there are of something: 1 round, 2 rounds."""
    return f"{number(number_of)} {noun}{'' if number_of == 1 else 's'}"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the one template environment; undefined names are errors, text stays as it is."""
    made = Environment(
        loader=FunctionLoader(template_source),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        # Plain text for models, not HTML; peers' words go through ``quoted``, which is ``inline``.
        autoescape=False,
    )
    made.filters["quoted"] = inline
    made.filters["number"] = number
    made.filters["listed"] = listed
    made.filters["counted"] = counted
    # A template gets what it is given and no more; jinja copies its own globals each time.
    made.globals.clear()
    return made


@lru_cache(maxsize=1024)
def _template(name: str) -> Template:
    found = environment().get_template(name)
    # Jinja chains it to the environment's, empty as they are, and walks the chain at each use.
    found.globals = {}
    return found


def load_templates() -> None:
    """Read all shipped templates, so that rendering opens no file from then on."""
    for path in files("peersim.prompts").joinpath("templates").iterdir():
        if path.name.endswith(".j2"):
            _template(path.name)


def _are_plain(values: Iterable[Any]) -> bool:
    """Return whether two equal values of the same type are also written alike, for each."""
    for value in values:
        kind = type(value)
        if kind not in _PLAIN and (kind is not tuple or not _holds_texts(value)):
            return False
    return True


def _holds_texts(values: tuple[object, ...]) -> bool:
    """Return whether there are texts alone in a tuple, and in the tuples in it."""
    for value in values:
        if type(value) is not str and (type(value) is not tuple or not _holds_texts(value)):
            return False
    return True


# The same few texts are told in trial after trial; 1 and True are equal and not written alike.
@lru_cache(maxsize=2048, typed=True)
def _remembered(template: str, **values: Any) -> str:
    return _template(template).render(**values).strip()


def render(template: str, **values: Any) -> str:
    """Render a shipped template.

    Args:
        template: The file's name under ``peersim/prompts/templates``.
        **values: All names that the template uses.

    Raises:
        PromptError: If the template is missing or asks for a name it was not given.
    """
    try:
        if _are_plain(values.values()):
            return _remembered(template, **values)
        return _template(template).render(**values).strip()
    except TemplateNotFound as error:
        raise PromptError(f"no template {template!r}", "add the file or mend the name") from error
    except UndefinedError as error:
        raise PromptError(f"template {template!r}: {error}", "pass the name it asks for") from error
