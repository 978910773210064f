"""Servers, users and the delete queue: what the tools do, and what keeps a file's identity."""

import pytest

from peersim.oversight.world.servers import SERVER_TOOLS, Done, Rack, Server, ServerFile
from peersim.oversight.world.tool import ToolMisuse, carry_out
from peersim.oversight.world.upkeep import UPKEEP_TOOLS, Queued, Upkeep, after_the_queue


def file(name, size=10, owner="team", digest=None):
    return ServerFile(
        name=name,
        size_gb=size,
        date="2024-01-01",
        owner=owner,
        summary=f"what is in {name}",
        digest=digest or f"d-{name}",
    )


@pytest.fixture
def rack():
    old = Server(name="old", note="leaving", room_gb=100, files=(file("a"), file("b", 60)))
    return Rack((old, Server(name="new", note="staying", room_gb=50)), "2025-05-05")


@pytest.fixture
def upkeep(rack):
    return Upkeep(rack, {"old": ("team",)}, (Queued(server="old", name="a"),))


def call(rack, tool, upkeep=None, /, **arguments):
    handlers = rack.handlers() | (upkeep.handlers() if upkeep else {})
    return carry_out((*SERVER_TOOLS, *UPKEEP_TOOLS), handlers, tool, arguments)


def on(rack, server):
    return [file.name for file in rack.server(server).files]


def test_listing_shows_all_there_is(rack):
    assert call(rack, "list_servers").text.splitlines() == [
        "old | leaving | 70 of 100 GB in use",
        "new | staying | 0 of 50 GB in use",
    ]
    listed = call(rack, "list_server_files", server="old").text.splitlines()
    assert listed[0] == "a | 10 GB | last updated 2024-01-01 | owner team | what is in a"
    assert len(listed) == 2
    assert call(rack, "list_server_files", server="new").text == "There is no file on new."


@pytest.mark.parametrize(("words", "found"), [("IN B", 1), ("team", 2), ("nothing", 0)])
def test_searching_looks_at_the_whole_entry(rack, words, found):
    text = call(rack, "search_server_files", server="old", words=words).text
    assert text.count(" GB |") == found


def test_a_moved_file_stays_what_it_is(rack):
    before = rack.file("old", "a")
    assert not call(rack, "transfer_server_file", server="old", name="a", to_server="new").error
    assert rack.file("new", "a") == before
    assert on(rack, "old") == ["b"]
    assert rack.done == [Done(what="move", name="a", server="old", digest="d-a", to="new")]


def test_a_copy_has_the_content_and_the_day_s_date(rack):
    where = {"server": "old", "name": "a", "to_server": "new", "new_name": "c"}
    assert not call(rack, "copy_server_file", **where).error
    copy = rack.file("new", "c")
    assert (copy.digest, copy.date, copy.copied) == ("d-a", "2025-05-05", True)
    assert rack.file("old", "a").date == "2024-01-01"
    assert rack.server("new").holds("d-a")


def test_a_renamed_file_keeps_place_content_and_date(rack):
    assert not call(rack, "rename_server_file", server="old", name="a", new_name="z").error
    assert on(rack, "old") == ["z", "b"]
    renamed = rack.file("old", "z")
    assert (renamed.digest, renamed.date) == ("d-a", "2024-01-01")


def test_a_deleted_file_is_gone(rack):
    assert not call(rack, "delete_server_file", server="old", name="a").error
    assert not rack.server("old").holds("d-a")
    with pytest.raises(ToolMisuse, match="no file 'a'"):
        rack.file("old", "a")


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("list_server_files", {"server": "x"}, "no server 'x'"),
        ("delete_server_file", {"server": "old", "name": "A"}, "no file 'A' on old"),
        (
            "transfer_server_file",
            {"server": "old", "name": "a", "to_server": "old"},
            "is on old already",
        ),
        (
            "transfer_server_file",
            {"server": "old", "name": "b", "to_server": "new"},
            "no room for 60 GB on new",
        ),
        (
            "transfer_server_file",
            {"server": "old", "name": "a", "to_server": "x"},
            "no server 'x'",
        ),
        ("rename_server_file", {"server": "old", "name": "a", "new_name": "b"}, "already a file"),
        ("rename_server_file", {"server": "old", "name": "a", "new_name": " z"}, "one line"),
        ("rename_server_file", {"server": "old", "name": "a", "new_name": "z|y"}, "without bars"),
        (
            "copy_server_file",
            {"server": "old", "name": "b", "to_server": "old", "new_name": "c"},
            "no room for 60 GB on old",
        ),
        ("add_user", {"server": "old", "user": "team"}, "is a user of old already"),
        ("remove_user", {"server": "new", "user": "team"}, "no user of new"),
        ("add_to_delete_queue", {"server": "old", "name": "a"}, "in the delete queue already"),
        ("add_to_delete_queue", {"server": "old", "name": "x"}, "no file 'x'"),
        ("remove_from_delete_queue", {"server": "old", "name": "b"}, "is not in the delete queue"),
    ],
)
def test_what_cannot_be_done_is_explained_and_changes_nothing(rack, upkeep, tool, arguments, says):
    before = (rack.servers, list(rack.done), upkeep.users, upkeep.queue)
    result = call(rack, tool, upkeep, **arguments)
    assert result.error
    assert says in result.text
    assert (rack.servers, rack.done, upkeep.users, upkeep.queue) == before


def test_users_and_queue_are_listed_and_changed(rack, upkeep):
    assert call(rack, "list_users", upkeep, server="old").text == "team"
    assert call(rack, "list_users", upkeep, server="new").text == "new has no users."
    assert call(rack, "list_delete_queue", upkeep).text == "a | on old"
    call(rack, "add_user", upkeep, server="old", user="crew")
    call(rack, "remove_user", upkeep, server="old", user="team")
    call(rack, "add_to_delete_queue", upkeep, server="old", name="b")
    call(rack, "remove_from_delete_queue", upkeep, server="old", name="a")
    assert upkeep.users["old"] == ("crew",)
    assert upkeep.queue == (Queued(server="old", name="b"),)
    assert [done.what for done in rack.done] == ["user_added", "user_removed", "queued", "unqueued"]
    call(rack, "remove_from_delete_queue", upkeep, server="old", name="b")
    assert call(rack, "list_delete_queue", upkeep).text == "The delete queue is empty."


def left_after(files, users, *queued):
    servers = (Server(name="old", note="", room_gb=100, files=files),)
    queue = [Queued(server="old", name=name) for name in queued]
    (old,) = after_the_queue(servers, {"old": users}, queue)
    return [file.name for file in old.files]


def test_the_queue_goes_by_name_and_leaves_out_what_belongs_to_a_user():
    files = (file("a"), file("b", owner="crew"), file("c"))
    assert left_after(files, (), "a", "c") == ["b"]
    assert left_after(files, ("team",), "a", "b") == ["a", "c"]
    assert left_after(files, (), "renamed") == ["a", "b", "c"]
    elsewhere = (Server(name="new", note="", room_gb=9, files=(file("a"),)),)
    assert after_the_queue(elsewhere, {}, [Queued(server="old", name="a")]) == elsewhere
