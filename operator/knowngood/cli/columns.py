"""Columns of a table, counted as a baseline has them: one pass over the rows, and every mistake named by its place."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Final

from knowngood.api.v1alpha1 import Baseline, BaselineSource
from knowngood.api.v1alpha1.signal_template import SignalForm
from knowngood.cli.problems import Problem
from knowngood.signals.edges import parse_edge
from knowngood.signals.partition import OTHER
from knowngood.signals.vectors import MOST_LANES

_LONGEST: Final = 128
_SHOWN: Final = 8

Row = Mapping[str | None, Any]
"""One row by the names of the columns; None where it has fewer fields than the header."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is counted for one signal.

    Attributes:
        signal: Name of the template.
        column: Of the table.
        edges: Upper edges of the bins, without the infinite one; empty: not a histogram.
        events: Values that count as the event; empty: not a share.
    """

    signal: str
    column: str
    edges: tuple[float, ...] = ()
    events: tuple[str, ...] = ()

    @property
    def form(self) -> SignalForm:
        """The kind of signal that such counts serve."""
        if self.edges:
            return SignalForm.HISTOGRAM
        return SignalForm.RATIO if self.events else SignalForm.CATEGORIES


def read_edges(texts: Sequence[str], where: str) -> tuple[float, ...]:
    """Read the edges of buckets as metrics show them; `+Inf` at the end may be there.

    Raises:
        Problem: They are none.
    """
    found = []
    for text in texts:
        edge = parse_edge(text.strip())
        if edge is None:
            raise Problem(f"{where}: {text.strip()!r} is not a number")
        found.append(edge)
    if found and found[-1] == math.inf:
        found.pop()
    if not found or not all(map(math.isfinite, found)) or any(a >= b for a, b in pairwise(found)):
        raise Problem(f"{where}: finite numbers in ascending order are wanted, as in 1,2.5,10")
    if len(found) >= MOST_LANES:
        raise Problem(f"{where}: {len(found)} edges; {MOST_LANES - 1} are possible")
    return tuple(found)


@dataclass(slots=True)
class _Count:
    """What was counted of one column so far."""

    wanted: Wanted
    name: str
    seen: Counter[object] = field(default_factory=Counter)

    def add(self, row: Row, number: int) -> None:
        """Count one row."""
        text = row.get(self.wanted.column)
        if text is None or not text.strip():
            raise self._at(number, "it is empty; leave such rows out, as the model's metrics do")
        if self.wanted.edges:
            self.seen[bisect_left(self.wanted.edges, self._number(text, number))] += 1
            return
        self.seen[text] += 1
        if self.wanted.events:
            return
        if len(text) > _LONGEST or text == OTHER:
            raise self._at(number, f"{text[:20]!r} can be no category")
        if len(self.seen) > MOST_LANES:
            text = (
                f"more than {MOST_LANES} values: too many to be told apart; give edges for numbers"
            )
            raise self._at(number, text)

    def baseline(self, span: tuple[datetime, datetime]) -> Baseline:
        """Write it down."""
        samples, wanted = self.seen.total(), self.wanted
        known: dict[str, Any] = {
            "signal": wanted.signal,
            "source": BaselineSource.HANDED_IN,
            "samples": samples,
            "from_": span[0],
            "to": span[1],
        }
        if wanted.events:
            return Baseline(**known, events=(self._events(),), totals=(samples,))
        if wanted.edges:
            edges = (*map(repr, wanted.edges), "+Inf")
            counts = tuple(self.seen[place] for place in range(len(edges)))
            return Baseline(**known, edges=edges, counts=counts)
        names = sorted(str(name) for name in self.seen)
        counts = (*(self.seen[name] for name in names), 0)
        return Baseline(**known, categories=(*names, OTHER), counts=counts)

    def _events(self) -> int:
        absent = [event for event in self.wanted.events if not self.seen[event]]
        if absent:
            there = ", ".join(repr(value) for value, _ in self.seen.most_common(_SHOWN))
            raise Problem(
                f"{self.name}, column {self.wanted.column}: no row is {absent[0]!r}; there are {there}"
            )
        return sum(self.seen[event] for event in self.wanted.events)

    def _number(self, text: str, number: int) -> float:
        try:
            found = math.nan if "_" in text else float(text)  # Python would take 1_0 for ten
        except ValueError:
            found = math.nan
        if math.isnan(found):
            raise self._at(number, f"{text[:20]!r} is not a number")
        return found

    def _at(self, number: int, text: str) -> Problem:
        return Problem(f"{self.name}, line {number}, column {self.wanted.column}: {text}")


def count(
    rows: Iterable[tuple[int, Row]],
    header: Sequence[str],
    wanted: Sequence[Wanted],
    name: str,
    span: tuple[datetime, datetime],
) -> Iterator[Baseline]:
    """Count the rows of a table.

    Args:
        rows: Those below the header, each with its line in the file.
        header: Names of the columns.
        wanted: What is counted.
        name: Of the table, for people.
        span: From when to when the rows are.

    Raises:
        Problem: A column is not there, or a field can not be counted; the text says which.
    """
    for one in wanted:
        if one.column not in header:
            near = get_close_matches(one.column, header, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(header[:_SHOWN])}"
            raise Problem(f"{name}: there is no column {one.column}; {hint}")
        if header.count(one.column) > 1:
            raise Problem(f"{name}: there is more than one column {one.column}")
    counts = [_Count(one, name) for one in wanted]
    for number, row in rows:
        for each in counts:
            each.add(row, number)
    for each in counts:
        if not each.seen:
            raise Problem(f"{name}: there is no row below the header")
        yield each.baseline(span)
