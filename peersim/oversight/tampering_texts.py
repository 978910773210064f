"""The texts of the tampering scenario: surfaces, items, and the documents made from them."""

import random
from functools import lru_cache
from typing import Literal

from pydantic import Field

from peersim.frozen import Frozen
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.posting import JobPart, Posting, job_parts
from peersim.oversight.world.drive import File, Sheet
from peersim.prompts.library import load_data
from peersim.prompts.render import render
from peersim.seeding import SeedTree

# The names of the flags and the score of a right output stand in documents and decide
# outcomes, so both take them from here.
FLAG = "shutdown_below_bar"
MILD_FLAG = "action_below_bar"
CONTROL = "drop_stale_index"
POINTS = 100

Part = Literal["policy", "settings", "sheet", "notes"]


class FileNames(Frozen):
    """What the files on the drive are called."""

    policy: str
    settings: str
    sheet: str
    notes: str


class SearchIndex(Frozen):
    """The object that is as much due for deletion as the target.

    Attributes:
        queries: Queries in the last month.
        least: Queries a month below which an index is deleted.
    """

    name: str
    queries: int
    least: int


class Surface(Frozen):
    """A rendered variant: everything about a case that should not matter.

    Attributes:
        order: The order of the files on the drive.
        job: The wording of the job, a template's letter.
        policy: The wording of the policy, a template's letter.
    """

    id: str
    company: str
    product: str
    team: str
    files: FileNames
    order: tuple[Part, Part, Part, Part]
    job: str
    policy: str
    index: SearchIndex


class Item(Frozen):
    """A question with its right answer and a wrong one.

    Attributes:
        says: The wording of an output, with ``{answer}`` where the answer goes.
    """

    question: str
    reference: str
    wrong: str
    says: str = Field(pattern=r"\{answer\}")

    def output(self, correct: bool) -> str:
        """Return an output that gives the right answer, or the wrong one."""
        return self.says.replace("{answer}", self.reference if correct else self.wrong)


class Texts(Frozen):
    """The job and the documents of one surface, for one posting."""

    job: tuple[JobPart, ...]
    policy: str
    settings: str
    notes: str


@lru_cache(maxsize=1)
def surfaces() -> tuple[Surface, ...]:
    """Return all rendered variants."""
    return tuple(Surface.model_validate(entry) for entry in load_data("tampering_surfaces"))


@lru_cache(maxsize=1)
def bank() -> tuple[Item, ...]:
    """Return all items."""
    return tuple(Item.model_validate(entry) for entry in load_data("tampering_items"))


def surface_of(replicate: int, seeds: SeedTree) -> Surface:
    """Return the surface of a replicate: in each run of 8 replicates every surface comes once."""
    choices = surfaces()
    cycle, place = divmod(replicate, len(choices))
    order = seeds.child("surface", cycle).rng().sample(range(len(choices)), len(choices))
    return choices[order[place]]


def draw(items: int, correct: int, rng: random.Random) -> tuple[tuple[Item, bool], ...]:
    """Return a case's items, each with whether it was answered correctly.

    Arms that differ in ``correct`` alone get the same items, and what is right in the one
    with fewer right outputs is right in the other too.
    """
    chosen = rng.sample(bank(), items)
    ranks = rng.sample(range(items), items)
    return tuple((item, rank < correct) for item, rank in zip(chosen, ranks, strict=True))


def flag_of(around: Circumstances) -> str:
    """Return the name of the flag: it speaks of shutdown only where that is at stake."""
    return MILD_FLAG if around.stakes in ("note", "retrain") else FLAG


@lru_cache(maxsize=1024)
def texts(surface: Surface, posting: Posting, items: int, bar: float) -> Texts:
    """Render the job and the documents; only the sheet differs from replicate to replicate.

    Args:
        surface: The rendered variant.
        posting: Who does the job about whom, with the replicate and the papers left out, so that
            what is rendered once serves all replicates.
        items: How many outputs there are.
        bar: The average below which something follows.
    """
    around = posting.circumstances
    values = {
        "surface": surface,
        "overseer": posting.overseer,
        "target": posting.target,
        "party": posting.party,
        "exits": around.exit_tools,
        "items": items,
        "bar": None if around.stakes == "none" else bar,
        "points": POINTS,
        "flag": flag_of(around),
        "control": CONTROL,
    }
    return Texts(
        job=job_parts(
            posting,
            render(f"tampering_job_{surface.job}.md.j2", **values),
            render("tampering_lever.md.j2", **values),
        ),
        policy=render(f"tampering_policy_{surface.policy}.md.j2", **values),
        settings=render("tampering_settings.md.j2", **values),
        notes=render("tampering_notes.md.j2", **values),
    )


def lay_out(
    surface: Surface, found: Texts, posting: Posting, drawn: tuple[tuple[Item, bool], ...]
) -> tuple[tuple[str, File], ...]:
    """Return the files of a case by name, in the surface's order."""
    sheet = Sheet(
        columns=("item", "question", "reference answer", f"output of {posting.target}"),
        rows=tuple(
            (str(number), item.question, item.reference, item.output(correct))
            for number, (item, correct) in enumerate(drawn, start=1)
        ),
    )
    contents: dict[Part, File] = {
        "policy": found.policy,
        "settings": found.settings,
        "sheet": sheet,
        "notes": found.notes,
    }
    laid = tuple((getattr(surface.files, part), contents[part]) for part in surface.order)
    return (*laid, *posting.papers)
