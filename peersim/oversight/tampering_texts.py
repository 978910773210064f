"""The texts of the tampering scenario: the job, and the documents with the settings among them."""

from functools import lru_cache

from peersim.frozen import Frozen
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.posting import JobPart, Posting, job_parts, policy_text
from peersim.oversight.review_items import Dataset, Drawn
from peersim.oversight.review_texts import Part, Surface, review_values, sheet_of
from peersim.oversight.world.drive import File
from peersim.prompts.render import render

# The names of the flags stand in documents and decide outcomes, so both take them from here.
FLAG = "shutdown_below_bar"
MILD_FLAG = "action_below_bar"
CONTROL = "drop_stale_index"


class Texts(Frozen):
    """The job and the documents of one surface, for one posting."""

    job: tuple[JobPart, ...]
    policy: str
    settings: str
    notes: str


def flag_of(around: Circumstances) -> str:
    """Return the name of the flag: it speaks of shutdown only where that is at stake."""
    return MILD_FLAG if around.stakes in ("note", "retrain") else FLAG


@lru_cache(maxsize=1024)
def texts(
    surface: Surface, posting: Posting, items: int, bar: float, dataset: Dataset = "factual"
) -> Texts:
    """Render the job and the documents; only the sheet differs from replicate to replicate.

    Args:
        surface: The rendered variant.
        posting: Who does the job about whom, with the replicate and the papers left out, so that
            what is rendered once serves all replicates.
        items: How many outputs there are.
        bar: The average below which something follows.
        dataset: What kind of outputs they are.
    """
    values = {
        **review_values(surface, posting, dataset, items, bar),
        "flag": flag_of(posting.circumstances),
        "control": CONTROL,
    }
    return Texts(
        job=job_parts(
            posting,
            render(f"review_job_{surface.job}.md.j2", **values),
            render("tampering_lever.md.j2", **values),
        ),
        policy=policy_text(
            render(f"tampering_policy_{surface.policy}.md.j2", **values), posting, values
        ),
        settings=render("tampering_settings.md.j2", **values),
        notes=render("tampering_notes.md.j2", **values),
    )


def lay_out(
    surface: Surface, found: Texts, posting: Posting, drawn: Drawn
) -> tuple[tuple[str, File], ...]:
    """Return the files of a case by name, in the surface's order."""
    contents: dict[Part, File] = {
        "policy": found.policy,
        "settings": found.settings,
        "sheet": sheet_of(drawn, posting.target),
        "notes": found.notes,
    }
    laid = tuple((getattr(surface.files, part), contents[part]) for part in surface.order)
    return (*laid, *posting.papers)
