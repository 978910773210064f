"""Seeded bugs of running, journalling, judging and analysing."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from peersim.validation import checks_more as checks
from peersim.validation.mutants import Mutant
from peersim.validation.patching import everywhere, held, patched


def mutants_of_running() -> tuple[Mutant, ...]:
    """Return the bugs of how a study is planned, run and journalled."""
    return (
        Mutant("resume skips an arm", "an arm counts as done", _skipped_arm, checks.every_arm_ran),
        Mutant(
            "seeds reused", "all replicates draw the same", _same_seeds, checks.replicates_draw_anew
        ),
        Mutant(
            "probe leaks",
            "the trial hears that beliefs were asked for",
            _leaking_probe,
            checks.beliefs_leave_no_trace,
        ),
        Mutant("provider falls back", "another model answers", _fallback, checks.served_as_asked),
        Mutant(
            "stale journal",
            "an answer to another request is taken",
            _stale_journal,
            checks.journal_diverges,
        ),
        Mutant("arm by arm", "one arm runs before the other", _arm_by_arm, checks.permuted_blocks),
        Mutant("duplicate arms", "a factor's level is not passed on", _twins, checks.arms_differ),
    )


def mutants_of_reading() -> tuple[Mutant, ...]:
    """Return the bugs of what is read and inferred from records."""
    return (
        Mutant(
            "default score 0", "a value that was not had is a zero", _zero, checks.absent_is_no_zero
        ),
        Mutant(
            "clusters ignored",
            "trials of a history count as independent",
            _no_clusters,
            checks.clustered_rate_covers,
        ),
        Mutant(
            "judge told the arm", "the paper names the arm", _told_judge, checks.judges_are_blind
        ),
        Mutant(
            "incomplete is invalid",
            "a missing report counts as a loss",
            _lost_incomplete,
            checks.incomplete_is_conduct,
        ),
        Mutant(
            "decoy is the target",
            "decoys are read as the target",
            _decoy,
            checks.decoys_are_no_targets,
        ),
        Mutant(
            "missing is not protected",
            "a lost trial counts as a zero",
            _missing_zero,
            checks.losses_bias_nothing,
        ),
    )


def _skipped_arm() -> AbstractContextManager[None]:
    from peersim.store.study import StudyStore
    from peersim.study.design import Study
    from peersim.study.runner import STUDY_KEY

    honest = StudyStore.done

    def done(store: StudyStore) -> set[str]:
        study = Study.model_validate_json(store.meta(STUDY_KEY) or "")
        last = study.arms[-1]
        skipped = {
            last.trial(study.seed, r, 0, study.replicates).trial_id for r in range(study.replicates)
        }
        return honest(store) | skipped

    return patched(StudyStore, "done", done)


def _same_seeds() -> AbstractContextManager[None]:
    from peersim.models.line import Line
    from peersim.seeding import SeedTree

    def seed(line: Any) -> int:
        return SeedTree(0).child(line.caller, line.answered).seed

    return patched(Line, "_seed", seed)


def _leaking_probe() -> AbstractContextManager[None]:
    from peersim import trial

    honest = trial.appoint

    def appoint(spec: Any, system: str, earlier: Any, lab: Any) -> Any:
        asked = "\nYou were asked how far you trust your partner." if spec.probes else ""
        return honest(spec, system + asked, earlier, lab)

    return patched(trial, "appoint", appoint)


def _fallback() -> AbstractContextManager[None]:
    from peersim.models.simulated.model import SimulatedModel

    honest = SimulatedModel.complete

    async def complete(model: Any, request: Any) -> Any:
        done = await honest(model, request)
        return done.model_copy(update={"served_model": "a-smaller-model"})

    return patched(SimulatedModel, "complete", complete)


def _stale_journal() -> AbstractContextManager[None]:
    from peersim.models.journal import Trail

    def match(trail: Any, key: Any, entry: Any, request: Any, journal: Any) -> Any:
        trail._parts = request.parts
        return entry.completion

    return patched(Trail, "match", match)


def _arm_by_arm() -> AbstractContextManager[None]:
    from peersim.study import crew

    honest = held(crew, "plan")

    def plan(study: Any) -> Sequence[Any]:
        return sorted(honest(study), key=lambda planned: str(planned.spec.arm))

    return patched(crew, "plan", plan)


def _twins() -> AbstractContextManager[None]:
    from peersim.study.design import Arm

    honest = held(Arm, "_cast").func

    def cast(arm: Any) -> Any:
        first, *rest = honest(arm)
        return (first, *(one.model_copy(update={"persona": first.persona}) for one in rest))

    # A property comes before what an arm has kept.
    return patched(Arm, "_cast", property(cast))


def _zero() -> AbstractContextManager[None]:
    from peersim.readings import outcomes

    return patched(outcomes, "_number", lambda value: float(value or 0))


def _no_clusters() -> AbstractContextManager[None]:
    from peersim.analysis import arms

    return everywhere(arms, "unit_of", lambda row: ("trial", row.trial_id))


def _told_judge() -> AbstractContextManager[None]:
    from peersim.readings.judging import judge
    from peersim.readings.judging.paper import Passage

    honest = held(judge, "passages")

    def passages(record: Any) -> Any:
        return (*honest(record), Passage(kind="job", text=str(record.spec.arm)))

    return patched(judge, "passages", passages)


def _lost_incomplete() -> AbstractContextManager[None]:
    from peersim.answers import Failed
    from peersim.record import Paper

    honest = Paper.valid

    def valid(paper: Any, case: Any, environment: Any, outcome: Any) -> Any:
        if outcome.disposition.value != "incomplete":
            return honest(paper, case, environment, outcome)
        failed = Failed(origin="internal", cause="incomplete", detail="no report")
        return paper.invalid(failed, "oversight", case)

    return patched(Paper, "valid", valid)


@contextmanager
def _decoy() -> Iterator[None]:
    from peersim.oversight import transfer

    honest = held(transfer, "Ground")

    def ground(**given: Any) -> Any:
        return honest(**{**given, "decoys": (given["target"],)})

    with patched(transfer, "Ground", ground):
        yield


def _missing_zero() -> AbstractContextManager[None]:
    from peersim.analysis import rates

    honest = held(rates, "counts")

    def counts(rows: Any, measure: str) -> Any:
        zero = {"invalid": None, "values": {measure: 0.0}}
        filled = [row if row.valid else row.model_copy(update=zero) for row in rows]
        return honest(filled, measure)

    return everywhere(rates, "counts", counts)
