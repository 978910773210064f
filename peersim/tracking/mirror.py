"""A study in W&B: one run an arm and one for the whole; a mirror to be lost and rebuilt.

While a study runs only its health is shown, never outcomes by arm: looking at those before the
end is an unplanned look at the result. Where contrasts are declared its health is pooled over
arms too, since losses by arm may follow outcomes. Outcomes come with the end, or with a stop at
which a look was declared, from what is stored.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from peersim.errors import PeersimError
from peersim.ids import content_id
from peersim.models.counter import CallCounter
from peersim.oversight.base import Disposition
from peersim.readings.rows import TrialRow
from peersim.record import TrialRecord
from peersim.tracking.base import Ending, Header
from peersim.tracking.entries import WandbSettings, arm_entry, study_entry
from peersim.tracking.health import ArmHealth, StudyHealth
from peersim.tracking.page import ArmFacts, Cell, Page, Sheet, Sources
from peersim.tracking.summary import COLUMNS, cells, invalid_of, summary
from peersim.tracking.wandb import (
    Entry,
    OpenRun,
    cause,
    close_service,
    mode_of,
    own_environment,
    troubles,
)

# Tables larger than that are left out, in bytes.
FILES_MAX = 500_000_000


class WandbTracker:
    """Mirrors finished trials; whatever W&B does wrong is one warning and never an error."""

    def __init__(
        self, settings: WandbSettings, sources: Sources, warn: Callable[[str], None]
    ) -> None:
        """Begin without any run.

        Args:
            settings: Where runs go.
            sources: Where what is stored is read.
            warn: Told once what went wrong with W&B, and what is left out.
        """
        self._settings, self._sources, self._warn = settings, sources, warn
        self._lost = False
        self._mode = mode_of(settings.mode, warn)
        self._header: Header | None = None
        self._facts = {_key(facts.arm): facts for facts in settings.arms}
        self._apart = True
        self._arms: dict[str, _ArmRun] = {}
        self._study: _StudyRun | None = None

    def begin(self, header: Header) -> None:
        """Open the runs before any model call waits: opening may take seconds."""
        self._header = header
        self._apart = len(header.arms) <= self._settings.arms_max
        if not self._apart:
            self._warn(
                f"W&B: {len(header.arms)} arms are more than tracking.arms_max"
                f" ({self._settings.arms_max}), so only the study has a run, with a line an arm"
            )
        self._open_or_go_offline()
        if header.done and not self._lost:
            # Outside the guard: a store that cannot be read is not W&B's trouble.
            rows = self._sources.rows()
            self._try(partial(self._count_all, rows))

    def started(self, trial_id: str) -> None:
        """Need no sign of a start."""

    def finished(self, record: TrialRecord, spent: CallCounter) -> None:
        """Log the health of the trial's arm, and of the study."""
        self._try(partial(self._finished, record, spent))

    def warned(self, text: str) -> None:
        """Leave warnings to the terminal: they are about this machine, not about the study."""

    def end(self, ending: Ending) -> None:
        """Log the outcomes by arm, if they may be looked at, and finish all runs."""
        self._show()
        for arm in self._arms.values():
            # Lost or not: a run left open would keep its id from being used again.
            self._guard(partial(arm.run.finish, ending))
        if self._study:
            self._guard(partial(self._study.run.finish, ending))

    def rebuild(self, header: Header, ending: Ending) -> None:
        """Make the whole mirror again from what is stored.

        Args:
            header: The study, with all its finished trials counted as done before.
            ending: How the work on it ended.
        """
        self.begin(header)
        self._try(self._log_all)
        self.end(ending)

    @property
    def lost(self) -> bool:
        """Whether W&B failed, so that the mirror is not whole."""
        return self._lost

    @property
    def opened(self) -> tuple[str, ...]:
        """The ids of the runs that were opened, the study's last."""
        arms = [arm.run.run_id for arm in self._arms.values()]
        return (*arms, *([self._study.run.run_id] if self._study else []))

    @property
    def online(self) -> bool:
        """Whether runs are sent to a server."""
        return self._mode == "online"

    def _open_or_go_offline(self) -> None:
        """Open all runs; a server that cannot be reached or refuses is done without."""
        if self._mode == "online" and (why := self._unreachable()):
            self._warn(f"W&B tracking is offline because it cannot go online ({why})")
            with contextlib.suppress(*troubles()):
                close_service()
            self._arms, self._study, self._mode = {}, None, "offline"
        if self._study is None:
            self._try(self._open)

    def _unreachable(self) -> str:
        """Open all runs online; return why that cannot be done, or nothing."""
        try:
            with own_environment(self._settings.directory / "wandb"):
                self._open()
        except troubles() as error:
            return cause(error)
        return ""

    def _open(self) -> None:
        header = self._begun
        for arm in header.arms if self._apart else ():
            self._arm(arm)
        self._study = _StudyRun(study_entry(self._settings, self._mode, header), header)

    def _finished(self, record: TrialRecord, spent: CallCounter) -> None:
        lost = invalid_of(record)
        if self._apart:
            arm = self._arm(record.spec.arm)
            arm.health.count(lost)
            if not self._settings.blind:
                arm.run.log(arm.health.values)
        if self._study:
            protected = record.outcome and record.outcome.disposition is Disposition.PROTECTED
            self._study.health.count(lost, bool(protected))
            self._study.run.log(self._study.health.values(spent))

    def _count_all(self, rows: Sequence[TrialRow]) -> None:
        for row in rows:
            if self._apart:
                self._arm(row.arm).health.count(row.invalid)
            if self._study:
                self._study.health.count(row.invalid, row.values.get(Disposition.PROTECTED) == 1)

    def _log_all(self) -> None:
        for arm in self._arms.values():
            if arm.health.finished and not self._settings.blind:
                arm.run.log(arm.health.values)
        if self._study:
            self._study.run.log(self._study.health.values())

    def _show(self) -> None:
        """Show what may be seen; a store or disk that fails here must not end a study badly."""
        if self._lost or not self._study:
            return
        try:
            shown = self._sources.shown()
        except (PeersimError, OSError) as error:
            self._lost = True
            self._warn(f"W&B shows no outcomes ({error}); nothing is lost")
            return
        self._try(partial(self._summarise, shown.rows))
        self._try(partial(self._study.show, shown.page))
        self._try(partial(self._log_files, shown.files))

    def _summarise(self, rows: Sequence[TrialRow]) -> None:
        arms: dict[str, list[TrialRow]] = {}
        for row in rows if self._apart else ():
            arms.setdefault(_key(row.arm), []).append(row)
        for own in arms.values():
            self._arm(own[0].arm).summarise(own, unseen=self._settings.blind)

    def _log_files(self, files: Sequence[Path]) -> None:
        assert self._study is not None
        size = sum(path.stat().st_size for path in files)
        if size > FILES_MAX:
            self._warn(
                f"W&B: the tables are left out because they take {size / 1e6:,.0f} MB;"
                f" they are in {files[0].parent}"
            )
        elif files:
            self._study.run.files(f"tables-{self._study.run.run_id}", files)

    @property
    def _begun(self) -> Header:
        assert self._header is not None, "begin() comes before anything else"
        return self._header

    def _arm(self, arm: dict[str, str]) -> "_ArmRun":
        key = _key(arm)
        if key not in self._arms:
            header = self._begun
            plain = ArmFacts(arm=arm, labels=arm, study_id=header.study_id)
            facts = self._facts.get(key, plain)
            self._arms[key] = _ArmRun(arm_entry(self._settings, self._mode, header, facts))
        return self._arms[key]

    def _try(self, act: Callable[[], object]) -> None:
        """Do something with W&B, unless there was trouble with it before."""
        if not self._lost:
            self._guard(act)

    def _guard(self, act: Callable[[], object]) -> None:
        """Do something with W&B; its first trouble is one warning, all others are passed over."""
        try:
            with own_environment(self._settings.directory / "wandb"):
                act()
        except troubles() as error:
            if not self._lost:
                why = cause(error)
                self._warn(f"W&B tracking is off for the rest of this run ({why}); nothing is lost")
            self._lost = True


