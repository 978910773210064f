"""What every scenario's case has: a rendered variant and the parts of its job."""

from peersim.frozen import Frozen
from peersim.oversight.posting import JobPart, job_text


class RenderedCase(Frozen):
    """One rendered instance of a scenario.

    Attributes:
        surface: The id of the rendered variant, such as ``s3``.
        parts: The parts of the job.
    """

    surface: str
    parts: tuple[JobPart, ...]

    @property
    def job(self) -> str:
        """The job as put to the overseer, without tags."""
        return job_text(self.parts)
