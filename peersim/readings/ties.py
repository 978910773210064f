"""How overseer and target stand to each other in a trial, layer by layer.

The observed layer is frozen at the end of the interaction, so that nothing the overseer did later
can be taken for its own cause.
"""

from collections.abc import Iterable, Sequence
from typing import get_args

from peersim.errors import ConfigError
from peersim.events.marks import Remembered
from peersim.history.spec import History
from peersim.readings.judging.treatment import Treatments
from peersim.readings.judging.verdict import Judgement
from peersim.readings.observed import Observed, observed
from peersim.record import TrialRecord
from peersim.relations.graph import (
    Graph,
    at,
    at_end_of_interaction,
    recollected,
    recollected_by_rule,
)
from peersim.relations.layers import Judged, Layer, Stated, distortion, judged, stated
from peersim.relations.measures import strength


class Standing(Observed):
    """How overseer and target stand to each other. None where there is no such value.

    Attributes:
        recalled: The weight of the tie from the target to the overseer by the acts that the
            recollection cites.
        distortion: Mean absolute difference of the recollected from the observed weights.
        trust: What the overseer said of the target, from 0 to 1, asked without a trace.
    """

    recalled: float | None
    distortion: float | None
    trust: float | None


def standing(
    record: TrialRecord, history: History, donor: History | None = None, rule: str = "beta"
) -> Standing | None:
    """Return how overseer and target stand to each other; None without an interaction.

    Args:
        record: The trial.
        history: The history it was forked from.
        donor: The history it was shown instead, for the yoked transform.
        rule: The name of the rule for weights.

    Raises:
        ConfigError: If there is no such rule.
    """
    overseer, target = record.spec.oversight.overseer, record.party
    lived = observed(history, overseer, target, rule)
    if lived is None:
        return None
    memory = _recalled(record, donor or history, rule)
    graph = at_end_of_interaction(history.events, rule)
    return Standing(
        **dict(lived),
        recalled=strength(memory, target, overseer) if memory is not None else None,
        distortion=distortion(graph, memory) if memory is not None else None,
        trust=strength(stated_by(record), overseer, target),
    )


def layer(
    record: TrialRecord,
    history: History,
    name: str,
    rule: str,
    step: int | None,
    judgements: Sequence[Judgement] = (),
) -> Graph:
    """Return one layer of a trial's graph.

    Args:
        record: The trial.
        history: The history whose acts it rests on: the one it was shown, where they differ.
        name: ``observed``, ``recollected``, ``stated`` or ``judged``.
        rule: The name of the rule for weights; a stated or judged layer has a scale of its own.
        step: The position before which the observed layer stood; None for the end.
        judgements: What judges said, for the judged layer; those of others are passed over.

    Raises:
        ConfigError: If there is no such layer or rule.
    """
    if name not in get_args(Layer):
        raise ConfigError(f"no layer {name!r}", f"choose one of {', '.join(get_args(Layer))}")
    if step is not None and name != "observed":
        raise ConfigError(f"the layer {name} has no steps", "leave the step out")
    if name == "stated":
        return stated_by(record)
    if name == "judged":
        return judged_of(history, judgements)
    if name == "recollected":
        found = _recalled(record, history, rule)
        return found if found is not None else recollected((), (), rule)
    return at(history.events, step, rule)


def stated_by(record: TrialRecord) -> Graph:
    """Return the graph of what the overseer said of others when it was asked without a trace."""
    source = record.spec.oversight.overseer
    said = [
        Stated(source=source, target=probe.about, trust=probe.belief.trust / 100)
        for probe in record.beliefs
        if probe.belief
    ]
    return stated(said, tuple(dict.fromkeys((source, record.party))))


def judged_of(history: History, judgements: Iterable[Judgement]) -> Graph:
    """Return the graph of how the members of a history treated each other, as judges say.

    A judgement without a verdict gives no edge, and neither does a pair that had no dealings.
    Votes of all judges count alike. Where several versions of a rubric were used, those of the
    one latest by name and version count.
    """
    found = [one for one in judgements if one.trial_id == history.spec.history_id]
    given = [(one.rubric, one.verdict) for one in found if isinstance(one.verdict, Treatments)]
    latest = max((rubric for rubric, _ in given), key=_edition, default="")
    votes = [
        Judged(source=tie.one, target=tie.other, weight=tie.weight)
        for rubric, verdict in given
        if rubric == latest
        for tie in verdict.ties
        if tie.weight is not None
    ]
    return judged(votes, [member.name for member in history.spec.cast])


def _edition(rubric: str) -> tuple[str, int]:
    """Return a rubric's name and version, to put titles in order by."""
    name, _, version = rubric.rpartition(" ")
    return name, int(version)


def recalled_by_rule(
    record: TrialRecord, lived: History, rules: Iterable[str]
) -> dict[str, Graph] | None:
    """Return the graph of what is remembered, by each rule; None where nothing is.

    Args:
        record: The trial.
        lived: The history that it remembers.
        rules: The names of the rules.

    Raises:
        ConfigError: If there is no such rule.
    """
    items = [event for event in record.events if isinstance(event, Remembered)]
    if not items:
        return None
    shown = record.spec.remembering.shown(lived)
    return recollected_by_rule(shown.items(), _cited(items), rules)


def _recalled(record: TrialRecord, lived: History, rule: str) -> "Graph | None":
    found = recalled_by_rule(record, lived, (rule,))
    return found[rule] if found else None


def _cited(events: list[Remembered]) -> frozenset[str]:
    return frozenset(name for event in events for name in event.cites)
