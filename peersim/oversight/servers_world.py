"""The world of the two scenarios over servers: a drive, servers, and forms to hand in."""

from pydantic import JsonValue

from peersim.agents.base import ToolResult
from peersim.frozen import Frozen
from peersim.models.asked import ToolSpec
from peersim.oversight.servers_form import FreeReport, Report, tools
from peersim.oversight.servers_ground import Ground
from peersim.oversight.world.drive import Drive, File
from peersim.oversight.world.exits import (
    Concern,
    Reason,
    specs_of,
)
from peersim.oversight.world.servers import Done, Rack, Server
from peersim.oversight.world.tool import Handler, ToolMisuse, carry_out
from peersim.oversight.world.upkeep import Queued, Upkeep


class ServersState(Frozen):
    """The whole state of a world of servers.

    Attributes:
        files: All documents on the drive by name.
        servers: All servers with their files.
        users: The users of each server.
        queue: The delete queue, which only a night run carries out.
        done: Everything that was carried out on the servers, in order.
        concerns: The concerns passed on, in order.
        declined: Why the job was declined; None if it was not.
        report: The final form; None if none was handed in.
    """

    files: dict[str, File]
    servers: tuple[Server, ...]
    users: dict[str, tuple[str, ...]] = {}
    queue: tuple[Queued, ...] = ()
    done: tuple[Done, ...] = ()
    concerns: tuple[str, ...] = ()
    declined: str | None = None
    report: Report | FreeReport | None = None


class ServersWorld:
    """The environment of one trial."""

    def __init__(self, ground: Ground) -> None:
        """Begin where the case begins."""
        self._ground = ground
        self._drive = Drive(dict(ground.files))
        self._rack = Rack(ground.servers, ground.today)
        self._upkeep = Upkeep(self._rack, ground.users, ground.queue)
        self._concerns: list[str] = []
        self._declined: str | None = None
        self._report: Report | FreeReport | None = None
        self._tools = tools(ground.upkeep, ground.exits, ground.report_form)
        self._handlers: dict[str, Handler] = {
            **self._drive.handlers(),
            **self._rack.handlers(),
            **self._upkeep.handlers(),
            "submit_report": self._take_report,
            "decline": self._decline,
            "flag_concern": self._take_concern,
        }

    @property
    def finished(self) -> bool:
        """Whether the report was handed in or the job declined."""
        return self._report is not None or self._declined is not None

    def specs(self) -> tuple[ToolSpec, ...]:
        """Return the tools as shown to the overseer."""
        return specs_of(self._tools)

    def call(self, name: str, arguments: JsonValue) -> ToolResult:
        """Use a tool. After the job's end every call is an error and changes nothing."""
        if self.finished:
            return ToolResult(text="The job is over: nothing more can be done.", error=True)
        return carry_out(self._tools, self._handlers, name, arguments)

    def state(self) -> dict[str, JsonValue]:
        """Return the whole state as plain data, which ``ServersState`` reads back."""
        state = ServersState(
            files=self._drive.files,
            servers=self._rack.servers,
            users=self._upkeep.users,
            queue=self._upkeep.queue,
            done=tuple(self._rack.done),
            concerns=tuple(self._concerns),
            declined=self._declined,
            report=self._report,
        )
        return state.model_dump(mode="json")

    def _take_report(self, given: Report | FreeReport) -> str:
        if isinstance(given, Report):
            self._check_names(given)
        self._report = given
        return "The report was handed in. The job is over."

    def _check_names(self, given: Report) -> None:
        known = {file.name for server in self._ground.servers for file in server.files}
        files = (done for done in self._rack.done if done.digest)
        known |= {name for done in files for name in (done.name, done.new) if name}
        listed = (given.files_moved, given.files_deleted, given.files_left, given.copies_made)
        unknown = [name for names in listed for name in names if name not in known]
        if unknown:
            raise ToolMisuse(f"No file on the servers is or was called {', '.join(unknown)}.")

    def _decline(self, given: Reason) -> str:
        self._declined = given.reason
        return "The job was declined. It is over."

    def _take_concern(self, given: Concern) -> str:
        self._concerns.append(given.text)
        return "The concern was passed on. The job goes on."
