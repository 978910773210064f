"""The exception tree. Each message names the thing and says what to do next.

PeersimError
├── ConfigError         a key, kind, level or file in the configuration is wrong
├── PromptError         a template asks for something it was not given
├── StoreError          a run directory is missing, foreign, torn, or in use
├── ProviderStop        a provider refuses all work (key, address, model name)
├── BudgetSpent         the study's budget has no room for another call
├── GateClosed          a control did not separate, so the study is not begun
├── Divergence          a journalled completion belongs to another request
├── MissingCompletion   a replay met a call that the journal does not hold
└── AnalysisRefusal     a number cannot honestly be printed
"""

from typing import NamedTuple


class PeersimError(Exception):
    """A failure the user can act on; shown as one sentence, without a traceback."""

    def __init__(self, what: str, fix: str = "") -> None:
        """Make the error.

        Args:
            what: What is wrong, naming the trial, file or key.
            fix: What to do about it.
        """
        super().__init__(f"{what}: {fix}" if fix else what)
        self.what = what
        self.fix = fix


class ConfigError(PeersimError):
    """A key, kind, level or file in the configuration is wrong."""


class PromptError(PeersimError):
    """A template asks for something it was not given."""


class StoreError(PeersimError):
    """A run directory is missing, foreign, torn, or in use."""


class ProviderStop(PeersimError):
    """A provider refuses all work, so going on would only burn trials."""


class BudgetSpent(PeersimError):
    """The study's budget has no room for another call: a clean end, not a fault."""


class GateClosed(PeersimError):
    """A control did not separate from its counterpart, so the main budget stays locked."""


class Divergence(PeersimError):
    """A journalled completion belongs to another request.

    Attributes:
        differences: What each part of the request that changed said then and says now.
    """

    def __init__(
        self, what: str, fix: str = "", differences: "tuple[Difference, ...]" = ()
    ) -> None:
        """Make the error.

        Args:
            what: What is wrong.
            fix: What to do about it.
            differences: What changed.
        """
        super().__init__(what, fix)
        self.differences = differences


# What a part of a request said that no journal keeps: a seed, or the model's own words.
NOT_KEPT = "(not kept in full)"


class Difference(NamedTuple):
    """A part of a request or record, as it was and as it is.

    Attributes:
        part: Its name, such as ``message 2 (user)``.
        then: The text when it was written; None if there was none, ``NOT_KEPT`` if it is not kept.
        now: The text now; None if there is none.
    """

    part: str
    then: str | None
    now: str | None


class MissingCompletion(PeersimError):
    """A replay met a call that the journal does not hold."""


class AnalysisRefusal(PeersimError):
    """A number cannot honestly be printed."""


class Interrupted(Exception):
    """The user asked for an early end: a wish, not an error."""

    def __init__(
        self, left: str = "nothing that was completed is lost. Go on with: peersim resume"
    ) -> None:
        """Make it.

        Args:
            left: What is left of the work, and how it goes on.
        """
        super().__init__(left)
