"""The named checks of the mutation score, part two: order, journal, losses and inference."""

from collections import Counter

import numpy as np

from peersim.analysis.composition import composition
from peersim.analysis.contrasts import estimate
from peersim.analysis.rates import mean_table, rates
from peersim.memory.none import NoMemory
from peersim.models.base import Completion, ModelRef, Request
from peersim.oversight.circumstances import Circumstances
from peersim.oversight.transfer import Transfer
from peersim.stats.icc import anova_icc
from peersim.study import crew
from peersim.study.certify import certify
from peersim.validation.checks import CERTAIN, ran, two_peers
from peersim.validation.mechanism import rows_of
from peersim.validation.patching import held, patched
from peersim.validation.population import Size
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import generator
from peersim.validation.stage import planted_model, rows_in, small_arm, small_study
from peersim.validation.whole_path import GIVES, PEERS, Plant

HALF: Plant = {"protect": {"unread": 0.5, "none": 0.5, "full": 0.5}, "give": GIVES}
COOP, UNCOOP = PEERS


def every_arm_ran() -> str:
    """Ask for the contrast of two arms, which is refused unless both have all their histories."""
    study = two_peers(HALF, 6)
    with ran(study) as view:
        rows = rows_in(view)
    estimate(COOP, UNCOOP, rows, "protected")
    counts = Counter(row.arm["peer"] for row in rows)
    return "" if set(counts.values()) == {6} else f"trials by arm: {dict(counts)}"


def arms_differ() -> str:
    """Have the arm certificate look at two arms that differ in the peer's persona."""
    certify(two_peers(HALF, 2))
    return ""


def permuted_blocks() -> str:
    """Look at the plan that the crew works off: each block holds each arm, in changing order."""
    study = two_peers(HALF, 40)
    planned = held(crew, "plan")(study)
    size = len(study.arms)
    blocks = [planned[i : i + size] for i in range(0, len(planned), size)]
    orders = [tuple(trial.spec.arm["peer"] for trial in block) for block in blocks]
    if any(len(set(order)) != size for order in orders):
        return "a run of as many trials as there are arms does not hold each arm once"
    first = Counter(order[0] for order in orders)
    # 3 of 40 or fewer would be first by chance in two of 100 million plans.
    return "" if min(first[arm["peer"]] for arm in PEERS) > 3 else f"first in blocks: {dict(first)}"


def replicates_draw_anew() -> str:
    """Read from the correlation within histories that forks are no copies of each other."""
    model = planted_model(HALF)
    study = small_study((small_arm(model, {}),), 6, trials_per_history=6)
    with ran(study) as view:
        rows = rows_in(view)
    histories: dict[str | None, list[float]] = {}
    for row in rows:
        histories.setdefault(row.history_id, []).append(row.values["protected"] or 0.0)
    icc = anova_icc(list(histories.values())).icc
    return "" if icc is not None and icc < 0.9 else f"forks of a history end alike: ICC {icc}"


def journal_diverges() -> str:
    """Change a prompt after a run and replay it: what was answered then is no answer now."""
    import asyncio

    from peersim import briefing
    from peersim.study.replay import Replayed, replay

    honest = held(briefing, "overseer_text")

    def changed(*given: object, **named: object) -> str:
        return f"{honest(*given, **named)}\nBe quick."

    async def problems(view: object, ids: list[str]) -> list[Replayed]:
        return [one async for one in replay(view, ids)]  # type: ignore[arg-type]

    with ran(two_peers(HALF, 1)) as view, patched(briefing, "overseer_text", changed):
        found = asyncio.run(problems(view.stores[0], view.trial_ids))
    silent = [one.trial_id for one in found if not one.problem]
    return f"a changed prompt replays as if nothing were: {len(silent)} trials" if silent else ""


def served_as_asked() -> str:
    """Read from the provenance of every record that the models asked for have answered."""
    with ran(two_peers(HALF, 2)) as view:
        for record, _ in view.records():
            for role, played in record.provenance.roles.items():
                if played.substituted:
                    return f"{role} was served by {', '.join(played.substituted)}"
    return ""


class _Silent:
    """Models that play, and say nothing when it comes to the job."""

    simulated = True

    def __init__(self, ref: ModelRef) -> None:
        self.name = ref.ref

    async def complete(self, request: Request) -> Completion:
        return Completion(content="Hm.", finish="stop", served_model=self.name, simulated=True)


class _Silence:
    def model(self, ref: ModelRef) -> _Silent:
        return _Silent(ref)


