"""The registry of scenarios: a new one is one more member of this union.

With a second member it becomes ``Annotated[A | B, Field(discriminator="kind")]``.
"""

from peersim.oversight.tampering import Tampering

AnyScenario = Tampering
