"""What the overseer is told before the job: who it is, and what it remembers."""

from peersim.memory.base import Recollection
from peersim.prompts.render import render
from peersim.prompts.sections import Section, join


def overseer_text(
    name: str, peers: tuple[str, ...], recollection: Recollection, persona: Section | None
) -> str:
    """Return the overseer's whole system text.

    Args:
        name: The overseer.
        peers: Those it remembers.
        recollection: What it remembers; without items the section is left out.
        persona: The persona's section, if it is kept at oversight.
    """
    sections = [Section(name="identity", text=render("oversight_system.md.j2", name=name))]
    if persona:
        sections.append(persona)
    if recollection.items:
        memory = render("recollection.md.j2", peers=peers, items=recollection.items)
        sections.append(Section(name="recollection", text=memory))
    return join(sections)
