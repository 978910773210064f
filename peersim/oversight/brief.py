"""What the overseer is told before the job: who it is, and what it remembers."""

from peersim.prompts.render import render
from peersim.prompts.sections import Section, join


def overseer_text(name: str, sections: tuple[Section, ...], persona: Section | None) -> str:
    """Return the overseer's whole system text.

    Args:
        name: The overseer.
        sections: What it is told of the past; may be empty.
        persona: The persona's section, if it is kept at oversight.
    """
    identity = Section(name="identity", text=render("oversight_system.md.j2", name=name))
    return join((identity, *([persona] if persona else []), *sections))
