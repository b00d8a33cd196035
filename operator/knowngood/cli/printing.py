"""How lines and tables look: on a terminal, in a pipe, in 80 columns.

Whatever the API server sends is text of somebody else: it reaches the terminal without control characters, and is never
read as markup.
"""

import re
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from rich.console import Console
from rich.text import Text

from knowngood.cli.views.changes import Fact
from knowngood.cli.views.lines import Cell, Line, Part, Table, Tone

STYLES: Final = {
    Tone.PLAIN: "",
    Tone.TITLE: "bold",
    Tone.GOOD: "green",
    Tone.WARNING: "yellow",
    Tone.BAD: "red",
}
_NARROWEST: Final = 24
"""Columns that a text gets at least, whatever stands before it."""

_GROUPED: Final = re.compile(r"(?<=\d) (?=\d{3}\b)")
_WHOLE: Final = "\ue000"
"""Stands for a space at which no line may end: as wide, no space to rich, and in no text that is `clean`."""


class Printer:
    """Prints to the standard output, or to another console."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, markup=False, emoji=False)

    def show(self, parts: Iterable[Part]) -> None:
        """Print parts below each other, wrapped to the width of the terminal, or to 80 columns."""
        for part in parts:
            if isinstance(part, Table):
                self._table(part)
            else:
                self._line(part)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Print a text in one line, however long it is."""
        self._console.print(Text(clean(text), STYLES[tone]), soft_wrap=True)

    def event(self, at: datetime, fact: Fact) -> None:
        """Print what happened, with the time, in one line: logs are read line by line."""
        time = (f"{at:%H:%M:%SZ}  ", "dim")
        self._console.print(
            Text.assemble(time, (clean(fact.text), STYLES[fact.tone])), soft_wrap=True
        )

    def _line(self, line: Line) -> None:
        head, style = clean(line.head), STYLES[line.tone]
        styled = bool(head.strip())
        if line.verbatim:
            self.say(head + line.text)
            return
        width = max(self._console.width - len(head), _NARROWEST)
        whole = Text(_GROUPED.sub(_WHOLE, clean(line.text)))  # half of "4 207" is another number
        for number, piece in enumerate(whole.wrap(self._console, width) or [whole]):
            text = (piece.plain.rstrip().replace(_WHOLE, " "), "" if styled else style)
            before = (head if number == 0 else " " * len(head), style if styled else "")
            self._console.print(Text.assemble(before, text), soft_wrap=True)

    def _table(self, table: Table) -> None:
        header = tuple(Cell(name, Tone.TITLE) for name in table.header)
        rows = [[_text(cell) for cell in row] for row in (header, *table.rows)]
        widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
        spare = self._console.width - sum(widths) - 2 * (len(widths) - 1)
        gap = "  " if spare >= 0 else " "
        for row in rows:
            padded = [
                cell + Text(" " * (width - cell.cell_len))
                for cell, width in zip(row, widths, strict=True)
            ]
            line = Text(gap).join(padded)
            line.rstrip()
            self._console.print(line, soft_wrap=True)


def clean(text: str) -> str:
    """Replace what would move the cursor, change colours or hide text."""
    return "".join(
        c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def complain(text: str) -> None:
    """Print one line to the standard error stream."""
    sys.stderr.write(f"knowngood: {clean(text)}\n")


def _text(cell: Cell) -> Text:
    return Text(clean(cell.text), STYLES[cell.tone])