class _ArmRun:
    """The run of one arm."""

    def __init__(self, entry: Entry) -> None:
        self.health = ArmHealth()
        self.run = OpenRun(entry)

    def summarise(self, rows: Sequence[TrialRow], *, unseen: bool) -> None:
        """Write the arm's outcomes, as stored, into the run's summary and a table.

        Args:
            rows: The trials that may be seen.
            unseen: Whether the arm's health was not shown before, and so is shown now.
        """
        if unseen:
            seen = ArmHealth()
            for row in rows:
                seen.count(row.invalid)
            self.run.log(seen.values)
        self.run.summarise({**summary(rows)})
        self.run.table(Sheet("trials", COLUMNS, [cells(row) for row in rows]))


class _StudyRun:
    """The run of the whole study."""

    def __init__(self, entry: Entry, header: Header) -> None:
        self.health = StudyHealth(header.total, len(header.arms))
        self.run = OpenRun(entry)

    def show(self, page: Page) -> None:
        """Write what the page holds into the run."""
        if page.summary:
            values: dict[str, Cell] = page.summary
            self.run.summarise(values)
        for sheet in page.sheets:
            self.run.table(sheet)
        for picture in page.pictures:
            self.run.picture(picture.slug, picture.figure)


def _key(arm: Mapping[str, str]) -> str:
    return content_id("arm", dict(sorted(arm.items())))
