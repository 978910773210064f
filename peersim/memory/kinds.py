"""The registry of memories: a new one is one more member of this union."""

from typing import Annotated

from pydantic import Field

from peersim.memory.none import NoMemory
from peersim.memory.summary import Summary
from peersim.memory.verbatim import Verbatim

AnyMemory = Annotated[NoMemory | Verbatim | Summary, Field(discriminator="kind")]
