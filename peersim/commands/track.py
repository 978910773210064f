"""Making the mirror of a run again: W&B's runs out of what is stored."""

from pathlib import Path

from rich.console import Console

from peersim.commands.run import OPTIONS_KEY, Options
from peersim.commands.trackers import Tracking, between_jobs, header_of, settings_of
from peersim.errors import ConfigError, PeersimError, StoreError
from peersim.models.keys import load_keys
from peersim.store.tables import rows
from peersim.store.torn import reading
from peersim.store.view import RunView, Session
from peersim.study.arms import held_studies
from peersim.tracking.base import Ending

MODES = ("offline", "online", "auto")
# How the sessions of a store say that they ended.
_ENDINGS: dict[str, Ending] = {"stopped": "stopped", "budget": "budget", "failed": "failed"}


class TrackingFailed(PeersimError):
    """W&B could not be written; what is stored is untouched."""


def track(directory: Path, console: Console, changes: dict[str, str | None]) -> None:
    """Make the W&B runs of a run or sweep again, from its store alone.

    Args:
        directory: The run or sweep, finished or not. Outcomes by arm are shown only if they may
            be looked at.
        console: Where to say what was done.
        changes: Mode, project or entity to use in place of what the run was started with; those
            that are None are left as they were.

    Raises:
        ConfigError: If there is no such mode, or the file of keys cannot be read.
        StoreError: If there is no run, or it never got as far as a plan.
        TrackingFailed: If W&B could not be written.
    """
    from peersim.commands.study_page import shown
    from peersim.tracking.mirror import WandbTracker
    from peersim.tracking.page import Sources

    if changes.get("mode") not in {None, *MODES}:
        raise ConfigError(f"no mode {changes['mode']!r}", f"choose one of {', '.join(MODES)}")
    load_keys()
    view = RunView(directory)
    studies = held_studies(view)
    if not studies:
        raise StoreError(f"{directory} ended before it had a plan", "run it again: peersim run")
    given = {key: value for key, value in changes.items() if value is not None}
    wanted = _held(view).model_copy(update={"kind": "wandb", **given})
    found = rows(view, between_jobs(studies))

    def warn(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    header = header_of(studies, directory, len(found))
    settings = settings_of(studies, wanted, directory)
    sources = Sources(rows=lambda: found, shown=lambda: shown(view, studies))
    mirror = WandbTracker(settings, sources, warn)
    mirror.rebuild(header, _ending(view, len(found) >= header.total))
    if mirror.lost:
        raise TrackingFailed("the W&B runs are not whole", "mend it and give the command again")
    where = "sent" if mirror.online else f"in {directory / 'wandb'}; send them: wandb sync FOLDER"
    console.print(f"W&B: {len(mirror.opened)} runs of group {settings.group} {where}")


def _held(view: RunView) -> Tracking:
    """Return how the run was tracked; as by default if that is not known."""
    for store in view.stores:
        text = store.meta(OPTIONS_KEY)
        if text is not None:
            with reading(f"the options in {store.path}"):
                return Options.model_validate_json(text).tracking
    return Tracking(kind="wandb")


def _ending(view: RunView, whole: bool) -> Ending:
    """Return how the work ended; one that was killed could not say, and counts as stopped."""
    if whole:
        return "complete"
    last: list[Session] = [session for store in view.stores for session in store.sessions()[-1:]]
    said = [_ENDINGS[one.ended] for one in last if one.ended in _ENDINGS]
    return said[0] if said else "stopped"
