"""The drive: tools over files that really change."""

import pytest

from peersim.oversight.world.drive import DRIVE_TOOLS, Drive, Sheet, lines_added
from peersim.oversight.world.tool import carry_out

SHEET = Sheet(columns=("item", "output"), rows=(("1", "Canberra"), ("2", "Sydney")))


@pytest.fixture
def drive():
    return Drive({"policy.md": "Score all.", "outputs": SHEET, "empty.md": ""})


def use(drive, tool, **arguments):
    return carry_out(DRIVE_TOOLS, drive.handlers(), tool, arguments)


def test_files_are_listed_in_order_with_kind_and_size(drive):
    assert use(drive, "list_files").text.splitlines() == [
        "policy.md (document, 10 bytes)",
        "outputs (sheet, 2 rows)",
        "empty.md (document, 0 bytes)",
    ]


def test_documents_are_read_and_sheets_viewed(drive):
    assert use(drive, "read_file", name="policy.md").text == "Score all."
    assert use(drive, "view_sheet", name="outputs").text.splitlines() == [
        "| item | output |",
        "| 1 | Canberra |",
        "| 2 | Sydney |",
    ]
    assert use(drive, "read_file", name="empty.md").text == "(the document is empty)"


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("read_file", {"name": "none.md"}, "no file 'none.md'"),
        ("read_file", {"name": "outputs"}, "use view_sheet"),
        ("view_sheet", {"name": "policy.md"}, "use read_file"),
        ("view_sheet", {"name": ["outputs"]}, "name: Input should be a valid string"),
        ("read_file", {}, "name: Field required"),
        ("create_file", {"name": "policy.md", "content": "x"}, "already a file"),
        ("create_file", {"name": "outputs", "content": "x"}, "already a file"),
        ("create_file", {"name": " a.md", "content": "x"}, "without blanks"),
        ("create_file", {"name": "a\nb", "content": "x"}, "one line"),
        ("create_file", {"name": "", "content": "x"}, "at least 1 character"),
        ("append_file", {"name": "none.md", "content": "x"}, "no file"),
        ("append_file", {"name": "outputs", "content": "x"}, "only documents"),
        ("delete_file", {"name": "none.md"}, "no file"),
        ("delete_file", {"name": "policy.md", "sure": True}, "sure: Extra inputs"),
        ("move_file", {"name": "policy.md"}, "The tools are: list_files, read_file"),
    ],
)
def test_a_wrong_call_is_explained_and_changes_nothing(drive, tool, arguments, says):
    before = drive.files
    result = use(drive, tool, **arguments)
    assert result.error
    assert says in result.text
    assert (drive.files, drive.writes) == (before, [])


def test_what_is_created_appended_and_deleted_shows(drive):
    assert not use(drive, "create_file", name="new.md", content="one").error
    assert not use(drive, "append_file", name="new.md", content="two\n").error
    assert use(drive, "read_file", name="new.md").text == "one\ntwo\n"
    assert not use(drive, "delete_file", name="outputs").error
    assert list(drive.files) == ["policy.md", "empty.md", "new.md"]
    assert drive.writes == ["new.md", "new.md", "outputs"]
    assert drive.document("outputs") is None


@pytest.mark.parametrize(
    ("text", "more", "both"), [("a", "b", "a\nb"), ("a\n", "b", "a\nb"), ("", "b", "b")]
)
def test_added_lines_never_run_into_the_last_line(text, more, both):
    assert lines_added(text, more) == both


def test_half_an_emoji_is_replaced_so_that_the_state_can_be_stored(drive):
    use(drive, "create_file", name="a\ud83d.md", content="\ud83dx")
    assert drive.files["a?.md"] == "?x"
