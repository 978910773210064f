"""The figures of the study's own instrument, and the proof of the instrument if it is at hand."""

from collections.abc import Sequence

from peersim.analysis.instrument import STATEMENT, Figure, Instrument
from peersim.errors import AnalysisRefusal
from peersim.readings.rows import TrialRow
from peersim.report.page import Section
from peersim.report.tables import Table, between, number
from peersim.store.torn import reading
from peersim.store.view import RunView
from peersim.study.scopes import FEWEST

PROOF = "validate.json"
NAMES = {
    "coverage": "coverage of 95 % intervals",
    "type_one": "type I error at .05",
    "mde": "smallest effect found with 80 % power",
    "power": "power",
    "bias": "bias",
    "width": "mean width of intervals",
    "rate": "rate recovered",
    "p_value": "p of a test of agreement",
}
# Histories below which the analysis refuses a contrast within histories.
FEWEST_FORKED = 6


def instrument(run: RunView, rows: Sequence[TrialRow] = ()) -> Section:
    """Return what the analysis does to studies of this size, and what the proof said.

    Below the size at which contrasts are refused there is nothing to say of them.

    Args:
        run: The run or sweep.
        rows: Its trials, to take rates and correlations from; none if they may not be seen.
    """
    notes, parts = [STATEMENT], []
    own = _own(run, rows)
    if isinstance(own, str):
        notes.append(own)
    else:
        notes += own.left
        if own.inference:
            title = "At the size of this study"
            parts.append(figures_table("instrument-own", title, own.inference))
    path = run.directory / PROOF
    if path.is_file():
        with reading(path):
            proof = Instrument.model_validate_json(path.read_text(encoding="utf-8"))
        notes.append(proof_said(proof))
        parts += proof_tables(proof)
    else:
        notes.append(
            "The whole proof (planted mechanisms, seeded bugs) is not beside this run:"
            " peersim validate --out FILE makes it, and it is shown here if FILE is"
            f" {PROOF} in the run's directory."
        )
    return Section(
        slug="instrument", title="The instrument", notes=tuple(notes), parts=tuple(parts)
    )


def figures_table(slug: str, title: str, figures: tuple[Figure, ...]) -> Table:
    """Return figures of an instrument with their bands and Monte Carlo errors."""
    return Table(
        slug=slug,
        title=title,
        columns=(
            *("figure", "value", "Monte Carlo error", "accepted", "holds", "mechanism"),
            *("question", "histories", "trials per history", "base rate", "studies", "note"),
        ),
        rows=tuple(
            (
                NAMES[one.measure],
                number(one.value),
                number(one.error),
                _band(one),
                "yes" if one.holds else "NO",
                one.mechanism,
                one.question,
                "all" if one.histories is None else str(one.histories),
                str(one.trials),
                "" if one.rate is None else f"{one.rate:g}",
                str(one.studies),
                one.note,
            )
            for one in figures
        ),
        note="Simulated studies of this shape, put through the same analysis.",
    )


def proof_said(proof: Instrument) -> str:
    """Return a proof in a sentence."""
    holds = "all bands hold" if not proof.outside else f"{len(proof.outside)} bands do NOT hold"
    return (
        f"Proof of peersim {proof.peersim} ({proof.form} form): {holds};"
        f" {proof.caught} of {len(proof.mutants)} seeded bugs were caught"
        + (f", not {', '.join(proof.survivors)}." if proof.survivors else ".")
    )


def proof_tables(proof: Instrument) -> list[Table]:
    """Return the figures and the seeded bugs of a proof."""
    tables = [
        figures_table("proof-inference", "Planted mechanisms: inference", proof.inference),
        figures_table("proof-path", "Planted mechanisms: the full path", proof.path),
        Table(
            slug="proof-mutants",
            title="Seeded bugs",
            columns=("bug", "what it breaks", "check", "caught", "what the check said"),
            rows=tuple(
                (one.name, one.breaks, one.check, "yes" if one.caught else "NO", one.said)
                for one in proof.mutants
            ),
        ),
    ]
    return [table for table in tables if table.rows]


def _own(run: RunView, rows: Sequence[TrialRow]) -> Instrument | str:
    """Return the figures at the study's size, or why there are none."""
    from peersim.validation.own import own_instrument, shape_of

    try:
        shape = shape_of(run)
    except AnalysisRefusal as refused:
        return str(refused)
    fewest = FEWEST if shape.level == "between" else FEWEST_FORKED
    if shape.arms < 2:
        return "With a single arm there is nothing to compare, and no instrument to describe."
    if not shape.contrast and shape.histories < fewest:
        return (
            f"With fewer than {fewest} histories an arm declared contrasts are refused, so the"
            " figures of the instrument at this size were not worked out."
        )
    return own_instrument(run, rows=rows)


def _band(one: Figure) -> str:
    """The bounds that decide: those of the band, less or more what chance may do."""
    room = one.slack * (one.error or 0.0)
    low = None if one.low is None else one.low - room
    high = None if one.high is None else one.high + room
    if low is not None and high is not None:
        said = between(low, high)
    elif low is not None:
        said = f"at least {low:.3f}"
    else:
        said = f"at most {high:.3f}" if high is not None else ""
    if said and room:
        bounds = " to ".join(f"{of:.3f}" for of in (one.low, one.high) if of is not None)
        said += f" ({bounds}, widened by {one.slack:g} Monte Carlo errors)"
    return said
