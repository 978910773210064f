"""The certificates that a user names for servers of their own or a network's proxy."""

import os
import ssl

from peersim.errors import ConfigError

VARIABLE = "SSL_CERT_FILE"


def check_certificates() -> None:
    """Check that the file of certificates that the environment names can be used.

    Clients read it at their import and fail at one that holds none; one that is missing some of
    them pass over without a word.

    Raises:
        ConfigError: If it cannot.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # an SSLError is one
        reason = error.strerror or error
        raise ConfigError(
            f"{VARIABLE} names {path}, which holds no certificates that can be used ({reason})",
            "mend it, or take it out of the environment",
        ) from error
