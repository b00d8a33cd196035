"""One message: a title, at most six lines, and the hash by which the record can be verified later."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from knowngood.exporting.texts import clean

LONGEST: Final = 400
"""Bytes of one line."""

LONGEST_TASK: Final = 800
"""Bytes of the line that says what to do: it holds commands, and one that is cut is worth nothing."""

LONGEST_TITLE: Final = 200


class Audience(StrEnum):
    """Who reads: those who mend it, or those whose business it is."""

    OPERATIONS = "Operations"
    BUSINESS = "Business"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, in a word or two, and what is so."""

    head: str
    text: str

    def __str__(self) -> str:
        return f"{self.head}: {self.text}"


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody reads, without any markup.

    Attributes:
        title: What is the matter, in one line.
        lines: At most six.
        record: Hash of the last entry of the incident's timeline; empty where there is none.
    """

    title: str
    lines: tuple[Line, ...]
    record: str

    @property
    def text(self) -> str:
        """All of it, for whoever takes nothing but text."""
        record = (f"Record: {self.record}",) if self.record else ()
        return "\n".join((self.title, *map(str, self.lines), *record))


def line(head: str, text: str, most: int = LONGEST) -> Line:
    """Write a line: of one line, and not too long."""
    return Line(head, clean(text, most))


def moment(at: datetime) -> str:
    """An instant for people, in one time for all of them."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
