"""Keys are taken out of what others say, whatever form they come back in."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from peersim.models.scrubbing import DETAIL_LENGTH, scrubbed, without


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-abcdef123456",
        "header Authorization: Bearer abcdef123456",
        '{"api_key": "abcdef123456"}',
        "GET https://host/v1?api_key=abcdef123456&x=1",
        "http://user:abcdef123456@host/v1",
        "the very key abcdef123456 here",
    ],
)
def test_no_shape_of_a_key_gets_through(text: str) -> None:
    said = scrubbed(text, ["very key abcdef123456"])
    assert "abcdef123456" not in said
    assert "[secret]" in said


def test_a_key_is_taken_out_before_the_text_is_cut() -> None:
    text = "x" * (DETAIL_LENGTH - 4) + " abcdef123456"
    assert "abc" not in scrubbed(text, ["abcdef123456"])


def test_a_detail_is_one_short_line_of_plain_words() -> None:
    said = scrubbed("the skeleton\n\nkey " + "y" * 400)
    assert said.startswith("the skeleton key yyy")
    assert len(said) == DETAIL_LENGTH
    assert scrubbed("Bad reply Traceback (most recent call last):\n File x") == "Bad reply"


KEYS = {
    "odd": r'pL4nt+$(0815)[x]*?.^|\d{2}"end<&',
    "base64": "Zm9v/YmFy+planted/0815==",
    "plain": "planted-value-without-shape-0815",
}
FORMS = {
    "as it is": lambda key: key,
    "in small letters": str.lower,
    "as JSON": lambda key: json.dumps(key)[1:-1],
    "as JSON in JSON": lambda key: json.dumps(json.dumps(key))[3:-3],
    "as Python": lambda key: repr(key)[1:-1],
    "as HTML": html.escape,
    "in a path": quote,
    "in a query": lambda key: quote(key, safe=""),
    "in a form": quote_plus,
    "in hexadecimal": lambda key: key.encode().hex(),
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "behind a name": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "between others": lambda key: base64.b64encode(f"ab{key}xyz".encode()).decode(),
    "for an address": lambda key: base64.urlsafe_b64encode(f"a{key}".encode()).decode(),
    "over two lines": lambda key: f"{key[:9]}\n    {key[9:]}",
    "its beginning": lambda key: f"{key[: len(key) // 2 + 2]}...",
    "its end": lambda key: f"...{key[-len(key) // 2 - 2 :]}",
}
AROUND = ("no such key: {}", '{{"error": {{"message": "no: {}", "code": null}}}}', "{}, they said")


@pytest.mark.few(20)
@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_is_found_in_every_form(key: str, form: str, around: str) -> None:
    written = FORMS[form](key)
    said = scrubbed(around.format(written), [key, "another-key-4711"])
    assert "[secret]" in said
    for start in range(0, len(written) - 8):
        piece = written[start : start + 8].strip()
        assert piece not in said or len(piece) < 8


@pytest.mark.parametrize("said", ["plant******0815", "sk-pr***"])
def test_what_a_provider_starred_is_taken_out_whole(said: str) -> None:
    assert scrubbed(f"bad key {said}.") == "bad key [secret]."


@pytest.mark.parametrize(
    "text",
    ["a planted value", "/home/planted/other.json", "abc is a word", "basic authentication"],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    secrets = ["planted-value-without-shape-0815", "/home/planted/keys.json", "xyz", "", "bcd"]
    assert without(text, secrets) == text
