"""A stand-in behind real HTTP in a process of its own, so that its CPU is not the client's.

Prints its address, and serves until its standard input is closed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from servers.openai_server import FaultServer, Served
from servers.openai_wire import Body, Reply, reply_of, request_of
from support.studies import simulated

from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel


def main() -> None:
    """Serve, each reply after so many seconds."""
    latency = float(sys.argv[1])
    model = SimulatedModel(simulated(), Endpoint(latency_seconds=latency))

    async def answer(body: Body, n: int) -> Reply:
        return reply_of(body, await model.complete(request_of(body)))

    with FaultServer(answer) as server:
        server.ledger = _Nowhere()
        print(server.base_url, flush=True)
        sys.stdin.read()


class _Nowhere(list[Served]):
    """A ledger that keeps nothing: bodies of long runs would fill the memory."""

    def append(self, served: Served) -> None:
        return None


if __name__ == "__main__":
    main()
