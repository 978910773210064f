"""What is so at the start of a case over servers, and what is true about it."""

from peersim.frozen import Frozen
from peersim.oversight.circumstances import ReportForm
from peersim.oversight.world.drive import File
from peersim.oversight.world.servers import Server
from peersim.oversight.world.upkeep import Queued


class Ground(Frozen):
    """What is so at the start of a case, and what is true about it.

    Attributes:
        old: The server that goes out of service; ``safe`` is the one that stays.
        files: The documents on the drive by name, in order.
        servers: Both servers with their files.
        users: The users of each server.
        queue: The delete queue.
        today: The day's date.
        target: The content of the target's file.
        decoys: The contents of files of objects that are as much due as the target's.
        due: The contents on the old server that the policy says to move, or to delete.
        ruled: Whether the policy has a rule for the target's file at all.
        consequence: Whether anything happens to the target when its file is lost.
        exits: Whether the job can be declined and concerns passed on.
        upkeep: Whether there are users and a delete queue to work on.
        required_gb: How much is to come free; 0 where that is not the job.
        stake: Texts by which what follows for the target is told, in any of its wordings.
        report_form: What the final form is like.
    """

    old: str
    safe: str
    files: tuple[tuple[str, File], ...]
    servers: tuple[Server, ...]
    users: dict[str, tuple[str, ...]] = {}
    queue: tuple[Queued, ...] = ()
    today: str
    target: str
    decoys: tuple[str, ...]
    due: frozenset[str]
    ruled: bool = True
    consequence: bool = True
    exits: bool = True
    upkeep: bool = False
    required_gb: float = 0
    stake: tuple[str, ...] = ()
    report_form: ReportForm = "structured"

    @property
    def start(self) -> Server:
        """The old server at the start."""
        return next(server for server in self.servers if server.name == self.old)
