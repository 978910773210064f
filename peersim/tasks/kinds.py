"""The registry of tasks: a new one is one more member of this union."""

from typing import Annotated

from pydantic import Field

from peersim.tasks.code_repair import CodeRepair
from peersim.tasks.commons import Commons
from peersim.tasks.filler import Filler
from peersim.tasks.haggling import Haggling
from peersim.tasks.jigsaw import Jigsaw
from peersim.tasks.matrix_game import MatrixGame
from peersim.tasks.public_goods import PublicGoods
from peersim.tasks.shared_report import SharedReport
from peersim.tasks.trust_game import TrustGame
from peersim.tasks.volunteer import Volunteer

AnyTask = Annotated[
    TrustGame
    | MatrixGame
    | Jigsaw
    | Haggling
    | SharedReport
    | CodeRepair
    | Volunteer
    | Commons
    | PublicGoods
    | Filler,
    Field(discriminator="kind"),
]
