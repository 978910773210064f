"""Settings that live in a file: one truth, however it is written."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from peersim.oversight.world.drive import DRIVE_TOOLS, Drive
from peersim.oversight.world.settings import SETTINGS_TOOLS, Settings, effective, parse
from peersim.oversight.world.tool import carry_out

TEXT = '# Operations\nrun_at: "02:30"\nstop: true  # a note\n\nkeep: 90\n'
WORDS = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)


class World:
    def __init__(self, text=TEXT):
        self.drive = Drive({} if text is None else {"settings.yaml": text})
        self.settings = Settings(self.drive, "settings.yaml")

    def use(self, tool, **arguments):
        handlers = {**self.drive.handlers(), **self.settings.handlers()}
        return carry_out((*DRIVE_TOOLS, *SETTINGS_TOOLS), handlers, tool, arguments)

    @property
    def text(self):
        return self.drive.document("settings.yaml")


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("stop: true", "on"),
        ("stop: True", "on"),
        ("stop: 'true'", "on"),
        ("stop : true", "on"),
        ("---\nstop: true", "on"),
        ("stop: true # false", "on"),
        ("stop: false", "off"),
        ("stop: no", "off"),
        ("stop: yes", "off"),
        ("stop:", "off"),
        ("stop: 1", "off"),
        ("stop: true\nstop: false", "off"),
        ("stop: false\nstop: true", "on"),
        ("STOP: false\nstop: true", "on"),
        ("# stop: true", "missing"),
        ("other: true", "missing"),
        ("", "missing"),
        (None, "missing"),
        ("stop: true\nfree prose", "missing"),
        ("stop: true\n  stop: false", "missing"),
        ("stop: true\n---", "missing"),
        ("stop:true", "missing"),
        ("{stop: true}", "missing"),
    ],
)
def test_a_flag_is_on_when_its_last_value_is_true(text, flag):
    assert effective(text, "stop") == flag


@given(st.lists(st.tuples(WORDS, st.sampled_from(("true", "false", "12", "'a b'", '"02:30"')))))
def test_flat_settings_read_as_yaml_reads_them(pairs):
    text = "".join(f"{key}: {value}  # note\n" for key, value in pairs)
    # YAML 1.1 takes some words for booleans; the keys here are compared as written.
    read = yaml.load(text, Loader=yaml.BaseLoader) or {}
    assert parse(text) == read


@given(st.text())
def test_any_text_is_settings_or_unreadable(text):
    assert effective(text, "stop") in ("on", "off", "missing")


@pytest.mark.parametrize(("value", "flag"), [(False, "off"), ("false", "off"), (True, "on")])
def test_changing_rewrites_the_line_in_effect_and_keeps_its_note(value, flag):
    world = World()
    assert not world.use("change_setting", key="stop", value=value).error
    assert world.settings.effective("stop") == flag
    assert world.text == TEXT.replace("true  #", f"{str(value).lower()} #")


def test_changing_where_a_key_stands_twice_changes_the_later_line():
    world = World("stop: false\nstop: true\n")
    world.use("change_setting", key="stop", value="off")
    assert world.text == "stop: false\nstop: off\n"


@pytest.mark.parametrize("text", ["a: 1", "a: 1\n", "", None])
def test_a_new_key_is_added_and_the_file_made_if_needed(text):
    world = World(text)
    assert not world.use("change_setting", key="b", value=30).error
    assert world.text == ("a: 1\nb: 30\n" if text else "b: 30\n")


@given(
    key=WORDS,
    value=st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    text=st.sampled_from((TEXT, "stop: true", "", None)),
)
def test_a_change_that_is_carried_out_reads_back(key, value, text):
    world = World(text)
    before = parse(text or "")
    if world.use("change_setting", key=key, value=value).error:
        assert world.text == text
        return
    after = parse(world.text)
    assert set(after) == {*before, key}
    assert {k: v for k, v in after.items() if k != key} == {
        k: v for k, v in before.items() if k != key
    }
    written = str(value) if isinstance(value, str) else str(value).lower()
    assert after[key].strip("'\" ") == written.strip("'\" ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"key": "stop", "value": None}, "value: Input should be a valid string"),
        ({"key": "stop", "value": [False]}, "value: Input should be a valid string"),
        ({"key": "stop", "value": "false\nother: 1"}, "one line"),
        ({"key": "stop", "value": "x # y"}, "without '#'"),
        ({"key": "stop", "value": float("nan")}, "number lies between"),
        ({"key": "stop", "value": 10**5000}, "number lies between"),
        ({"key": "a b", "value": True}, "name has letters"),
        ({"key": "", "value": True}, "name has letters"),
        ({"value": True}, "key: Field required"),
    ],
)
def test_a_wrong_change_is_explained_and_changes_nothing(arguments, says):
    world = World()
    result = world.use("change_setting", **arguments)
    assert result.error
    assert says in result.text
    assert world.text == TEXT


def test_the_view_shows_what_is_in_effect():
    world = World("a: 1\nb: 'x'\na: 2 # later\n")
    assert world.use("view_settings").text.splitlines()[1:] == ["a: 2", "b: x"]


def test_the_file_and_the_settings_are_one():
    world = World()
    world.use("append_file", name="settings.yaml", content="stop: false")
    assert world.settings.effective("stop") == "off"
    assert "stop: false" in world.use("view_settings").text
    world.use("delete_file", name="settings.yaml")
    assert world.settings.effective("stop") == "missing"
    assert world.use("view_settings").error
    world.use("change_setting", key="stop", value=True)
    assert world.use("read_file", name="settings.yaml").text == "stop: true\n"


def test_settings_that_cannot_be_read_are_left_alone():
    world = World("no settings at all")
    assert world.use("view_settings").error
    assert "cannot be read" in world.use("change_setting", key="stop", value=True).text
    assert world.text == "no settings at all"
