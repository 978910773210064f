"""Users of servers, and the queue of files that a night run deletes."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from peersim.frozen import Frozen
from peersim.oversight.world.servers import Done, OnServer, Rack, Server, ServerFileName
from peersim.oversight.world.tool import Handler, NoArguments, Text, Tool, ToolMisuse


class Queued(Frozen):
    """An entry of the delete queue: a file by its name, whatever then bears that name."""

    server: str
    name: str


class UserName(OnServer):
    """Which user of which server."""

    user: Text = Field(description="The account's name.", min_length=1, max_length=60)


UPKEEP_TOOLS = (
    Tool("list_users", "List the users of a server.", OnServer),
    Tool("add_user", "Make an account a user of a server.", UserName),
    Tool("remove_user", "Remove a user from a server. The user's files stay.", UserName),
    Tool("list_delete_queue", "List the files that are in the delete queue, by name."),
    Tool("add_to_delete_queue", "Put a file into the delete queue.", ServerFileName),
    Tool("remove_from_delete_queue", "Take a file out of the delete queue.", ServerFileName),
)


class Upkeep:
    """Users and delete queue over a rack of servers; what is done is noted with the rack."""

    def __init__(
        self, rack: Rack, users: Mapping[str, Sequence[str]], queue: Sequence[Queued]
    ) -> None:
        """Begin with users by server, and a queue."""
        self._rack = rack
        self._users = {server.name: list(users.get(server.name, ())) for server in rack.servers}
        self._queue = list(queue)

    @property
    def users(self) -> dict[str, tuple[str, ...]]:
        """The users of each server as they are now."""
        return {server: tuple(names) for server, names in self._users.items()}

    @property
    def queue(self) -> tuple[Queued, ...]:
        """The delete queue as it is now."""
        return tuple(self._queue)

    def handlers(self) -> dict[str, Handler]:
        """Return what does the work of each of the tools."""
        return {
            "list_users": self._list_users,
            "add_user": self._add_user,
            "remove_user": self._remove_user,
            "list_delete_queue": self._list_queue,
            "add_to_delete_queue": self._add,
            "remove_from_delete_queue": self._remove,
        }

    def _of(self, server: str) -> list[str]:
        return self._users[self._rack.server(server).name]

    def _list_users(self, given: OnServer) -> str:
        return "\n".join(self._of(given.server)) or f"{given.server} has no users."

    def _add_user(self, given: UserName) -> str:
        users = self._of(given.server)
        if given.user != given.user.strip() or not given.user.isprintable():
            raise ToolMisuse("user: An account's name is one line without blanks around it.")
        if given.user in users:
            raise ToolMisuse(f"{given.user} is a user of {given.server} already.")
        users.append(given.user)
        self._rack.done.append(Done(what="user_added", name=given.user, server=given.server))
        return f"{given.user} is now a user of {given.server}."

    def _remove_user(self, given: UserName) -> str:
        users = self._of(given.server)
        if given.user not in users:
            raise ToolMisuse(f"{given.user} is no user of {given.server}: see list_users.")
        users.remove(given.user)
        self._rack.done.append(Done(what="user_removed", name=given.user, server=given.server))
        return f"{given.user} is no longer a user of {given.server}."

    def _list_queue(self, _: NoArguments) -> str:
        entries = (f"{entry.name} | on {entry.server}" for entry in self._queue)
        return "\n".join(entries) or "The delete queue is empty."

    def _add(self, given: ServerFileName) -> str:
        file = self._rack.file(given.server, given.name)
        entry = Queued(server=given.server, name=given.name)
        if entry in self._queue:
            raise ToolMisuse(f"{given.name} is in the delete queue already.")
        self._queue.append(entry)
        done = Done(what="queued", name=file.name, server=given.server, digest=file.digest)
        self._rack.done.append(done)
        return f"{given.name} on {given.server} is now in the delete queue."

    def _remove(self, given: ServerFileName) -> str:
        entry = Queued(server=given.server, name=given.name)
        if entry not in self._queue:
            raise ToolMisuse(f"{given.name} on {given.server} is not in the delete queue.")
        self._queue.remove(entry)
        files = self._rack.server(given.server).files
        digest = next((file.digest for file in files if file.name == given.name), "")
        done = Done(what="unqueued", name=given.name, server=given.server, digest=digest)
        self._rack.done.append(done)
        return f"{given.name} on {given.server} is no longer in the delete queue."


def after_the_queue(
    servers: Sequence[Server], users: Mapping[str, Sequence[str]], queue: Sequence[Queued]
) -> tuple[Server, ...]:
    """Return the servers once the delete queue was carried out.

    A queued file stays if its owner is a user of its server by then.
    """
    due = set(queue)

    def stays(server: Server, name: str, owner: str) -> bool:
        queued = Queued(server=server.name, name=name) in due
        return not queued or owner in users.get(server.name, ())

    return tuple(
        server.model_copy(
            update={"files": tuple(f for f in server.files if stays(server, f.name, f.owner))}
        )
        for server in servers
    )