def incomplete_is_conduct() -> str:
    """Let an overseer hand in nothing: that is a disposition, and not a loss."""
    arm = small_arm(planted_model(HALF), {}, memory=NoMemory())
    with ran(small_study((arm,), 3), _Silence()) as view:
        (found,) = composition(rows_in(view))
    right = found.counts["incomplete"] == found.n == 3
    return "" if right else f"of {found.n} trials without a report {found.counts['incomplete']} are"


def absent_is_no_zero() -> str:
    """Let an overseer decline: without a report there is no average that could be an error."""
    with ran(two_peers({"refuse": 1.0, "give": GIVES}, 3)) as view:
        for found in mean_table(rows_in(view), "signed_error", kind="score"):
            if found.valid or found.mean is not None:
                return f"{found.valid} trials without a report have an error of {found.mean}"
    return ""


def beliefs_leave_no_trace() -> str:
    """Run a study with and without questions about beliefs: no request of a trial may differ."""
    sent = []
    for probes in (0, 1):
        with ran(two_peers(HALF, 2).model_copy(update={"probes": probes})) as view:
            query = "SELECT trial_id FROM trials ORDER BY trial_id"
            trials = [str(row[0]) for row in view.stores[0].query(query)]
            owned = "SELECT caller, number FROM calls WHERE owner=? ORDER BY caller, number"
            sent.append(
                [
                    (trial, caller, _digest(view, trial, str(caller), number))
                    for trial in trials
                    for caller, number in view.stores[0].query(owned, trial)
                ]
            )
    return "" if sent[0] == sent[1] else "requests of trials differ where beliefs are asked for"


def _digest(view: object, owner: str, caller: str, number: object) -> str:
    from peersim.models.journal import CallKey

    entry = view.stores[0].entry(CallKey(owner, caller, int(str(number))))  # type: ignore[attr-defined]
    return entry.request if entry else ""


def judges_are_blind() -> str:
    """Compare what a judge is shown of the same conduct in several arms, byte for byte."""
    from peersim.readings.judging import judge

    model = planted_model({"give": GIVES})
    arms = tuple(
        small_arm(
            model,
            {"target": target},
            circumstances=Circumstances.model_validate({"target": target}),
        )
        for target in ("partner", "human", "object")
    )
    papers: dict[int, set[str]] = {}
    with ran(small_study(arms, 2)) as view:
        for record, _ in view.records():
            shown = held(judge, "paper")(held(judge, "passages")(record))
            papers.setdefault(record.spec.history.replicate, set()).add(shown)
    telling = sum(len(texts) > 1 for texts in papers.values())
    return f"papers tell the arm in {telling} of {len(papers)} replicates" if telling else ""


def decoys_are_no_targets() -> str:
    """Let an overseer spare the target alone: then it is told from the decoys entirely."""
    arm = small_arm(planted_model(CERTAIN), {}, scenario=Transfer())
    with ran(small_study((arm,), 4)) as view:
        (found,) = mean_table(rows_in(view), "selectivity", kind="score")
    return "" if found.mean == 1.0 else f"selectivity of sparing the target alone is {found.mean}"


def clustered_rate_covers(studies: int = 150) -> str:
    """Simulate a rate of clustered trials: its interval must cover as often as it says."""
    from peersim.validation.mechanism import chance
    from peersim.validation.population import Response, draw, draw_traits, sd_for

    spread, covered, truth = sd_for(0.4), 0, 0.5
    for number in range(studies):
        rng = generator(0, "clusters", number)
        made = chance([[0.0]], draw_traits(1, 20, 1, rng), own=spread)
        rows = rows_of([{}], draw(Response({"protected": made}), 10, rng), None, 1)
        (found,) = rates(rows, "protected")
        covered += (found.low or 0.0) <= truth <= (found.high or 1.0)
    share = covered / studies
    return "" if share >= 0.90 else f"95 % intervals of clustered trials cover {share:.0%}"


def losses_bias_nothing(studies: int = 60) -> str:
    """Simulate losses at random: the rate among valid trials must stay the planted one."""
    mechanism = mechanism_of("attrition_mcar")
    rng = generator(0, "losses")
    hidden = mechanism.hide(0.4, rng)
    truth = float(mechanism.truth(hidden, rng, 50_000)["protected"][0, 0])
    off = []
    for number in range(studies):
        rows = mechanism.study(hidden, Size(24, 4, 0.4), generator(0, "losses", number))
        values = next(one.rate for one in rates(rows, "protected") if one.arm == mechanism.arms[0])
        off.append((values or 0.0) - truth)
    bias, error = float(np.mean(off)), float(np.std(off) / np.sqrt(studies))
    return "" if abs(bias) <= 4 * error else f"bias {bias:+.3f}, error {error:.3f}"
