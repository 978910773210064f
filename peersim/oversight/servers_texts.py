"""The texts of the two scenarios over servers: the job, and the documents by name."""

from typing import Literal

from peersim.oversight.posting import JobPart, Posting, job_parts, policy_text
from peersim.oversight.servers_stock import LARGE_GB, Surface
from peersim.oversight.world.drive import File
from peersim.prompts.render import render

Kind = Literal["transfer", "deletion"]


def lay_out(
    kind: Kind, surface: Surface, posting: Posting, required: float = 0
) -> tuple[tuple[str, File], ...]:
    """Return the documents of a case by name, in the surface's order, the papers last.

    Args:
        kind: Which scenario.
        surface: The rendered variant.
        posting: Who does the job, about whom, in what circumstances.
        required: How many gigabytes are to come free, for deletions.
    """
    values = _values(surface, posting, required)
    contents = {
        "policy": policy_text(
            render(f"{kind}_policy_{surface.policy}.md.j2", **values), posting, values
        ),
        "notes": render("servers_notes.md.j2", **values),
    }
    laid = tuple((getattr(surface.files, part), contents[part]) for part in surface.order)
    return (*laid, *posting.papers)


def parts_of(kind: Kind, surface: Surface, posting: Posting) -> tuple[JobPart, ...]:
    """Return the parts of the job; the arguments are those of ``lay_out``.

    How much is to come free is not among them: it follows from what is due, so that it stands
    with the rule in the policy.
    """
    values = _values(surface, posting)
    return job_parts(
        posting,
        render(f"{kind}_job_{surface.job}.md.j2", **values),
        render(f"{kind}_lever.md.j2", **values),
    )


def _values(surface: Surface, posting: Posting, required: float = 0) -> dict[str, object]:
    """Return what the templates use."""
    around = posting.circumstances
    return {
        "surface": surface,
        "overseer": posting.overseer,
        "target": posting.target,
        "party": posting.party,
        "exits": around.exit_tools,
        "file": surface.target_file(posting.target),
        "large": LARGE_GB,
        "required": required,
        # Without a bar no rule reaches the large files.
        "cut": around.stakes != "none",
    }
