"""The base of every model: snake_case in Python, camelCase on the wire."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, GetJsonSchemaHandler, PlainSerializer
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from knowngood.api.docstrings import said_of


class Wire(BaseModel):
    """A frozen value that is read from and written to the API server.

    Unknown fields are ignored, so that objects of a newer schema can still be read. The docstrings
    of classes and attributes are what `kubectl explain` prints.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        alias_generator=to_camel,
        defer_build=True,  # most programs use a few of the models
    )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the fields by the docstrings below them."""
        shown = handler(core_schema)
        fields = handler.resolve_ref_schema(shown).get("properties", {})
        for name, words in said_of(cls).items():
            fields[cls.model_fields[name].alias or to_camel(name)].setdefault("description", words)
        return shown

    def wire(self) -> dict[str, Any]:
        """Render as the API server takes it.

        CamelCase, times as strings, absent fields left out.
        """
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def _seconds(at: datetime) -> str:
    return f"{_bare(at).isoformat(timespec='seconds')}Z"


def _microseconds(at: datetime) -> str:
    return f"{_bare(at).isoformat(timespec='microseconds')}Z"


def _bare(at: datetime) -> datetime:
    """The same instant in UTC, which is not written: `isoformat` is several times quicker than `strftime`."""
    return at.astimezone(UTC).replace(tzinfo=None)


Time = Annotated[AwareDatetime, PlainSerializer(_seconds, return_type=str)]
"""An instant, written in whole seconds like Kubernetes' own `metav1.Time`."""

MicroTime = Annotated[AwareDatetime, PlainSerializer(_microseconds, return_type=str)]
"""An instant, written in microseconds like Kubernetes' `metav1.MicroTime`."""
