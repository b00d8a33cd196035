"""Sentences in the space there is: wrapped between words, and never within a number."""

import re
import textwrap
from collections.abc import Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

_WITHIN_A_NUMBER: Final = re.compile(r"(?<=\d) (?=\d{3}\b|%)")
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_NARROWEST: Final = 8


def wrapped(text: str, width: int, most: int | None = None) -> Sequence[str]:
    """Break a text into lines of at most `width` characters; what is beyond `most` lines is cut."""
    return textwrap.wrap(
        _WITHIN_A_NUMBER.sub(_NO_BREAK, text),
        max(width, _NARROWEST),
        max_lines=most,
        placeholder=" …",
        break_on_hyphens=False,
    )


def hanging(head: str, text: str, width: int) -> str:
    """Write a text after its head, and go on below the text where it does not fit in `width`."""
    return head + f"\n{' ' * len(head)}".join(wrapped(text, width - len(head)))


class Clipped:
    """A text on the screen.

    Attributes:
        text: What it says.
        most: How many lines it may take.
        steady: Whether it takes all of them, so that nothing below it moves.
        style: How it looks.
    """

    def __init__(self, text: str, most: int, style: str = "", *, steady: bool = False) -> None:
        self.text = text
        self.most = most
        self.steady = steady
        self.style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = wrapped(self.text, options.max_width, self.most)
        spare = self.most - len(lines) if self.steady else 0
        for line in [*lines, *[""] * spare]:
            yield Text(line, self.style, no_wrap=True, overflow="ellipsis")
