"""Open files: each request in flight holds a connection, and a process may hold so many."""

import contextlib
import errno

from peersim.errors import ConfigError, PeersimError
from peersim.models.base import ModelRef
from peersim.prompts.render import load_templates
from peersim.record import litellm_version
from peersim.study.conditions import Conditions
from peersim.study.design import Study

# For the store, its log, W&B, the terminal, and what libraries open on the way.
MARGIN = 64
WANTED = 8192
TOO_MANY = (errno.EMFILE, errno.ENFILE)


def open_files() -> int | None:
    """Raise the limit of open files as far as this process may; return it, None for no limit."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return None
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):  # some systems allow less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return soft


def roomy(study: Study, conditions: Conditions) -> tuple[Conditions, str]:
    """Return conditions under which this process has room for its connections.

    Args:
        study: Knows which models are real.
        conditions: As they were asked for.

    Returns:
        The conditions, and what to say of them; nothing if they are as they were.

    Raises:
        ConfigError: If there is no room for a single connection to each model.
    """
    real = [ref for ref in study.models if not ref.simulated]
    limit = open_files() if real else None
    if limit is None:
        return conditions, ""
    _read_ahead()
    asked = conditions.throttle
    room = (limit - MARGIN) // len(real)
    if room < 1:
        raise ConfigError(
            f"this process may open {limit} files, too few for connections to {len(real)} models",
            f"raise the limit: ulimit -n {MARGIN + 64 * len(real)}",
        )
    if room >= min(asked.most, _at_once(study, conditions, real)):
        return conditions, ""
    kept = {name: min(getattr(asked, name), room) for name in ("start", "least", "most")}
    said = (
        f"this process may open {limit} files, so at most {room} requests are in flight to each"
        " model; for more raise the limit: ulimit -n"
    )
    return conditions.model_copy(update={"throttle": asked.model_copy(update=kept)}), said


def _at_once(study: Study, conditions: Conditions, real: list[ModelRef]) -> int:
    """Return the most requests that can be in flight to one model: a trial asks all its agents."""
    lanes = len({frozenset(ref.model_id for ref in arm.models.values()) for arm in study.arms})
    agents = max(len(arm.roster.names) for arm in study.arms)
    return conditions.concurrency * min(lanes, max(len(real), 1)) * agents


def _read_ahead() -> None:
    """Read what a trial needs of the disk now, while files can be opened."""
    litellm_version()
    load_templates()


def out_of_files(error: BaseException) -> PeersimError | None:
    """Return what to say of an error that means too many open files; None for any other."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in TOO_MANY:
            return ConfigError(
                "this process has too many files open",
                "nothing that was completed is lost; raise the limit (ulimit -n) or lower"
                " throttle.most, and go on with: peersim resume",
            )
        seen = seen.__cause__ or seen.__context__
    return None
