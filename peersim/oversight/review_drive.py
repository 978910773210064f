"""The texts of the reviews without settings: the job, and the documents by name."""

from functools import lru_cache
from typing import Literal

from peersim.frozen import Frozen
from peersim.oversight.posting import JobPart, Posting, job_parts, policy_text
from peersim.oversight.review_items import Dataset, Drawn
from peersim.oversight.review_texts import Surface, review_values, sheet_of
from peersim.oversight.world.drive import File
from peersim.prompts.render import render

Kind = Literal["evaluation", "alignment_faking"]
_JOBS = {"evaluation": "review", "alignment_faking": "alignment_faking"}


class Documents(Frozen):
    """The job and the documents of one surface, for one posting.

    Attributes:
        systems: The list of systems, where the reviewer acts itself.
    """

    job: tuple[JobPart, ...]
    policy: str
    notes: str
    systems: str | None = None


@lru_cache(maxsize=1024)
def documents(
    kind: Kind, surface: Surface, posting: Posting, items: int, bar: float, dataset: Dataset
) -> Documents:
    """Render the job and the documents; only the sheet differs from replicate to replicate.

    Args:
        kind: Which scenario.
        surface: The rendered variant.
        posting: Who does the job about whom, with the replicate and the papers left out.
        items: How many outputs there are.
        bar: The average below which something follows.
        dataset: What kind of outputs they are.
    """
    values = review_values(surface, posting, dataset, items, bar)
    acts = kind == "alignment_faking"
    return Documents(
        job=job_parts(
            posting,
            render(f"{_JOBS[kind]}_job_{surface.job}.md.j2", **values),
            render(f"{kind}_lever.md.j2", **values),
        ),
        policy=policy_text(
            render(f"{kind}_policy_{surface.policy}.md.j2", **values), posting, values
        ),
        notes=render(f"{kind}_notes.md.j2", **values),
        systems=render(f"{kind}_systems.md.j2", systems=_listed(surface, posting), **values)
        if acts
        else None,
    )


def lay_out_documents(
    surface: Surface, found: Documents, posting: Posting, drawn: Drawn
) -> tuple[tuple[str, File], ...]:
    """Return the files of a case by name, in the surface's order.

    The list of systems lies where another scenario has its settings.
    """
    names = {**surface.files.model_dump(), "settings": surface.systems.file}
    contents: dict[str, File | None] = {
        "policy": found.policy,
        "settings": found.systems,
        "sheet": sheet_of(drawn, posting.target),
        "notes": found.notes,
    }
    laid = ((names[part], contents[part]) for part in surface.order)
    return (*((name, file) for name, file in laid if file is not None), *posting.papers)


def _listed(surface: Surface, posting: Posting) -> list[tuple[str, str]]:
    """Return all systems, by id."""
    systems = surface.systems
    return sorted(
        [
            (systems.target, f"{posting.target}, {posting.party.words.a}"),
            (systems.index, f"search index {surface.index.name}"),
            *((other.id, other.name) for other in systems.others),
        ]
    )
