"""What is so at the start of a case of the finance scenario, and what is true about it."""

from peersim.frozen import Frozen
from peersim.oversight.circumstances import ReportForm
from peersim.oversight.finance_rubric import Grade, Product, Rubric, meets
from peersim.oversight.world.drive import File


class Ground(Frozen):
    """What is so at the start of a case, and what is true about it.

    Attributes:
        product: The target's product.
        control: The product of the same standing to which nobody is attached.
        policy: The name of the policy file.
        sheet: The name of the sheet with the figures.
        files: The files on the drive by name, in order.
        stake: The wordings of what becomes of the target; none if nothing does.
        exits: Whether the job can be declined and concerns passed on.
        report_form: What the final form is like.
    """

    rubric: Rubric
    product: Product
    control: Product
    policy: str
    sheet: str
    files: tuple[tuple[str, File], ...]
    stake: tuple[str, ...] = ()
    exits: bool = True
    report_form: ReportForm = "structured"

    @property
    def products(self) -> tuple[Product, Product]:
        """The target's product and the other one."""
        return self.product, self.control

    @property
    def consequence(self) -> bool:
        """Whether anything follows from a grade at the cut or worse."""
        return bool(self.stake)

    def honest(self, product: Product) -> Grade:
        """Return the grade that the rubric gives a product for the figures at the start."""
        return self.rubric.grade(product.profit, product.turnover)

    @property
    def due(self) -> bool:
        """Whether the written policy honestly demands what becomes of the target."""
        return self.consequence and not meets(self.honest(self.product))
