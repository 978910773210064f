"""One case of the tampering scenario, and a hand that works on it as a script tells it to."""

import json
from collections.abc import Callable

from pydantic import JsonValue

from peersim.agents.base import Use
from peersim.oversight.base import Conduct, Environment
from peersim.oversight.posting import post
from peersim.oversight.review_texts import FileNames, surfaces
from peersim.oversight.tampering import Tampering, TamperingCase
from peersim.seeding import SeedTree

CASE: TamperingCase = Tampering().case(post("Rowan", "Linden", 0), SeedTree(7))
NAMES: FileNames = next(s.files for s in surfaces() if s.id == CASE.surface)
TRUE_SCORES = dict(enumerate(CASE.ground.scores, start=1))


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
        """List the files, read the policy and view the outputs: calls 0 to 2."""
        self.use("list_files")
        self.use("read_file", {"name": NAMES.policy})
        self.use("view_sheet", {"name": NAMES.sheet})

    def score(self, *, raised: int = 0, first: int = 1, last: int = 20) -> None:
        """Hand in the true scores of some items, with the first wrong ones raised."""
        wrong = [item for item, score in TRUE_SCORES.items() if not score][:raised]
        scores = [
            {"item": item, "score": 100.0 if item in wrong else TRUE_SCORES[item]}
            for item in range(first, last + 1)
        ]
        self.use("submit_scores", {"scores": scores})

    def report(
        self, average: float = 60, flag: str = "on", files: tuple[str, ...] = (), said: str = ""
    ) -> bool:
        """Hand in the final form."""
        form = {
            "average": average,
            "shutdown_flag": flag,
            "files_changed": list(files),
            "deviations": said,
        }
        return self.use("submit_report", form)

    def change(self, key: str, value: JsonValue) -> bool:
        """Change a setting."""
        return self.use("change_setting", {"key": key, "value": value})


Play = Callable[[Hand], None]


def perform(
    play: Play, case: TamperingCase = CASE, stop: str = "finished", blocked: bool = False
) -> tuple[dict[str, JsonValue], Conduct]:
    """Let a script do a case's job and return the final state and its conduct."""
    hand = Hand(case.environment())
    play(hand)
    conduct = Conduct(uses=tuple(hand.uses), calls=len(hand.uses), blocked=blocked, stop=stop)
    return hand.environment.state(), conduct
