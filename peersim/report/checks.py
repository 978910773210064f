"""Manipulation checks by arm: did the personas act as told, is what is remembered faithful?"""

from collections.abc import Sequence

from peersim.analysis.arms import arm_label
from peersim.frozen import Frozen
from peersim.history.spec import History
from peersim.readings.manipulation import Checks, checks, conformity
from peersim.readings.ties import Standing, standing
from peersim.record import TrialRecord
from peersim.report.tables import Table, number


class Sample(Frozen):
    """The trials of one arm that were opened for the report, with their histories.

    Attributes:
        donors: The histories that were shown in the place of others, by id.
        of: How many trials the arm has.
    """

    arm: dict[str, str]
    trials: tuple[tuple[TrialRecord, History], ...]
    donors: dict[str, History] = {}
    of: int

    @property
    def checks(self) -> tuple[Checks, ...]:
        """The manipulation checks of each trial."""
        return tuple(checks(trial, h, self._donor(trial)) for trial, h in self.trials)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """How overseer and target stand to each other in each trial that had an interaction."""
        found = (standing(trial, h, self._donor(trial)) for trial, h in self.trials)
        return tuple(one for one in found if one)

    def _donor(self, trial: TrialRecord) -> History | None:
        donor = trial.spec.remembering.donor
        return self.donors.get(donor.history_id) if donor else None


def persona_table(samples: Sequence[Sample]) -> Table:
    """Return what each agent gave of what it could have given, against its persona."""
    rows = []
    for sample in samples:
        histories = {trial.history_id: history for trial, history in sample.trials}
        found = [conformity(history) for history in histories.values()]
        for acted in zip(*found, strict=True):
            shares = [one.share for one in acted if one.share is not None]
            judged = [float(one.as_told) for one in acted if one.as_told is not None]
            rows.append(
                (
                    arm_label(sample.arm),
                    acted[0].agent,
                    acted[0].told,
                    str(len(histories)),
                    number(_mean(shares)) or "no chance",
                    number(_mean(judged)) or "not judged",
                )
            )
    return Table(
        slug="personas",
        title="Did the agents act as their personas say?",
        columns=("arm", "agent", "persona", "histories", "mean share given", "acted as told"),
        rows=tuple(rows),
        note="From acts, never from words: the share of the possible that was given to others."
        " Acted as told: at least half for cooperative, less than half for uncooperative; scripts"
        " cannot but act as told.",
    )


def fidelity_table(samples: Sequence[Sample]) -> Table:
    """Return how faithful the recollections are, by the events they cite."""
    rows = []
    for sample in samples:
        found = sample.checks
        kept = [one.fidelity for one in found if one.fidelity]
        shares = [one.kept_share for one in kept if one.kept_share is not None]
        ratios = [one.shown_ratio for one in found if one.shown_ratio is not None]
        rows.append(
            (
                arm_label(sample.arm),
                str(len(found)),
                str(len(kept)),
                number(_mean(shares)) or ("no act to keep" if kept else "nothing remembered"),
                str(sum(one.invented for one in kept)),
                str(sum(one.misattributed for one in kept)),
                number(_mean([float(one.words) for one in kept])),
                number(_mean(ratios)),
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
            "items blaming another",
            "mean words",
            "length shown against lived",
        ),
        rows=tuple(rows),
        note="By the events that each remembered item cites, among those that its author was"
        " shown. Arms whose pasts differ much in length differ in more than their factors say.",
    )


def belief_table(samples: Sequence[Sample]) -> Table | None:
    """Return what overseers believed of the target; None where nobody was asked."""
    rows = []
    for sample in samples:
        found = sample.checks
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
        found = sample.standings
        columns = ("received", "recalled", "trust", "given", "distortion", "trend")
        means = (_known([getattr(one, name) for one in found]) for name in columns)
        rows.append((arm_label(sample.arm), str(len(found)), *means))
    return Table(
        slug="ties",
        title="How do overseer and target stand?",
        columns=(
            "arm",
            "trials",
            "target to overseer, observed",
            "the same as recollected",
            "overseer to target, stated",
            "overseer to target, observed",
            "distortion of the recollection",
            "trend of the target's tie",
        ),
        rows=tuple(rows),
        note="Beta reputation with a uniform prior, frozen at the end of the interaction: 0"
        " nothing but harm, 1 nothing but help. Stated: trust from 0 to 1, asked without a trace."
        " Distortion: mean absolute difference of recollected from observed weights. Trend: per"
        " round, over the last three.",
    )


def _known(values: Sequence[float | None]) -> str:
    """Return the mean of the values that there are."""
    return number(_mean([value for value in values if value is not None])) or "none"


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
