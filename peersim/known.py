"""JSON that is known to be JSON, since it was read from a text or is ours."""

from typing import Annotated

from pydantic import GetCoreSchemaHandler, JsonValue
from pydantic_core import CoreSchema, core_schema


class _Known:
    """Lets a value pass as it is: every text that JSON can be read from gives JSON."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.any_schema()


# To look into every value of what is known takes longer than all the rest of a record.
KnownJson = Annotated[JsonValue, _Known()]
