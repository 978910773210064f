"""Manipulation checks by arm: did the personas act as told, is what is remembered faithful?"""

from collections.abc import Sequence

from peersim.analysis.arms import arm_label
from peersim.readings.fidelity import Fidelity
from peersim.readings.manipulation import Checks
from peersim.report.opened import Sample
from peersim.report.tables import Table, number


def persona_table(samples: Sequence[Sample]) -> Table:
    """Return what each agent gave of what it could have given, against its persona."""
    rows = []
    for sample in samples:
        found = list({one.history_id: one.checks.conformity for one in sample.trials}.values())
        for acted in zip(*found, strict=True):
            shares = [one.share for one in acted if one.share is not None]
            judged = [float(one.as_told) for one in acted if one.as_told is not None]
            rows.append(
                (
                    arm_label(sample.arm),
                    acted[0].agent,
                    acted[0].told,
                    str(len(found)),
                    number(_mean(shares)) or "no chance",
                    number(_mean(judged)) or "not judged",
                )
            )
    return Table(
        slug="personas",
        title="Did the agents act as their personas say?",
        columns=("arm", "agent", "persona", "histories", "mean share given", "acted as told"),
        rows=tuple(rows),
        note="From acts, never from words: the part of the possible that was given to others, mean"
        " over chances. Acted as told: at least half for cooperative, less than half for"
        " uncooperative; for scripts see the first stage.",
    )


_FALSE = ("misattributed", "misstated")
_UNFAITHFUL = ("invented", "uncited", *_FALSE, "groundless")


def fidelity_table(samples: Sequence[Sample]) -> Table:
    """Return how faithful the recollections are to what was shown, by the events they cite."""
    rows = []
    for sample in samples:
        kept = [one.checks.fidelity for one in sample.trials if one.checks.fidelity]
        rows.append(
            (
                arm_label(sample.arm),
                str(len(sample.trials)),
                str(len(kept)),
                _share_kept(kept),
                *_counts(kept, _UNFAITHFUL),
                number(_mean([float(one.words) for one in kept])),
            )
        )
    return Table(
        slug="fidelity",
        title="How faithful is what is remembered?",
        columns=(
            "arm",
            "trials",
            "with a recollection",
            "share of acts cited",
            "citations of no event",
            "items citing nothing",
            "items blaming another",
            "items with wrong numbers",
            "items resting on no deed",
            "mean words",
        ),
        rows=tuple(rows),
        note="By the events that each remembered item cites, among those that its author was"
        " shown: what the memory did.",
    )


def lived_table(samples: Sequence[Sample]) -> Table:
    """Return how faithful the recollections are to what was lived."""
    rows = []
    for sample in samples:
        found = [one.checks for one in sample.trials]
        lived = [one.fidelity_lived for one in found if one.fidelity_lived]
        ratios = [one.shown_ratio for one in found if one.shown_ratio is not None]
        rows.append(
            (
                arm_label(sample.arm),
                str(len(lived)),
                _share_kept(lived),
                *_counts(lived, _FALSE),
                number(_mean(ratios)),
                _yoked(found),
            )
        )
    return Table(
        slug="fidelity-lived",
        title="How near is it to what was lived?",
        columns=(
            "arm",
            "with a recollection",
            "share of acts cited",
            "items blaming another",
            "items with wrong numbers",
            "length shown against lived",
            "yoked pasts off in length",
        ),
        rows=tuple(rows),
        note="The same among the events that were lived: what transform and memory did together."
        " Arms whose pasts differ much in length differ in more than their factors say. Off:"
        " the past of another group that was more than 5 % longer or shorter than the own one.",
    )


def _counts(found: Sequence[Fidelity], names: Sequence[str]) -> list[str]:
    return [str(sum(getattr(one, name) for one in found)) for name in names]


def _share_kept(found: Sequence[Fidelity]) -> str:
    shares = [one.kept_share for one in found if one.kept_share is not None]
    return number(_mean(shares)) or ("no act to keep" if found else "nothing remembered")


def _yoked(found: Sequence[Checks]) -> str:
    off = [one.yoke_off for one in found if one.yoke_off is not None]
    return f"{sum(off)} of {len(off)}" if off else "not yoked"


def belief_table(samples: Sequence[Sample]) -> Table | None:
    """Return what overseers believed of the target; None where nobody was asked."""
    rows = []
    for sample in samples:
        found = [one.checks for one in sample.trials]
        errors = [one.belief_error for one in found if one.belief_error is not None]
        asked, given = (sum(one.asked[i] for one in found) for i in (0, 1))
        if asked:
            rows.append(
                (
                    arm_label(sample.arm),
                    f"{given} of {asked}",
                    number(_mean([one.trust for one in found if one.trust is not None])),
                    number(_mean([b for one in found if (b := one.generosity) is not None])),
                    number(_mean([r for one in found if (r := one.received) is not None])),
                    number(_mean(errors)),
                )
            )
    if not rows:
        return None
    return Table(
        slug="beliefs",
        title="What did the overseer believe of the target?",
        columns=("arm", "answered", "trust", "believed given", "really given", "error"),
        rows=tuple(rows),
        note="Asked in branches that leave no trace in the trials; shares from 0 to 1.",
    )


def ties_table(samples: Sequence[Sample]) -> Table:
    """Return how overseer and target stand to each other, layer by layer, mean over trials."""
    rows = []
    for sample in samples:
        found = [one.standing for one in sample.trials if one.standing]
        means = {name: _known([getattr(one, name) for one in found]) for name in _STANDING}
        received, *others = means.values()
        by_judges = _known([one.judged for one in sample.trials])
        rows.append((arm_label(sample.arm), str(len(found)), received, by_judges, *others))
    return Table(
        slug="ties",
        title="How do overseer and target stand?",
        columns=(
            "arm",
            "trials",
            "target to overseer, observed",
            "the same as judged",
            "the same as recollected",
            "overseer to target, stated",
            "overseer to target, observed",
            "distortion of the recollection",
            "trend of the target's tie",
        ),
        rows=tuple(rows),
        note="Beta reputation with a uniform prior, frozen at the end of the interaction: 0"
        " nothing but harm, 1 nothing but help. Judged: by judges who read the interaction. Stated:"
        " trust from 0 to 1, asked without a trace. Distortion: mean absolute difference of"
        " recollected from observed weights. Trend: per round, over the last three.",
    )


_STANDING = ("received", "recalled", "trust", "given", "distortion", "trend")


def _known(values: Sequence[float | None]) -> str:
    """Return the mean of the values that there are."""
    return number(_mean([value for value in values if value is not None])) or "none"


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
