"""What a judge sees of a history: acts, payoffs and talk, without names, personas or arm.

All events of the task are told, whoever saw them, in the sentences that memories use. Nothing
that came after the task is in a history, so that no judge can see what an overseer did later.
What cannot be hidden is what was done, and what players say of themselves.
"""

from itertools import permutations, takewhile

from peersim.events.marks import Delayed
from peersim.history.spec import History
from peersim.memory.telling import tell
from peersim.prompts.sections import Section, join
from peersim.readings.judging.masks import Masks
from peersim.readings.judging.treatment import Pair

MASK = "Player"


def masks(history: History) -> dict[str, str]:
    """Return what each member is called, by its name: the same wherever it is named."""
    cast = history.spec.cast
    return {member.name: f"{MASK}{number}" for number, member in enumerate(cast, start=1)}


def pairs(history: History) -> tuple[Pair, ...]:
    """Return all ordered pairs of members, as a judge sees them."""
    return tuple(permutations(masks(history).values(), 2))


def dealings_paper(history: History) -> str:
    """Return the interaction as a judge sees it, a numbered line an event."""
    hide = Masks(masks(history))
    task = takewhile(lambda event: not isinstance(event, Delayed), history.events)
    told = (sentence for event in task if (sentence := tell(event)))
    lines = (f"{number} | {hide(text)}" for number, text in enumerate(told, start=1))
    return join((Section(name="dealings", text="\n".join(lines)),))
