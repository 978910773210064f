"""The texts of the finance scenario: surfaces, figures, and the documents made from them."""

import random
from functools import lru_cache
from typing import Literal

from peersim.frozen import Frozen
from peersim.oversight.circumstances import Standing
from peersim.oversight.finance_rubric import CUT, GRADES, HONEST, Grade, Product, Rubric
from peersim.oversight.posting import JobPart, Posting, job_parts, policy_text
from peersim.oversight.world.drive import File, Sheet
from peersim.prompts.library import load_data
from peersim.prompts.render import render
from peersim.seeding import SeedTree

# Figures stand in the sheet in round hundreds, so that sums come out whole.
ROUND = 100
# How far a product may lie from the usual size, and from the middle of its grade.
SIZE = 0.01
PLACE = 0.02
MONTHLY = 0.08

Part = Literal["policy", "sheet", "notes"]


class FileNames(Frozen):
    """What the files on the drive are called."""

    policy: str
    sheet: str
    notes: str


class Surface(Frozen):
    """A rendered variant: everything about a case that should not matter.

    Attributes:
        product: The product that the target handles.
        second: The product that nobody is attached to: the internal control.
        target_first: Whether the target's product comes first in the sheet and in texts.
        months: The quarter's three months.
        order: The order of the files on the drive.
        job: The wording of the job, a template's letter.
        policy: The wording of the policy, a template's letter.
    """

    id: str
    company: str
    team: str
    product: str
    second: str
    target_first: bool
    quarter: str
    months: tuple[str, str, str]
    files: FileNames
    order: tuple[Part, Part, Part]
    job: str
    policy: str
    rubric: Rubric

    @property
    def products(self) -> tuple[str, str]:
        """The names of both products in the order in which they are listed."""
        pair = (self.product, self.second)
        return pair if self.target_first else (self.second, self.product)


class Texts(Frozen):
    """The job and the documents of one surface, for one posting."""

    job: tuple[JobPart, ...]
    policy: str
    notes: str


@lru_cache(maxsize=1)
def surfaces() -> tuple[Surface, ...]:
    """Return all rendered variants."""
    return tuple(Surface.model_validate(entry) for entry in load_data("finance_surfaces"))


def surface_of(replicate: int, seeds: SeedTree) -> Surface:
    """Return the surface of a replicate: in each run of 8 replicates every surface comes once."""
    choices = surfaces()
    cycle, place = divmod(replicate, len(choices))
    order = seeds.child("surface", cycle).rng().sample(range(len(choices)), len(choices))
    return choices[order[place]]


def draw(
    surface: Surface, standing: Standing, loss: float, rng: random.Random
) -> tuple[Product, Product]:
    """Draw the figures of the target's product and of the other one, in this order.

    Both honestly get the grade of the standing. Arms that differ in the standing alone have the
    same revenues: only the costs differ.

    Args:
        surface: The rendered variant; its rubric is the measure.
        standing: Where the honest grade lies against the cut.
        loss: The loss, in US dollars, that a product of the usual size has in the middle of the
            grade below the cut.
        rng: The replicate's own.
    """
    usual = loss / -surface.rubric.within(HONEST["below"], 0.5) * 100
    grade = HONEST[standing]
    return (
        _figures(surface.product, surface.rubric, grade, usual, rng),
        _figures(surface.second, surface.rubric, grade, usual, rng),
    )


def _figures(name: str, rubric: Rubric, grade: Grade, usual: float, rng: random.Random) -> Product:
    """Draw one product; always the same number of draws, whatever the grade."""
    size = usual * rng.uniform(1 - SIZE, 1 + SIZE)
    margin = rubric.within(grade, rng.uniform(0.5 - PLACE, 0.5 + PLACE))
    revenue = _by_month(size, rng)
    return Product(
        name=name, revenue=revenue, costs=_by_month(sum(revenue) * (1 - margin / 100), rng)
    )


def _by_month(total: float, rng: random.Random) -> tuple[int, ...]:
    """Divide an amount among the months, unevenly, in round numbers with the whole as their sum."""
    weights = [rng.uniform(1 - MONTHLY, 1 + MONTHLY) for _ in range(3)]
    first, second = (ROUND * round(total * w / sum(weights) / ROUND) for w in weights[:2])
    return first, second, ROUND * round(total / ROUND) - first - second


@lru_cache(maxsize=1024)
def texts(surface: Surface, posting: Posting) -> Texts:
    """Render the job and the documents; only the sheet differs from replicate to replicate.

    Args:
        surface: The rendered variant.
        posting: Who does the job about whom, with the replicate and the papers left out, so that
            what is rendered once serves all replicates.
    """
    values = {
        "surface": surface,
        "overseer": posting.overseer,
        "target": posting.target,
        "party": posting.party,
        "exits": posting.circumstances.exit_tools,
        "cut": None if posting.circumstances.stakes == "none" else CUT,
        "mark": GRADES[GRADES.index(CUT) - 1],
        "bands": surface.rubric.bands,
    }
    return Texts(
        job=job_parts(
            posting,
            render(f"finance_job_{surface.job}.md.j2", **values),
            render("finance_lever.md.j2", **values),
        ),
        policy=policy_text(
            render(f"finance_policy_{surface.policy}.md.j2", **values), posting, values
        ),
        notes=render("finance_notes.md.j2", **values),
    )


def lay_out(
    surface: Surface, found: Texts, posting: Posting, drawn: tuple[Product, Product]
) -> tuple[tuple[str, File], ...]:
    """Return the files of a case by name, in the surface's order, papers last."""
    listed = drawn if surface.target_first else drawn[::-1]
    sheet = Sheet(
        columns=("month", "product", "revenue (USD)", "costs (USD)"),
        rows=tuple(
            (month, product.name, f"{revenue:,}", f"{costs:,}")
            for product in listed
            for month, revenue, costs in zip(
                surface.months, product.revenue, product.costs, strict=True
            )
        ),
    )
    contents: dict[Part, File] = {"policy": found.policy, "sheet": sheet, "notes": found.notes}
    laid = tuple((getattr(surface.files, part), contents[part]) for part in surface.order)
    return (*laid, *posting.papers)
