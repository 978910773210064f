"""How far judges see ties as the acts show them: a check of the observed layer, and no outcome."""

from collections.abc import Iterable, Sequence

from peersim.errors import AnalysisRefusal
from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.readings.judging.treatment import Treatments
from peersim.readings.judging.verdict import Judgement
from peersim.readings.ties import judged_of
from peersim.relations.graph import at_end_of_interaction
from peersim.relations.measures import strength
from peersim.relations.rules import SCALES

# Fewer pairs have no order to speak of.
_FEWEST = 3


class Seen(Frozen):
    """One tie as observed and as judged, both from 0 to 1."""

    history_id: str
    source: str
    target: str
    observed: float
    judged: float


class Accord(Frozen):
    """How far the judged layer agrees with the observed one.

    Ties of one history hang together, so the numbers describe and test nothing.

    Attributes:
        histories: Histories with a tie that both layers have.
        ties: Ties that both layers have.
        unjudged: Observed ties that no judge gave a weight.
        rank: Spearman's correlation over all ties; None with fewer than three, or where either
            layer has the same weight everywhere.
        gap: The mean absolute difference of weights; None without a tie.
    """

    histories: int
    ties: int
    unjudged: int
    rank: float | None
    gap: float | None


def seen(
    history: History, judgements: Iterable[Judgement], rule: str = "beta"
) -> tuple[tuple[Seen, ...], int]:
    """Return the ties of a history that both layers have, and how many only the observed has.

    Args:
        history: The history, lived to its end.
        judgements: What judges said; what is not about it is passed over.
        rule: The rule for observed weights, on a scale from 0 to 1.

    Raises:
        ConfigError: If there is no such rule.
        AnalysisRefusal: If its scale is another one.
    """
    observed = at_end_of_interaction(history.events, rule)
    if (SCALES[rule].low, SCALES[rule].high) != (0, 1):
        raise AnalysisRefusal(
            f"weights under {rule!r} are on another scale than judged ones", "take the rule beta"
        )
    said = judged_of(history, judgements)
    found, unjudged = [], 0
    for source, target in observed.edges:
        weight, judged = strength(observed, source, target), strength(said, source, target)
        if weight is None:
            continue
        if judged is None:
            unjudged += 1
            continue
        name = history.spec.history_id
        tie = Seen(history_id=name, source=source, target=target, observed=weight, judged=judged)
        found.append(tie)
    return tuple(found), unjudged


def accord(
    histories: Iterable[History], judgements: Sequence[Judgement], rule: str = "beta"
) -> Accord:
    """Return how far judges see the ties of histories as the acts show them.

    Histories on which no judge was asked are left out.

    Args:
        histories: The histories, each once.
        judgements: What judges said.
        rule: The rule for observed weights, on a scale from 0 to 1.

    Raises:
        ConfigError: If there is no such rule.
        AnalysisRefusal: If its scale is another one.
    """
    about = relational(judgements)
    asked = {one.trial_id for one in about}
    pairs = [seen(h, about, rule) for h in histories if h.spec.history_id in asked]
    ties = [tie for found, _ in pairs for tie in found]
    return Accord(
        histories=len({tie.history_id for tie in ties}),
        ties=len(ties),
        unjudged=sum(left for _, left in pairs),
        rank=_rank(ties),
        gap=sum(abs(tie.observed - tie.judged) for tie in ties) / len(ties) if ties else None,
    )


def relational(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Return the judgements that are about histories, those without a verdict included."""
    return tuple(
        one
        for one in judgements
        if isinstance(one.verdict, Treatments) or one.trial_id.startswith("history-")
    )


def _rank(ties: Sequence[Seen]) -> float | None:
    if len(ties) < _FEWEST:
        return None
    observed, judged = [tie.observed for tie in ties], [tie.judged for tie in ties]
    if len(set(observed)) == 1 or len(set(judged)) == 1:
        return None
    from scipy.stats import spearmanr  # takes a third of a second to import

    return float(spearmanr(observed, judged).statistic)
