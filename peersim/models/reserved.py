"""Which extra parameters of a model are not its user's to set."""

from peersim.errors import ConfigError
from peersim.models.base import ModelRef
from peersim.models.secretive import secretive_names

# What a model reference's extra parameters may not set: they would replace the request,
# carry a secret into the record, or turn on retries, fallbacks and caches, which change data.
RESERVED = frozenset(
    {"model", "messages", "tools", "tool_choice", "stream", "n"}
    | {"temperature", "top_p", "max_tokens", "timeout", "api_key", "api_base", "base_url"}
    | {"num_retries", "max_retries", "fallbacks", "context_window_fallback_dict"}
    | {"caching", "cache", "mock_response", "mock_tool_calls", "drop_params"}
    # Credentials come from the environment alone: what stands here goes into every record.
    | {"extra_headers", "headers", "vertex_credentials", "azure_ad_token", "api_secret"}
    | {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}
)


def check_extra(ref: ModelRef) -> None:
    """Check that a reference's extra parameters leave alone what is not theirs to set.

    Raises:
        ConfigError: If they set a reserved parameter, or anywhere within them something that
            is a secret by its name.
    """
    taken = sorted((RESERVED & ref.extra.keys()) | set(secretive_names(ref.extra)))
    if taken:
        raise ConfigError(
            f"the extra parameters of {ref.ref} set {', '.join(taken)}",
            "take them out; sampling and endpoint hold what may be set",
        )
