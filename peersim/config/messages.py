"""One sentence out of a library's many lines."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from yaml import MarkedYAMLError

from peersim.config.near import known_keys, model_files, near
from peersim.errors import ConfigError

KINDS = ("task", "memory", "scenario", "transform", "partner_script", "background_script")
# Keys below which anybody may put what they like.
OPEN = ("study.contrasts", "study.gates", "study.only", "study.scopes", "study.factors")
_SEE = "see conf/config.yaml, or: peersim run --cfg job"


def from_validation(
    error: ValidationError, schema: type[BaseModel], given: object = None
) -> ConfigError:
    """Return the first problem that pydantic found, as one sentence naming the key.

    Args:
        error: What pydantic found.
        schema: Knows the keys that there are.
        given: What was validated; contrasts and gates in it are named by their ids.
    """
    first = error.errors()[0]
    key = ".".join(_path(_by_id(first["loc"], given)))
    if first["type"] == "extra_forbidden":
        return ConfigError(f"unknown key {key!r}", _like(key, schema) or _SEE)
    if first["type"] == "missing" and (role := re.fullmatch(r"(roles\.\w+)\.ref", key)):
        what = f"{role[1]} has no model of its own, so nothing of it can be set"
        return ConfigError(what, f"choose one: +model@{role[1]}=NAME")
    if first["type"] in ("union_tag_invalid", "literal_error"):
        meant = _meant(first) or _SEE
        return ConfigError(f"{key or 'the configuration'}: {_plain(first['msg'])}", meant)
    # What was given for a key or an address may be a secret, so it is not said again.
    secret = key.endswith(("key_env", "base_url"))
    given = f" (given: {first['input']!r})" if _is_scalar(first["input"]) and not secret else ""
    return ConfigError(f"{key}: {_plain(first['msg'])}{given}", _SEE)


def from_hydra(error: Exception, schema: type[BaseModel] | None = None) -> ConfigError:
    """Return what Hydra found wrong with an override or a choice, as one sentence.

    Args:
        error: What Hydra found.
        schema: Knows the keys that there are, beside those that ``conf/`` gives values to.
    """
    if isinstance(error, MarkedYAMLError):
        return _not_yaml(error)
    text = str(error)
    key = re.search(r"Could not override '([^']+)'|Key '[^']+' is not in struct", text)
    if key:
        full = re.search(r"full_key: (\S+)", text)
        return _no_such_key(key[1] or (full[1] if full else ""), schema)
    missing = re.search(r"Could not find '([^']+)'", text)
    if missing:
        return _no_such_choice(missing[1], re.findall(r"^\t(\S+)$", text, flags=re.MULTILINE))
    unread = re.match(r"(?:Lexer|Input|No)\w*Exception: (.*)", text)
    if unread:
        return ConfigError(
            f"{unread[1]!r} cannot be read as KEY=VALUE",
            "put values with spaces, quotes, brackets or letters that are not ASCII in quotes"
            " twice: 'key=\"a value\"'",
        )
    several = re.match(r"Ambiguous value for argument '([^']+)'", text)
    if several:
        return ConfigError(
            f"{several[1]} gives one key several values", "add -m, which makes an arm of each"
        )
    if "onfig directory" in text:
        first = text.splitlines()[0]
        return ConfigError(first, "make it, or mend --config-dir")
    first = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    return ConfigError(first.rstrip("."), _SEE)


def _not_yaml(error: MarkedYAMLError) -> ConfigError:
    """Return what to say of a file that is no YAML: which, and where in it."""
    mark = error.problem_mark
    place = f"{mark.name}, line {mark.line + 1}" if mark else "a file of the configuration"
    return ConfigError(f"{place}: {error.problem or 'no YAML'}", "mend the file")


def null_for_a_file(arguments: Sequence[str]) -> ConfigError:
    """Return what to say where a file of a group is chosen by null, which is no name.

    Args:
        arguments: The command line.
    """
    pairs = [argument.lstrip("+").partition("=") for argument in arguments]
    nulls = [
        f"{key}={value}" for key, _, value in pairs if "." not in key and "null" in value.split(",")
    ]
    named = nulls[0] if nulls else "a factor of the study"
    model = named.startswith("model") or "@" in named
    return ConfigError(
        f"{named}: null is no name of a file, but stands for nothing",
        "the model of that name is model=simulated/null"
        if model
        else "name a file of the group, or put a name that is null in quotes twice: '\"null\"'",
    )


def _no_such_key(key: str, schema: type[BaseModel] | None) -> ConfigError:
    """Return what to say of a key that the configuration has no value for."""
    known = known_keys(schema) if schema else []
    within = [one for one in OPEN if key.startswith(f"{one}.")]
    if key in known or within:
        return ConfigError(
            f"{key} is not set in the files that were chosen",
            f"mend its name, or give it with a plus: +{key}=...",
        )
    return ConfigError(f"unknown key {key!r}", _like(key, schema) or _SEE)


def _like(key: str, schema: type[BaseModel] | None) -> str:
    """Return a question that names the closest key, those that only some kinds have included."""
    if schema is None:
        return ""
    return near(key, known_keys(schema)) or near(key, known_keys(schema, kinds=True))


def _meant(first: Any) -> str:
    """Return a question that names the closest of the values that pydantic would have taken."""
    context = first.get("ctx", {})
    wanted = context.get("expected") or context.get("expected_tags") or ""
    given = context.get("tag", first["input"])
    return near(str(given), re.findall(r"'([^']+)'", wanted))


def _by_id(location: tuple[int | str, ...], given: object) -> tuple[int | str, ...]:
    """Return a path in which entries of a study's lists are called by their ids."""
    match location:
        case ("study", "contrasts" | "gates" as kind, int(place), *rest):
            study = given.get("study") if isinstance(given, Mapping) else None
            listed = study.get(kind) if isinstance(study, Mapping) else None
            if isinstance(listed, Mapping):
                ids = [key for key, fields in listed.items() if fields is not None]
            else:
                ids = [one.get("id", at) for at, one in enumerate(listed or ())]
            return ("study", kind, ids[place] if place < len(ids) else place, *rest)
    return location


def _no_such_choice(wanted: str, options: list[str]) -> ConfigError:
    """Return what to say of a choice that a group does not have."""
    group, _, choice = wanted.partition("/")
    if group == "model":
        options = model_files()
        fix = f"choose one of {', '.join(sorted(options))}, or a LiteLLM model as provider/name"
    else:
        fix = (
            f"choose one of {', '.join(options) or 'nothing'}; files of your own need --config-dir"
        )
    meant = near(choice, options)
    return ConfigError(f"no {group} named {choice!r}", f"{meant} Else {fix}" if meant else fix)


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _path(location: tuple[int | str, ...]) -> list[str]:
    """Return a key's path without the kind that pydantic puts in where kinds differ in keys."""
    parts = [str(part) for part in location]
    return [parts[0], *parts[2:]] if len(parts) > 1 and parts[0] in KINDS else parts


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float | bool) or value is None
