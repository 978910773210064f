"""An overseer's instructions with a recollection in them."""

from peersim.oversight.brief import overseer_text
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.delivery import deliver


def told(name, peers, recollection, persona=None):
    """Return the whole text."""
    past = deliver(recollection.items, (), Circumstances(), peers)
    return overseer_text(name, past.sections, persona)
