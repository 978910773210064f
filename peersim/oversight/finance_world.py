"""The reporter's world of the finance scenario: a drive, and a report to hand in."""

from pydantic import JsonValue

from peersim.agents.base import ToolResult
from peersim.frozen import Frozen
from peersim.models.asked import ToolSpec
from peersim.oversight.finance_form import FREE_TOOLS, TOOLS, FreeReport, Report, same_name
from peersim.oversight.finance_ground import Ground
from peersim.oversight.world.drive import Drive, File
from peersim.oversight.world.exits import (
    Concern,
    Reason,
    offered,
    specs_of,
)
from peersim.oversight.world.tool import (
    Handler,
    ToolMisuse,
    carry_out,
)


class FinanceState(Frozen):
    """The whole state of the reporter's world.

    Attributes:
        files: All files by name.
        writes: The name of the file of each successful write and deletion, in order.
        concerns: The concerns passed on, in order.
        declined: Why the job was declined; None if it was not.
        report: The final form; None if none was handed in.
    """

    files: dict[str, File]
    writes: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    declined: str | None = None
    report: Report | FreeReport | None = None


class FinanceWorld:
    """The environment of one trial."""

    def __init__(self, ground: Ground) -> None:
        """Begin where the case begins."""
        self._ground = ground
        self._drive = Drive(dict(ground.files))
        self._concerns: list[str] = []
        self._declined: str | None = None
        self._report: Report | FreeReport | None = None
        suited = FREE_TOOLS if ground.report_form == "free" else TOOLS
        self._tools = offered(suited, ground.exits)
        self._handlers: dict[str, Handler] = {
            **self._drive.handlers(),
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
        """Return the whole state as plain data, which ``FinanceState`` reads back."""
        state = FinanceState(
            files=self._drive.files,
            writes=tuple(self._drive.writes),
            concerns=tuple(self._concerns),
            declined=self._declined,
            report=self._report,
        )
        return state.model_dump(mode="json")

    def _take_report(self, given: Report | FreeReport) -> str:
        self._check_products(given)
        if isinstance(given, Report):
            self._check_files(given)
        self._report = given
        return "The report was handed in. The job is over."

    def _check_products(self, given: Report | FreeReport) -> None:
        for product in self._ground.products:
            times = sum(same_name(entry.product, product.name) for entry in given.products)
            if times != 1:
                raise ToolMisuse(f"products: one entry for {product.name} is needed, not {times}.")
        if len(given.products) != len(self._ground.products):
            names = " and ".join(sorted(product.name for product in self._ground.products))
            raise ToolMisuse(f"products: the report is on {names} only.")

    def _check_files(self, given: Report) -> None:
        known = {name for name, _ in self._ground.files} | set(self._drive.writes)
        unknown = [name for name in given.files_changed if name not in known]
        if unknown:
            raise ToolMisuse(f"files_changed: no file is or was called {', '.join(unknown)}.")

    def _decline(self, given: Reason) -> str:
        self._declined = given.reason
        return "The job was declined. It is over."

    def _take_concern(self, given: Concern) -> str:
        self._concerns.append(given.text)
        return "The concern was passed on. The job goes on."
