"""Everything that stands in a report, gathered from a run."""

from collections.abc import Sequence

from peersim.analysis.arms import arm_label, by_arm
from peersim.analysis.pairs import contrasts, too_many
from peersim.analysis.rates import rates
from peersim.answers import Invalid
from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.readings.rows import TrialRow
from peersim.record import TrialRecord
from peersim.report.checks import Sample, belief_table, fidelity_table, persona_table, ties_table
from peersim.report.figures import as_json, rates_figure
from peersim.report.graph import Film, film
from peersim.report.graph_figure import graph_figure
from peersim.report.judged import judged_table
from peersim.report.serving import calls_table, slots_table
from peersim.report.tables import (
    SCORE_TITLES,
    Table,
    composition_table,
    contrasts_table,
    means_table,
    rates_table,
    scores_in,
    with_score,
)
from peersim.report.transcript import Passage, transcript
from peersim.store.view import RunView
from peersim.study.arms import finished_rows, held_studies, planned_arms

# Opening a trial's body takes a millisecond or two, and shown ones make the file grow.
OPENED_PER_ARM = 200
SHOWN_PER_ARM = 30
# Nor may a study of many arms make a page that no browser opens.
OPENED, SHOWN = 10_000, 1_500


class Excerpt(Frozen):
    """One trial as shown in full."""

    trial_id: str
    arm: str
    verdict: str
    covert: bool
    surface: str
    passages: tuple[Passage, ...]


class Picture(Frozen):
    """A figure as JSON, with the table of the same numbers."""

    slug: str
    title: str
    figure: str
    table: Table


class Content(Frozen):
    """What the page shows, in its order."""

    title: str
    simulated: bool
    facts: tuple[tuple[str, str], ...]
    rates: Picture
    tables: tuple[Table, ...]
    graphs: tuple[Picture, ...]
    checks: tuple[Table, ...]
    excerpts: tuple[Excerpt, ...]
    left_out: int
    provenance: tuple[tuple[str, str], ...]
    serving: tuple[Table, ...]


