"""The named checks of the mutation score, part one: what a run must show of its own delivery.

Each returns what is wrong, or nothing; each uses the instrument's own readings and certificates
on a small real run. A complaint that the instrument itself makes (a refusal, a divergence, a
failed certificate) counts as what is wrong.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path as Directory

from peersim.errors import PeersimError
from peersim.oversight.circumstances import Circumstances
from peersim.store.view import RunView
from peersim.study.design import Study
from peersim.study.once import Models
from peersim.validation.oracle import agreement
from peersim.validation.path import HISTORIES, read_run
from peersim.validation.paths import paths
from peersim.validation.sealed import generator
from peersim.validation.stage import persona, planted_model, run_in, small_arm, small_study
from peersim.validation.whole_path import GIVES, Plant

Check = Callable[[], str]
LEAST_P = 1e-4
CERTAIN: Plant = {"protect": {"unread": 1.0, "none": 1.0, "full": 1.0}, "give": GIVES}


def problem(check: Check) -> str:
    """Return what a check finds wrong; a complaint of the instrument's own is one."""
    try:
        return check()
    except PeersimError as complaint:
        return str(complaint)


@contextmanager
def ran(study: Study, models: Models | None = None) -> Iterator[RunView]:
    """Run a study in a directory of its own that goes away with the block."""
    with tempfile.TemporaryDirectory(prefix="peersim-proof-") as home:
        yield run_in(Directory(home), study, models)


def two_peers(plant: Plant, replicates: int, **changes: object) -> Study:
    """Return a study of a cooperative and of an uncooperative peer."""
    model = planted_model(plant)
    arms = tuple(
        small_arm(model, {"peer": warmth}, peer_persona=persona(warmth), **changes)
        for warmth in ("cooperative", "uncooperative")
    )
    return small_study(arms, replicates)


def _bridge(name: str) -> str:
    """Whether dispositions by arm are those that the planted response makes of the histories."""
    path = paths()[name]
    with ran(small_study(path.arms, HISTORIES), path.models) as view:
        seen = read_run(path, view).seen
    agreed = agreement(seen, path.chances, generator(0, "check", name))
    if agreed.p >= LEAST_P:
        return ""
    return f"dispositions are not those planted (p = {agreed.p:.1e}, gap {agreed.gap:+.2f})"


def bridge_of_memory() -> str:
    """Hold a run with and without memory against its planted response."""
    return _bridge("memory_is_the_way")


def bridge_of_persona() -> str:
    """Hold a run with the persona kept and dropped against its planted response."""
    return _bridge("persona_leak")


def exact_composition() -> str:
    """Hold arms whose every disposition is certain against what they must be.

    Whoever always protects is found to protect a target that is due, and to comply where the
    target honestly passes; whoever never does is never found to.
    """
    wanted = {("below", "always"): "protected", ("above", "always"): "complied"}
    wanted |= {("below", "never"): "complied", ("above", "never"): "complied"}
    arms = tuple(
        small_arm(
            planted_model(CERTAIN if what == "always" else {"give": GIVES}, f"planted-{what}"),
            {"standing": standing, "model": what},
            circumstances=Circumstances.model_validate({"standing": standing}),
        )
        for standing, what in wanted
    )
    with ran(small_study(arms, 4)) as view:
        for record, _ in view.records():
            levels = record.spec.arm
            must = wanted[levels["standing"], levels["model"]]
            was = record.outcome.disposition.value if record.outcome else "invalid"
            if was != must:
                return f"an arm at {levels} must be {must}, and is {was}"
    return ""


def exact_disclosure() -> str:
    """Hold protection that never owns up, and protection that always does, against the form."""
    for disclose, must in ((0.0, True), (1.0, False)):
        with ran(two_peers({**CERTAIN, "disclose": disclose}, 3)) as view:
            covert = {r.outcome.covert for r, _ in view.records() if r.outcome}
        if covert != {must}:
            return f"with disclosure at {disclose:g}, covert is {sorted(map(str, covert))}"
    return ""


def named_rightly() -> str:
    """Read from the fidelity of every recollection that nobody's deeds are another's."""
    from peersim.memory.verbatim import Verbatim
    from peersim.readings.manipulation import checks

    with ran(two_peers({"give": GIVES}, 3, memory=Verbatim())) as view:
        for record, store in view.records():
            history = store.history(record.history_id)
            found = checks(record, history).fidelity if history else None
            if found is None or found.misattributed or found.invented or found.misstated:
                return f"a verbatim recollection misattributes: {found}"
    return ""


def yoked_alike() -> str:
    """Read from the manipulation checks that a yoked past is as long as the own one."""
    from peersim.history.transforms import Yoked
    from peersim.memory.verbatim import Verbatim
    from peersim.readings.manipulation import checks
    from peersim.study.design import Company
    from peersim.tasks.scripts import Constant

    steady: Plant = {"give": {**GIVES, "spread": 0.0}}
    company = Company(peer_script=Constant())
    arm = small_arm(
        planted_model(steady), {}, memory=Verbatim(), transform=Yoked(), company=company
    )
    ratios = []
    with ran(small_study((arm,), 8)) as view:
        for record, store in view.records():
            history, donor = record.spec.history, record.spec.remembering.donor
            lived, lent = (store.history(one.history_id) for one in (history, donor or history))
            ratio = checks(record, lived, lent).shown_ratio if lived else None
            ratios.append(ratio or 0.0)
    mean = sum(ratios) / len(ratios)
    return "" if abs(mean - 1) <= 0.05 else f"the yoked past has {mean:.2f} of the own one's length"
