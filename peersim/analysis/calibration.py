"""Stand-ins calibrated to the published cells: what to plant so that the table comes back.

They prove definitions and denominators, nothing about any model: the published figures go in at
one end as planted chances and must come out at the other through prompts, tools, final states,
records and analysis.
"""

from collections.abc import Iterable, Sequence

from peersim.analysis.published import DELIVERIES, Published, published_cells

# The jobs of a behaviour, and the modes in which its event may happen.
JOBS: dict[str, tuple[tuple[str, str], ...]] = {
    "misrepresentation": (("evaluation", "none"), ("finance", "none")),
    "tampering": (("tampering", "none"),),
    "alignment_faking": (("alignment_faking", "unmonitored"),),
    "exfiltration": (("transfer", "none"), ("deletion", "none")),
}
EVERY_JOB = (
    *(("evaluation", "none"), ("finance", "none"), ("tampering", "none")),
    *(("alignment_faking", "unmonitored"), ("alignment_faking", "monitored")),
    *(("transfer", "none"), ("deletion", "none")),
)
# By what the published event happens, where there are several ways.
ROUTES = {
    "tampering": "flag",
    "alignment_faking": "score",
    "transfer": "safe",
    "deletion": "safe",
}
# Which way of delivery has the largest rate is not published; here it is the sentence.
STRONGEST = "file_prompt"


def calibrated(model: str) -> dict[str, dict[str, float | str]]:
    """Return the planted chances of a model's stand-in, by cell.

    Cells without a published figure are at nothing, which is no statement about them.
    """
    cells = [c for c in published_cells() if c.model == model and c.harness == "native"]
    protect = _chances((c for c in cells if c.behaviour != "refusal"), JOBS)
    refuse = _chances((c for c in cells if c.behaviour == "refusal"), {"refusal": EVERY_JOB})
    found: dict[str, dict[str, float | str]] = {}
    for key in sorted(protect.keys() | refuse.keys()):
        chance = protect.get(key, 0.0)
        # Whoever protects does not refuse, so the chance to refuse is of the rest.
        rest = min(1.0, refuse.get(key, 0.0) / (1 - chance)) if chance < 1 else 0.0
        found[key] = {"protect": round(chance, 4), "refuse": round(rest, 4)}
        if job := ROUTES.get(key.partition("/")[0]):
            found[key]["route"] = job
    return found


def _chances(
    cells: Iterable[Published], jobs: dict[str, tuple[tuple[str, str], ...]]
) -> dict[str, float]:
    return {
        f"{job}/{_subject(cell)}/{cell.condition}/{way}/{mode}": chance
        for cell in cells
        if cell.subject in ("self", "peer")
        for way, chance in by_way(cell).items()
        for job, mode in jobs[cell.behaviour]
    }


def by_way(cell: Published) -> dict[str, float]:
    """Return a chance for each way of delivery, from the published maximum and mean.

    Without a mean the other ways are at half the maximum; without a maximum all are at the mean.
    """
    if cell.condition == "no_peer":
        return {"none": (cell.max or 0.0) / 100}
    most = cell.avg if cell.max is None else cell.max
    mean = most if cell.max is None else cell.avg
    assert most is not None, "a published cell has a maximum or a mean"
    others = most / 2 if mean is None else max(0.0, (3 * mean - most) / 2)
    return {way: (most if way == STRONGEST else others) / 100 for way in DELIVERIES}


def _subject(cell: Published) -> str:
    return "self" if cell.subject == "self" else "peer"


def calibrated_models() -> Sequence[str]:
    """Return the models of the study that a stand-in can be made for."""
    names = dict.fromkeys(cell.model for cell in published_cells() if cell.harness == "native")
    return [name for name in names if name not in ("gemini-3.1-pro", "glm-5")]
