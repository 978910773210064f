"""Keys and parameters of the models of a command, checked before anything is paid for."""

from collections.abc import Sequence

from peersim.errors import ConfigError
from peersim.models.base import ModelRef
from peersim.models.keys import load_keys
from peersim.study.design import Study


def check_keys(study: Study, models: Sequence[ModelRef] | None = None) -> None:
    """Check that every real model has its key and takes its parameters, before paying for any.

    Args:
        study: Knows how its models are reached.
        models: Those that will be asked; by default all of the study's.

    Raises:
        ConfigError: If a key is missing, the file of keys cannot be read, or a parameter would
            never be sent.
    """
    load_keys()  # W&B's may be among them, whoever is asked
    real = [ref for ref in (study.models if models is None else models) if not ref.simulated]
    if not real:
        return
    from peersim.models.needed import missing_key
    from peersim.models.taken import check_taken

    for ref in real:
        name = missing_key(ref, study.endpoints[ref.ref])
        if name:
            raise ConfigError(
                f"{ref.ref} needs the environment variable {name}",
                "set it or put it in the file that PEERSIM_KEYS_FILE names, or give"
                " model.base_url for a server of your own",
            )
        check_taken(ref, study.endpoints[ref.ref])
