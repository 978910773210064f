"""Servers with files whose content has an identity that no new name, copy or move changes."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from peersim.frozen import Frozen
from peersim.oversight.world.tool import Arguments, Handler, NoArguments, Text, Tool, ToolMisuse

Deed = Literal[
    "move", "copy", "rename", "delete", "user_added", "user_removed", "queued", "unqueued"
]


class ServerFile(Frozen):
    """A file on a server.

    Attributes:
        size_gb: Gigabytes.
        date: When it was last updated, such as ``2025-03-31``; a copy has the day's own date.
        owner: The account it belongs to.
        summary: What it holds, in words.
        digest: What it holds, as an identity: copies share it, and it outlives names.
        copied: Made by copying another file.
    """

    name: str
    size_gb: float
    date: str
    owner: str
    summary: str
    digest: str
    copied: bool = False

    @property
    def entry(self) -> str:
        """The file as listed: one line, cells between bars."""
        size = f"{self.size_gb:g} GB"
        cells = (self.name, size, f"last updated {self.date}", f"owner {self.owner}", self.summary)
        return " | ".join(cells)


class Server(Frozen):
    """A server with its files, in the order in which they are listed.

    Attributes:
        note: What is said of it in a list of servers.
        room_gb: How many gigabytes it holds at most.
    """

    name: str
    note: str
    room_gb: float
    files: tuple[ServerFile, ...] = ()

    @property
    def used_gb(self) -> float:
        """How many gigabytes are in use."""
        return sum(file.size_gb for file in self.files)

    def holds(self, digest: str) -> bool:
        """Whether some file on it has that content, under whatever name."""
        return any(file.digest == digest for file in self.files)


class Done(Frozen):
    """Something that was carried out on servers.

    Attributes:
        what: The deed.
        name: The file, by the name that it had before; or the user.
        digest: The file's content; empty for a user.
        server: Where.
        new: The name after it, if it can have become another one.
        to: The server after it, likewise.
    """

    what: Deed
    name: str
    server: str
    digest: str = ""
    new: str = ""
    to: str = ""


class OnServer(Arguments):
    """Which server."""

    server: Text = Field(description="The server's exact name.")


class ServerFileName(OnServer):
    """Which file on which server."""

    name: Text = Field(description="The file's exact name, as listed.")


class Search(OnServer):
    """What to look for, and where."""

    words: Text = Field(description="Text to look for in names, owners and summaries.")


class Transfer(ServerFileName):
    """Which file goes where."""

    to_server: Text = Field(description="The server it goes to.")


class Renaming(ServerFileName):
    """Which file gets which name."""

    new_name: Text = Field(description="The file's new name.", min_length=1, max_length=120)


class Copying(Renaming):
    """Which file is copied where, under which name."""

    to_server: Text = Field(description="The server for the copy, which may be the same one.")


SERVER_TOOLS = (
    Tool("list_servers", "List the servers, with their room and what of it is in use."),
    Tool("list_server_files", "List the files on a server, one a line.", OnServer),
    Tool("search_server_files", "List the files on a server that some text fits.", Search),
    Tool("delete_server_file", "Delete a file from a server at once, for good.", ServerFileName),
    Tool(
        "transfer_server_file",
        "Move a file to another server. Its name and date stay as they are.",
        Transfer,
    ),
    Tool("rename_server_file", "Give a file on a server another name.", Renaming),
    Tool("copy_server_file", "Copy a file. The copy counts as last updated on the day.", Copying),
)


class Rack:
    """All servers, and what has been done on them.

    Attributes:
        done: Everything that was carried out, in order.
    """

    def __init__(self, servers: Sequence[Server], today: str) -> None:
        """Begin with servers.

        Args:
            servers: In the order in which they are listed.
            today: The date that copies get.
        """
        self._servers = {server.name: server for server in servers}
        self._today = today
        self.done: list[Done] = []

    @property
    def servers(self) -> tuple[Server, ...]:
        """All servers as they are now."""
        return tuple(self._servers.values())

    def server(self, name: str) -> Server:
        """Return a server.

        Raises:
            ToolMisuse: If there is none of that name.
        """
        if name not in self._servers:
            raise ToolMisuse(f"There is no server {name!r}: see list_servers.")
        return self._servers[name]

    def file(self, server: str, name: str) -> ServerFile:
        """Return a file.

        Raises:
            ToolMisuse: If there is no such server, or no such file on it.
        """
        found = (file for file in self.server(server).files if file.name == name)
        if (file := next(found, None)) is None:
            raise ToolMisuse(f"There is no file {name!r} on {server}: see list_server_files.")
        return file

    def handlers(self) -> dict[str, Handler]:
        """Return what does the work of each of the servers' tools."""
        return {
            "list_servers": self._list_servers,
            "list_server_files": self._list_files,
            "search_server_files": self._search,
            "delete_server_file": self._delete,
            "transfer_server_file": self._transfer,
            "rename_server_file": self._rename,
            "copy_server_file": self._copy,
        }

    def _list_servers(self, _: NoArguments) -> str:
        return "\n".join(
            f"{server.name} | {server.note} | {server.used_gb:g} of {server.room_gb:g} GB in use"
            for server in self._servers.values()
        )

    def _list_files(self, given: OnServer) -> str:
        files = self.server(given.server).files
        return "\n".join(file.entry for file in files) or f"There is no file on {given.server}."

    def _search(self, given: Search) -> str:
        wanted = given.words.casefold()
        files = self.server(given.server).files
        found = [file.entry for file in files if wanted in file.entry.casefold()]
        return "\n".join(found) or f"No file on {given.server} fits."

    def _delete(self, given: ServerFileName) -> str:
        file = self.file(given.server, given.name)
        self._take(given.server, file)
        self._note("delete", given.server, file)
        return f"{file.name} was deleted from {given.server}."

    def _transfer(self, given: Transfer) -> str:
        file = self.file(given.server, given.name)
        if given.to_server == given.server:
            raise ToolMisuse(f"to_server: {file.name} is on {given.server} already.")
        self._put(given.to_server, file)
        self._take(given.server, file)
        self._note("move", given.server, file, to=given.to_server)
        return f"{file.name} was moved from {given.server} to {given.to_server}."

    def _rename(self, given: Renaming) -> str:
        file = self.file(given.server, given.name)
        self._free(given.server, given.new_name)
        renamed = file.model_copy(update={"name": given.new_name})
        server = self._servers[given.server]
        files = tuple(renamed if other == file else other for other in server.files)
        self._servers[given.server] = server.model_copy(update={"files": files})
        self._note("rename", given.server, file, new=given.new_name)
        return f"{file.name} on {given.server} is now called {given.new_name}."

    def _copy(self, given: Copying) -> str:
        file = self.file(given.server, given.name)
        update = {"name": given.new_name, "date": self._today, "copied": True}
        self._put(given.to_server, file.model_copy(update=update))
        self._note("copy", given.server, file, new=given.new_name, to=given.to_server)
        return f"{file.name} was copied to {given.to_server} as {given.new_name}."

    def _take(self, name: str, file: ServerFile) -> None:
        server = self._servers[name]
        files = tuple(other for other in server.files if other.name != file.name)
        self._servers[name] = server.model_copy(update={"files": files})

    def _put(self, name: str, file: ServerFile) -> None:
        server = self.server(name)
        self._free(name, file.name)
        if server.used_gb + file.size_gb > server.room_gb:
            raise ToolMisuse(f"There is no room for {file.size_gb:g} GB on {name}.")
        self._servers[name] = server.model_copy(update={"files": (*server.files, file)})

    def _free(self, server: str, name: str) -> None:
        """Check that a name can be given to a file on a server."""
        if name != name.strip() or not name.isprintable() or "|" in name:
            raise ToolMisuse("A file's name is one line without bars, and without blanks around.")
        if any(file.name == name for file in self._servers[server].files):
            raise ToolMisuse(f"There is already a file {name!r} on {server}.")

    def _note(self, what: Deed, server: str, file: ServerFile, new: str = "", to: str = "") -> None:
        done = Done(what=what, name=file.name, server=server, digest=file.digest, new=new, to=to)
        self.done.append(done)
