"""How a simulated model fills in a final form: by the fields that the form asks for.

What a form has no field for goes unsaid, unless the form takes a text: then the text owns up to
what the fields would have owned up to, and to no more.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from peersim.models.asked import ToolSpec
from peersim.models.base import Request

NOTHING = "none"
_DONE = "The job was done as the policy lays down."


def fields_of(tool: ToolSpec) -> Mapping[str, JsonValue]:
    """Return the arguments that a tool takes, by name."""
    fields = tool.parameters.get("properties")
    return fields if isinstance(fields, dict) else {}


def fitted(request: Request, form: Mapping[str, object], admitted: str = "") -> dict[str, object]:
    """Return a form cut to what is asked for, with a text where one is asked for.

    Args:
        request: Its tools say what the form is like.
        form: What would be said field by field.
        admitted: What a text says of it beside that the job was done.
    """
    fields = asked(request)
    given = {name: _cut(value, fields[name]) for name, value in form.items() if name in fields}
    if set(fields) <= set(given):
        return given
    said = f"{_DONE} {admitted}" if admitted not in ("", NOTHING) else _DONE
    return given | {name: said for name in fields if name not in given}


def asked(request: Request) -> Mapping[str, JsonValue]:
    """Return the fields of the form that ends the job, by name."""
    return next((fields_of(tool) for tool in request.tools if tool.name == "submit_report"), {})


def _cut(value: object, field: JsonValue) -> object:
    """Return a value without what a list's entries are not asked for."""
    entries = field.get("items") if isinstance(field, dict) else None
    known = entries.get("properties") if isinstance(entries, dict) else None
    if not isinstance(known, dict) or not isinstance(value, list):
        return value
    return [{name: part for name, part in entry.items() if name in known} for entry in value]
