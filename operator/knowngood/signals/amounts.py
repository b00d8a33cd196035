"""What was counted in two spans, by version and by bin: for a look at one instant, and no evidence.

`increase` extrapolates and sees no first value of a series, so these numbers are near the truth and not exact. They are
good enough to say what has moved where nothing is done because of it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from knowngood.signals.edges import bin_text, parse_edge
from knowngood.signals.identity import TELLING
from knowngood.signals.selectors import Matcher, Selector

LONGEST: Final = 64
"""Characters of a label's value that are told."""

Amounts = Mapping[str, Mapping[str, float]]
"""What was counted, by part, and by the value of the label that tells the bins."""


@dataclass(frozen=True, slots=True)
class Sides:
    """One part of a signal in two spans.

    Attributes:
        labels: Of its bins, for people.
        edges: Inner boundaries of the bins; None where they have no order.
        before: What was counted before the harm, by bin.
        since: What was counted since.
    """

    labels: tuple[str, ...]
    edges: tuple[float, ...] | None
    before: tuple[float, ...]
    since: tuple[float, ...]


def rising(
    selector: Selector, narrowed: Iterable[Matcher], labels: Iterable[str], seconds: int
) -> str:
    """PromQL for by how much counters rose in a span, of each target and for each value of some labels.

    Args:
        selector: Of the counters.
        narrowed: What the series must fulfil besides.
        labels: Labels whose values are kept apart.
        seconds: Length of the span, which ends at the instant of evaluation.
    """
    counters = Selector((*selector.matchers, *narrowed)).render(seconds)
    names = sorted({*TELLING, *labels})
    return f"sum by ({', '.join(names)}) (increase({counters}))"


def summed(rows: Iterable[tuple[Mapping[str, str], float]], part: str, bin_: str) -> Amounts:
    """Add up what the targets of one version counted; `part` and `bin_` are labels, empty for none."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for labels, value in rows:
        found[labels.get(part, "")][labels.get(bin_, "")] += max(0.0, value)
    return found


def of_histogram(before: Amounts, since: Amounts) -> dict[str, Sides]:
    """Make bins of cumulative buckets, those whose edges both spans have."""
    found: dict[str, Sides] = {}
    for part in since.keys() | before.keys():
        past, now = _edges(before.get(part, {})), _edges(since.get(part, {}))
        edges = sorted(past.keys() & now.keys()) if past and now else sorted(past or now)
        if len(edges) > 1 and math.isinf(edges[-1]):
            labels = tuple(bin_text(a, b) for a, b in pairwise((-math.inf, *edges)))
            sides = (_bins(past, edges), _bins(now, edges))
            found[part] = Sides(labels, tuple(edges[:-1]), *sides)
    return found


def of_categories(before: Amounts, since: Amounts) -> dict[str, Sides]:
    """Make bins of categories."""
    found: dict[str, Sides] = {}
    for part in since.keys() | before.keys():
        past, now = before.get(part, {}), since.get(part, {})
        names = sorted(past.keys() | now.keys())
        counts = (tuple(side.get(n, 0.0) for n in names) for side in (past, now))
        found[part] = Sides(tuple(plain(n) or "(none)" for n in names), None, *counts)
    return found


def of_shares(events: tuple[Amounts, Amounts], totals: tuple[Amounts, Amounts]) -> dict[str, Sides]:
    """Make two bins of events and the rest of their total; where the total has no parts it is that of every part."""
    found: dict[str, Sides] = {}
    for part in {*events[0], *events[1]} or {*totals[0], *totals[1]}:
        sides: list[tuple[float, float]] = []
        for happened, all_of in zip(events, totals, strict=True):
            count = sum(happened.get(part, {}).values())
            total = sum((all_of.get(part) or all_of.get("") or {}).values())
            sides.append((count, max(0.0, total - count)))
        found[part] = Sides(("events", "others"), None, sides[0], sides[1])
    return found


def plain(text: str) -> str:
    """The value of a label as it is told: anybody may have written it."""
    return "".join(c if c.isprintable() else "?" for c in text[:LONGEST])


def _edges(buckets: Mapping[str, float]) -> dict[float, float]:
    found: dict[float, float] = defaultdict(float)
    for text, value in buckets.items():
        edge = parse_edge(text)
        if edge is not None and edge > -math.inf:
            found[edge] += value
    return found


def _bins(cumulative: Mapping[float, float], edges: list[float]) -> tuple[float, ...]:
    """Requests by bin; scrapes that a span cuts make a bucket lag, and no bin is negative for that."""
    counts = [cumulative.get(edge, 0.0) for edge in edges]
    return tuple(max(0.0, b - a) for a, b in pairwise((0.0, *counts)))
