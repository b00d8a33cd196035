"""From what the API server sends to values; it may be of a newer Knowngood than this program."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from knowngood.api.v1alpha1.wire import Wire
from knowngood.cli.problems import Problem

Kind = TypeVar("Kind", bound=Wire)


def read(kind: type[Kind], found: Mapping[str, Any]) -> Kind:
    """Read an object.

    Raises:
        Problem: This program does not understand it.
    """
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        name = found.get("metadata", {}).get("name", "?")
        raise Problem(
            f"cannot read {kind.__name__} {name} ({where}: {first['msg']}): install the command line of the same "
            "version as the operator"
        ) from error