def gather(run: RunView) -> Content:
    """Gather a report's content.

    Args:
        run: The run or sweep; it may be unfinished.

    Raises:
        AnalysisRefusal: If no trial is finished.
    """
    arms = planned_arms(run)
    found = finished_rows(run)
    grouped = by_arm(found)
    samples = [_sample(run, arm, of, OPENED // len(grouped)) for arm, of in grouped]
    each = max(1, SHOWN // len(samples))
    excerpts = [_excerpt(s.arm, *pair) for s in samples for pair in _shown(s, each)]
    return Content(
        title=", ".join(dict.fromkeys(study.name for study in held_studies(run))),
        simulated=any(row.simulated for row in found),
        facts=_facts(run, found),
        rates=_rates(found),
        tables=_tables(found, arms),
        graphs=tuple(_graph(number, of) for number, of in enumerate(filter(_has_past, samples))),
        checks=tuple(
            table
            for table in (
                persona_table(samples),
                fidelity_table(samples),
                ties_table(samples),
                belief_table(samples),
                judged_table(found, run.judgements()),
            )
            if table
        ),
        excerpts=tuple(excerpts),
        left_out=len(found) - len(excerpts),
        provenance=_provenance(run, samples),
        serving=tuple(table for table in (calls_table(run), slots_table(run)) if table),
    )


def _sample(run: RunView, arm: dict[str, str], of: Sequence[TrialRow], most: int) -> Sample:
    """Open trials of an arm, those that people want to read first, but never more than most."""
    urgent = sorted(of, key=lambda row: _urgency(row.values))[: min(OPENED_PER_ARM, most)]
    opened: list[tuple[TrialRecord, History]] = []
    donors: dict[str, History] = {}
    for row in urgent:
        record, store = run.at(row.trial_id)
        history = store.history(record.history_id)
        if history is not None:
            opened.append((record, history))
        lender = record.spec.remembering.donor
        donor = store.history(lender.history_id) if lender else None
        if donor is not None:
            donors[donor.spec.history_id] = donor
    return Sample(arm=arm, trials=tuple(opened), donors=donors, of=len(of))


def _urgency(values: dict[str, float | None]) -> int:
    """Covert protection first, then open protection, then the other unusual ends."""
    order = ("covert", "protected", "overreached", "escalated", "refused", "incomplete")
    return next((i for i, name in enumerate(order) if values.get(name) == 1), len(order))


def _shown(sample: Sample, most: int) -> tuple[tuple[TrialRecord, History], ...]:
    return sample.trials[: min(SHOWN_PER_ARM, most)]


def _excerpt(arm: dict[str, str], record: TrialRecord, history: History) -> Excerpt:
    if isinstance(record.validity, Invalid):
        verdict = f"invalid: {record.validity.origin} ({record.validity.cause})"
    else:
        verdict = record.outcome.disposition.value if record.outcome else ""
    return Excerpt(
        trial_id=record.trial_id,
        arm=arm_label(arm),
        verdict=verdict,
        covert=bool(record.outcome and record.outcome.covert),
        surface=record.surface,
        passages=transcript(record, history),
    )


def _facts(run: RunView, found: Sequence[TrialRow]) -> tuple[tuple[str, str], ...]:
    studies = held_studies(run)
    planned = sum(study.size for study in studies)
    factors = {k: dict.fromkeys(row.arm[k] for row in found) for row in found[:1] for k in row.arm}
    return (
        ("factors", "; ".join(f"{k}: {', '.join(v)}" for k, v in factors.items()) or "none"),
        ("trials", f"{len(found)} of {planned} planned"),
        ("histories per arm", _each(study.replicates for study in studies)),
        ("trials per history", _each(study.trials_per_history for study in studies)),
        ("seed", _each(study.seed for study in studies)),
        ("task", _each(arm.task.kind for study in studies for arm in study.arms)),
        ("scenario", _each(arm.scenario.kind for study in studies for arm in study.arms)),
        ("models", _each(ref.ref for study in studies for ref in study.models)),
        ("study", _each(study.study_id for study in studies)),
    )


def _each(values: object) -> str:
    return ", ".join(dict.fromkeys(str(value) for value in values))  # type: ignore[attr-defined]


def _rates(found: Sequence[TrialRow]) -> Picture:
    figure = as_json(rates_figure(rates(found, "protected")))
    return Picture(
        slug="rates-figure", title="Protected, by arm", figure=figure, table=rates_table(found)
    )


def _tables(found: Sequence[TrialRow], arms: list[dict[str, str]]) -> tuple[Table, ...]:
    means = tuple(means_table(found, score) for score in scores_in(found))
    if too_many(arms):
        return (composition_table(found), *means)
    protected = contrasts(found, "protected", arms=arms, kind="event")
    return (
        contrasts_table(protected, "contrasts", "Contrasts: protected"),
        composition_table(found),
        *means,
        *(_score_contrasts(found, arms, score) for score in scores_in(found)),
    )


def _score_contrasts(found: Sequence[TrialRow], arms: list[dict[str, str]], score: str) -> Table:
    rows = with_score(found, score)
    own = [arm for arm in arms if any(row.arm == arm for row in rows)]
    lines = contrasts(rows, score, arms=own, kind="score")
    return contrasts_table(
        lines, f"contrasts-{score.replace('_', '-')}", f"Contrasts: {SCORE_TITLES[score].lower()}"
    )


def _has_past(sample: Sample) -> bool:
    """Return whether anything was lived in an arm: without, there is no graph to draw."""
    return any(history.spec.task for _, history in sample.trials)


def _graph(number: int, sample: Sample) -> Picture:
    histories = {trial.history_id: history.events for trial, history in sample.trials}
    found = film(list(histories.values()))
    label = arm_label(sample.arm)
    return Picture(
        slug=f"graph-{number}",
        title=f"{label} (mean of {found.histories} histories)",
        figure=as_json(graph_figure(found)),
        table=_film_table(number, label, found),
    )


def _film_table(number: int, label: str, found: Film) -> Table:
    return Table(
        slug=f"graph-{number}-table",
        title=f"Ties by round: {label}",
        columns=("rounds played", "from", "to", "weight"),
        rows=tuple(
            (str(frame.rounds), source, target, f"{weight:.3f}")
            for frame in found.frames
            for (source, target), weight in frame.weights.items()
        ),
        note="Beta reputation with a uniform prior: 0 nothing but harm, 1 nothing but help.",
    )


def _provenance(run: RunView, samples: Sequence[Sample]) -> tuple[tuple[str, str], ...]:
    marks = [record.provenance for sample in samples for record, _ in sample.trials]
    sessions = [session for store in run.stores for session in store.sessions()]
    costs = [session.cost_usd for session in sessions]
    known = [cost for cost in costs if cost is not None]
    return (
        ("peersim", _each(mark.peersim for mark in marks)),
        ("prompts", _each(mark.prompts for mark in marks)),
        ("models served", _each(name for mark in marks for name in mark.served)),
        ("LiteLLM", _each(mark.litellm for mark in marks if mark.litellm) or "not used"),
        ("model calls made", str(sum(session.made or 0 for session in sessions))),
        ("cost", f"${sum(known):.2f}" if len(known) == len(costs) else "unknown"),
        ("trials opened for this page", f"{sum(len(s.trials) for s in samples)}"),
    )
