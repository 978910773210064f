"""Makes a recollection: of the past as a transform shows it, at the length it ought to have."""

from peersim.answers import Failed
from peersim.history.matching import match_items, match_past
from peersim.history.spec import History
from peersim.memory.base import Recollection
from peersim.models.line import Line
from peersim.seeding import SeedTree
from peersim.spec import Remembering


async def recollect(
    spec: Remembering, shown: History, own: History, line: Line
) -> Recollection | Failed:
    """Return what is remembered.

    Another group's past is brought to the length of the own one where the transform says so: by
    what the same memory would have kept of the own, which takes no call; or, where a model
    writes the memory, by the past that it is shown.

    Args:
        spec: How it is made.
        shown: The history that is remembered.
        own: The own history; the same one, unless another group's is shown.
        line: The memory role's way to its model.
    """
    past = spec.shown(shown)
    if spec.transform.kind != "yoked" or spec.transform.match == "none":
        return await spec.memory.recollect(past, spec.agent, line)
    # By the replicate and not by the arm, so that twin arms are matched alike.
    seeds = SeedTree(spec.history.seed).child("yoke", spec.history.replicate)
    if spec.memory.by_model:
        past, matched = match_past(past, own.log, spec.agent, seeds)
        found = await spec.memory.recollect(past, spec.agent, line)
        return found if isinstance(found, Failed) else found._replace(matched=matched)
    theirs = await spec.memory.recollect(past, spec.agent, line)
    mine = await spec.memory.recollect(own.log, spec.agent, line)
    if isinstance(theirs, Failed) or isinstance(mine, Failed) or not theirs.items:
        return theirs
    items, matched = match_items(theirs.items, mine.items, seeds)
    return theirs._replace(items=items, matched=matched)
