"""The live screen: everything that is known now, drawn anew several times a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel

from e2e.demo.figures import VersionFigures
from e2e.demo.sections import FULL, Cut, sections
from e2e.demo.watcher import View
from e2e.load import Ledger

_TALLEST: Final = 28  # what a rollback has to say in 120 columns
_BORDERS: Final = 2  # lines
_SIDES: Final = 4  # columns
_CUTS: Final = (
    FULL,
    Cut(gaps=False),
    Cut(gaps=False, events=2),
    Cut(gaps=False, events=2, titles=False),
    Cut(gaps=False, events=2, titles=False, spare=False),
    Cut(gaps=False, events=1, titles=False, spare=False, sentence=2),
    Cut(gaps=False, events=1, titles=False, spare=False, sentence=1),
    Cut(gaps=False, events=1, titles=False, spare=False, sentence=1, verdicts=False),
)
"""What is left out of a small terminal, the least important first."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One frame, as tall as the last one, and shorter than the terminal by at least a line.

    Attributes:
        view: What was seen of the cluster.
        rows: What clients got, by version.
        ledger: All of it; None before there are clients.
    """

    view: View
    rows: Sequence[VersionFigures]
    ledger: Ledger | None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # A frame that fills the terminal scrolls as it ends, and its upper border stays behind.
        height = min(_TALLEST, options.size.height - 1)
        inner = options.update(width=max(options.max_width - _SIDES, 1), height=None)
        content: RenderableType = ""
        for cut in _CUTS:
            content = Group(*sections(self.view, self.rows, cut))
            if len(console.render_lines(content, inner, pad=False)) <= height - _BORDERS:
                break
        yield Panel(
            content,
            title="Knowngood guards loan-approval",
            subtitle=_footer(self.ledger),
            height=height,
        )


def _footer(ledger: Ledger | None) -> str:
    if ledger is None:
        return "no traffic yet"
    lost = len(ledger.lost())
    colour = "red" if lost else "green"
    return f"{len(ledger)} requests, [{colour}]{lost} failed[/{colour}]"
