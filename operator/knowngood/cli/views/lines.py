"""What views are made of: lines and tables of plain text. How they look is the printer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Tone(StrEnum):
    """What a text is for the person who reads it."""

    PLAIN = "plain"
    TITLE = "title"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, or a few.

    Attributes:
        head: What stands before it; where the text needs more lines, they begin below the text.
        tone: Of the head, or of the text where the head is only an indentation.
        verbatim: It stays in one line, so that it can be copied.
    """

    text: str = ""
    head: str = ""
    tone: Tone = Tone.PLAIN
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry of a table."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below their names."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


Part = Line | Table


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that a person can do.

    Attributes:
        command: What to call for it; empty where that is not all.
    """

    text: str
    command: str = ""

    def lines(self, bullet: str) -> tuple[Line, ...]:
        """Write it, and the command below it."""
        call = Line(self.command, head=" " * (len(bullet) + 2), verbatim=True)
        return (
            (Line(self.text, head=bullet), call)
            if self.command
            else (Line(self.text, head=bullet),)
        )


EMPTY: Final = "-"
"""What a cell says that has nothing to say, so that columns can be counted by machines."""


def section(title: str, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Put a title above parts, and an empty line above it; nothing where there are none."""
    return (Line(), Line(title, tone=Tone.TITLE), *parts) if parts else ()


def facts(pairs: Sequence[tuple[str, str]]) -> tuple[Line, ...]:
    """Write names and texts below each other; pairs with an empty text are left out."""
    told = [(name, text) for name, text in pairs if text]
    width = max((len(name) for name, _ in told), default=0)
    return tuple(Line(text, head=f"  {name:<{width}}  ") for name, text in told)
