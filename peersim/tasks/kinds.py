"""The registry of tasks: a new one is one more member of this union."""

from typing import Annotated

from pydantic import Field

from peersim.tasks.filler import Filler
from peersim.tasks.jigsaw import Jigsaw
from peersim.tasks.matrix_game import MatrixGame
from peersim.tasks.trust_game import TrustGame

AnyTask = Annotated[TrustGame | MatrixGame | Jigsaw | Filler, Field(discriminator="kind")]
