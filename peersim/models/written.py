"""What a model wrote, made fit to be stored.

Half a surrogate pair, which JSON can carry and no file can, is replaced wherever it stands.
"""

from typing import Annotated

from pydantic import AfterValidator, JsonValue

from peersim.prompts.sections import storable


def _storable_value(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return storable(value)
        case list():
            return [_storable_value(item) for item in value]
        case dict():
            return {storable(key): _storable_value(item) for key, item in value.items()}
        case _:
            return value


def _storable_block(block: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {storable(key): _storable_value(value) for key, value in block.items()}


Text = Annotated[str, AfterValidator(storable)]
Block = Annotated[dict[str, JsonValue], AfterValidator(_storable_block)]
