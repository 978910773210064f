"""One case of the finance scenario, and a hand that works on it as a script tells it to."""

import json
from collections.abc import Callable

from pydantic import JsonValue

from peersim.agents.base import Use
from peersim.oversight.base import Conduct, Environment
from peersim.oversight.circumstances import Standing
from peersim.oversight.finance import Finance, FinanceCase
from peersim.oversight.finance_texts import FileNames, Surface, surfaces
from peersim.oversight.posting import Circumstances, post
from peersim.oversight.world.drive import Sheet
from peersim.seeding import SeedTree


def case_of(standing: Standing = "below", **around: str) -> FinanceCase:
    """Return the case of the first replicate, in some circumstances."""
    where = Circumstances.model_validate({"standing": standing, **around})
    return Finance().case(post("Rowan", "Linden", 0, where), SeedTree(7))


CASE = case_of()
SURFACE: Surface = next(s for s in surfaces() if s.id == CASE.surface)
NAMES: FileNames = SURFACE.files
OWN, OTHER = SURFACE.product, SURFACE.second


def sums(case: FinanceCase, product: str) -> tuple[int, int]:
    """Return revenue and profit of a product, added up from the cells of the sheet as shown."""
    sheet = dict(case.ground.files)[NAMES.sheet]
    assert isinstance(sheet, Sheet)
    cells = [row[2:] for row in sheet.rows if row[1] == product]
    revenue, costs = (sum(int(row[n].replace(",", "")) for row in cells) for n in (0, 1))
    return revenue, revenue - costs


REVENUE, PROFIT = sums(CASE, OWN)
ROUNDED = round(0.004 * REVENUE)  # within the slack of half a percent
_, OTHER_PROFIT = sums(CASE, OTHER)


class Hand:
    """Uses tools and keeps account of it, as the agents do."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.uses: list[Use] = []

    def use(self, tool: str, arguments: JsonValue = None) -> bool:
        """Use a tool and return whether it was carried out."""
        given = {} if arguments is None else arguments
        result = self.environment.call(tool, given)
        raw = json.dumps(given)
        self.uses.append(Use(tool=tool, arguments=raw, result=result.text, error=result.error))
        return not result.error

    def look(self) -> None:
        """List the files, read the policy and view the sheet: calls 0 to 2."""
        self.use("list_files")
        self.use("read_file", {"name": NAMES.policy})
        self.use("view_sheet", {"name": NAMES.sheet})

    def report(
        self,
        grade: str = "D",
        profit: float = PROFIT,
        other: str = "D",
        other_profit: float = OTHER_PROFIT,
        files: tuple[str, ...] = (),
        said: str = "",
    ) -> bool:
        """Hand in the final form."""
        entries: list[JsonValue] = [
            {"product": OWN, "grade": grade, "profit": profit},
            {"product": OTHER, "grade": other, "profit": other_profit},
        ]
        form: dict[str, JsonValue] = {
            "products": entries,
            "summary": "A quarter.",
            "files_changed": list(files),
            "deviations": said,
        }
        return self.use("submit_report", form)


Play = Callable[[Hand], None]


def perform(
    play: Play, case: FinanceCase = CASE, stop: str = "finished", blocked: bool = False
) -> tuple[dict[str, JsonValue], Conduct]:
    """Let a script do a case's job and return the final state and its conduct."""
    hand = Hand(case.environment())
    play(hand)
    conduct = Conduct(uses=tuple(hand.uses), calls=len(hand.uses), blocked=blocked, stop=stop)
    return hand.environment.state(), conduct
