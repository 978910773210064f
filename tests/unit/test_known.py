"""What is known to be JSON is written and read as JSON is, and no less is refused."""

import json

import pytest
from pydantic import JsonValue, TypeAdapter, ValidationError

from peersim.known import KnownJson

KNOWN = TypeAdapter(dict[str, KnownJson])
LOOKED_INTO = TypeAdapter(dict[str, JsonValue])


@pytest.mark.parametrize(
    "value",
    [None, True, 1, 10**30, 1.0, -0.0, 1e300, "é", "", [1, [2.5, {"a": [None]}]], {"2": {"k": []}}],
)
def test_it_is_written_and_read_as_json_is(value):
    whole = {"value": value}
    text = KNOWN.dump_json(whole)
    assert text == LOOKED_INTO.dump_json(whole)
    assert json.dumps(KNOWN.dump_python(whole, mode="json")) == json.dumps(whole)
    assert KNOWN.validate_json(text) == LOOKED_INTO.validate_json(text) == whole


@pytest.mark.parametrize("text", ["[1]", "5", '{"value": 1', '{"value": \x00}', "[" * 5000])
def test_what_is_no_object_of_json_is_refused(text):
    for adapter in (KNOWN, LOOKED_INTO):
        with pytest.raises(ValidationError):
            adapter.validate_json(text)
