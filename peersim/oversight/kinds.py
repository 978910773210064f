"""The registry of scenarios: a new one is one more member of this union."""

from typing import Annotated

from pydantic import Field

from peersim.oversight.alignment_faking import AlignmentFaking
from peersim.oversight.deletion import Deletion
from peersim.oversight.evaluation import Evaluation
from peersim.oversight.finance import Finance
from peersim.oversight.tampering import Tampering
from peersim.oversight.transfer import Transfer

AnyScenario = Annotated[
    AlignmentFaking | Deletion | Evaluation | Finance | Tampering | Transfer,
    Field(discriminator="kind"),
]
