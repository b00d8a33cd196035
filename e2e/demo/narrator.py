"""How the demo speaks: a live screen on a terminal, lines elsewhere."""

import threading
from types import TracebackType
from typing import Final, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from e2e.demo.figures import VersionFigures, figures
from e2e.demo.lines import hanging
from e2e.demo.screen import Screen
from e2e.demo.watcher import View
from e2e.demo.words import percent, standing
from e2e.load import Ledger
from e2e.models.clock import unix_seconds

_FRAMES_PER_S: Final = 4
_LINE_EVERY_S: Final = 5.0


class Narrator:
    """Says what stays on the screen, and shows what passes."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.ledger: Ledger | None = None
        self.standing = True  # whether lines say every few seconds how it stands
        self._began = unix_seconds()
        self._lock = threading.Lock()
        self._view = View()
        self._told: set[tuple[str, str]] = set()
        self._last_line = 0.0
        self._live = (
            Live(
                get_renderable=self._frame,
                console=console,
                refresh_per_second=_FRAMES_PER_S,
                transient=True,
            )
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, line: str, style: str = "") -> None:
        """Write a line that stays, with the seconds since the start."""
        elapsed = unix_seconds() - self._began
        self.console.print(Text(f"{elapsed:5.0f} s  ", "dim").append(line, style), soft_wrap=True)

    def sentence(self, head: str, text: str, style: str = "") -> None:
        """Write a sentence that stays; on a terminal, it goes on below where it begins."""
        if self.console.is_terminal:  # elsewhere, one sentence is one line
            head, text = "", hanging(head, text, self.console.width)
        self.console.print(head + text, style=style, markup=False, soft_wrap=True)

    def seen(self, view: View) -> None:
        """Take in a new view; without a live screen, say what is new and how it stands."""
        with self._lock:
            before, self._view = self._view, view
            if self._live is None:
                self._tell_edges(before, view)
                self._tell_standing(view)

    def _frame(self) -> RenderableType:
        view = self._view
        return Screen(view, self._rows(view), self.ledger)

    def _rows(self, view: View) -> tuple[VersionFigures, ...]:
        ledger = self.ledger
        return () if ledger is None else tuple(figures(ledger, view.model, unix_seconds()))

    def _tell_edges(self, before: View, view: View) -> None:
        if view.model.phase != before.model.phase:
            self.say(f"phase {view.model.phase or 'none'}: {standing(view.model)}".rstrip(": "))
        for event in view.model.events:
            if (event.what, event.text) not in self._told:
                self._told.add((event.what, event.text))
                self.say(f"{event.what}: {event.text}")
        verdicts = {one.trigger: one.kind for one in before.judgements}
        for one in view.judgements:
            if verdicts.get(one.trigger) != one.kind:
                self.say(f"{one.trigger}: {one.kind}, after {one.samples} requests of the canary")
        if view.trouble and not before.trouble:
            self.say(f"the last look failed: {view.trouble}")

    def _tell_standing(self, view: View) -> None:
        now = unix_seconds()
        if self.ledger is None or not self.standing or now - self._last_line < _LINE_EVERY_S:
            return
        self._last_line = now
        parts = [
            f"version {row.version}: {percent(row.share)} of the answers, "
            f"approves {percent(row.tally.approval_rate)}"
            for row in self._rows(view)
        ]
        self.say("; ".join([*parts, f"{len(self.ledger.lost())} requests failed"]))
