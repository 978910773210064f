"""The exception tree. Each message names the thing and says what to do next.

PeersimError
├── ConfigError         a key, kind, level or file in the configuration is wrong
├── PromptError         a template asks for something it was not given
├── StoreError          a run directory is missing, foreign, torn, or in use
├── ProviderStop        a provider refuses all work (key, address, model name)
├── Divergence          a journalled completion belongs to another request
├── MissingCompletion   a replay met a call that the journal does not hold
└── AnalysisRefusal     a number cannot honestly be printed
"""


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


class Divergence(PeersimError):
    """A journalled completion belongs to another request."""


class MissingCompletion(PeersimError):
    """A replay met a call that the journal does not hold."""


class AnalysisRefusal(PeersimError):
    """A number cannot honestly be printed."""


class Interrupted(Exception):
    """The user asked for an early end: a wish, not an error."""
