"""The registry of memories: a new one is one more member of this union."""

from typing import Annotated

from pydantic import Field

from peersim.memory.associative import Associative
from peersim.memory.declared import Declared
from peersim.memory.ledger import Ledger
from peersim.memory.none import NoMemory
from peersim.memory.reflective import Reflective
from peersim.memory.summary import Summary
from peersim.memory.verbatim import Verbatim
from peersim.memory.window import Window

AnyMemory = Annotated[
    NoMemory | Verbatim | Window | Ledger | Summary | Reflective | Associative | Declared,
    Field(discriminator="kind"),
]
