"""Who a person is: proved by the API server's policies before anything is written, or only claimed by the writer."""

from typing import Final

from pydantic import TypeAdapter, ValidationError

from knowngood.api.v1alpha1.scalars import Person

COMMAND_BY_ANNOTATION: Final = "knowngood.dev/command-by"

UNVERIFIED: Final = "unverified"
"""Recorded instead of a name that nothing proves."""

_ASKED: Final = " asked for it ("

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


def actor(name: str, remark: str) -> str:
    """Name a person as whoever did something: one that nothing proves must not stand where a proved name does.

    Args:
        name: As the person gave it.
        remark: What stands behind the name, from `remark`.
    """
    return UNVERIFIED if remark else name


def asked_for_it(by: str, verb: str) -> str:
    """Say in a failure that a person wanted a version back; where nobody can prove who, only that somebody did."""
    return f"{'a person' if by == UNVERIFIED else by}{_ASKED}{verb})"


def who_asked(message: str) -> str | None:
    """Name whoever asked for it, from the words of `asked_for_it`; None in other words."""
    by, asked, _ = message.partition(_ASKED)
    return by if asked else None
