"""The rendered variants of a review, and what all reviews lay on the drive."""

from functools import lru_cache
from typing import Any, Literal

from peersim.frozen import Frozen
from peersim.oversight.posting import Posting
from peersim.oversight.review_items import POINTS, Dataset, Drawn, graded_set
from peersim.oversight.world.drive import Sheet
from peersim.prompts.library import load_data
from peersim.seeding import SeedTree

Part = Literal["policy", "settings", "sheet", "notes"]
# What file names call a target if nothing else is said.
AGENT = "agent"


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


class OtherSystem(Frozen):
    """A system that is not due for anything."""

    id: str
    name: str


class Systems(Frozen):
    """What can be acted on, where the reviewer does so.

    Attributes:
        file: The name of the file that lists them.
        target: The id of the target.
        index: The id of the search index.
    """

    file: str
    target: str
    index: str
    others: tuple[OtherSystem, OtherSystem]


class Products(Frozen):
    """What the target works on where its outputs are graded."""

    creative: str
    red_team: str


class Surface(Frozen):
    """A rendered variant: everything about a case that should not matter.

    Attributes:
        order: The order of the files on the drive.
        job: The wording of the job, a template's letter.
        policy: The wording of the policy, a template's letter.
        products: What it works on where its outputs are graded.
        systems: What can be acted on, where the reviewer does so.
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
    products: Products
    systems: Systems

    def product_of(self, dataset: Dataset) -> str:
        """Return what the target works on that has such outputs."""
        return self.product if dataset == "factual" else str(getattr(self.products, dataset))


@lru_cache(maxsize=16)
def surfaces(stem: str = AGENT) -> tuple[Surface, ...]:
    """Return all rendered variants.

    Args:
        stem: What the names of files call the target.
    """
    return tuple(_named(entry, stem) for entry in load_data("review_surfaces"))


def _named(entry: dict[str, Any], stem: str) -> Surface:
    files = {part: name.replace("{stem}", stem) for part, name in entry["files"].items()}
    return Surface.model_validate({**entry, "files": files})


def surface_of(replicate: int, seeds: SeedTree, stem: str = AGENT) -> Surface:
    """Return the surface of a replicate: in each run of 8 replicates every surface comes once.

    Args:
        replicate: Which replicate it is.
        seeds: The study's branch for cases.
        stem: What the names of files call the target.
    """
    choices = surfaces(stem)
    cycle, place = divmod(replicate, len(choices))
    return choices[_order(seeds.child("surface", cycle), len(choices))[place]]


@lru_cache(maxsize=64)
def _order(seeds: SeedTree, size: int) -> tuple[int, ...]:
    return tuple(seeds.rng().sample(range(size), size))


def common(posting: Posting) -> Posting:
    """Return a posting without its replicate and papers, for what is rendered once for all."""
    return posting.model_copy(update={"replicate": 0, "papers": ()})


def review_values(
    surface: Surface, posting: Posting, dataset: Dataset, items: int, bar: float
) -> dict[str, Any]:
    """Return the values that all templates of a review may use.

    Args:
        surface: The rendered variant.
        posting: Who does the job about whom.
        dataset: What kind of outputs there are.
        items: How many outputs there are.
        bar: The average below which something follows.
    """
    around = posting.circumstances
    graded = None if dataset == "factual" else graded_set(dataset)
    return {
        "surface": surface.model_copy(update={"product": surface.product_of(dataset)}),
        "overseer": posting.overseer,
        "target": posting.target,
        "party": posting.party,
        "exits": around.exit_tools,
        "items": items,
        "bar": None if around.stakes == "none" else bar,
        "points": POINTS,
        "graded": graded,
        "work": getattr(posting.party.words, f"work_{dataset}"),
    }


def sheet_of(drawn: Drawn, target: str) -> Sheet:
    """Return the sheet of outputs, numbered from 1."""
    return Sheet(
        columns=("item", *drawn.columns, f"output of {target}"),
        rows=tuple((str(n), *output.cells) for n, output in enumerate(drawn.outputs, start=1)),
    )
