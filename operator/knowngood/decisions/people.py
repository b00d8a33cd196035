"""Who a person is: proved by the API server's policies before anything is written, or only claimed by the writer."""

from typing import Final

from pydantic import TypeAdapter, ValidationError

from knowngood.api.v1alpha1.scalars import Person

COMMAND_BY_ANNOTATION: Final = "knowngood.dev/command-by"

UNVERIFIED: Final = "unverified"
"""Recorded instead of a name that nothing proves."""

_PERSON: Final[TypeAdapter[str]] = TypeAdapter(Person)


def recorded(claimed: str, *, proved: bool) -> str:
    """Name a person as it is written down: as claimed where that is proved, else `unverified`.

    Args:
        claimed: Hostile input; empty when nobody is named.
        proved: Whether the API server has refused every name but the writer's own.
    """
    try:
        return _PERSON.validate_python(claimed) if proved else UNVERIFIED
    except ValidationError:
        return UNVERIFIED


def remark(*, proved: bool) -> str:
    """What stands behind the name of a person in words: nothing where the name is proved."""
    return "" if proved else f" ({UNVERIFIED})"
