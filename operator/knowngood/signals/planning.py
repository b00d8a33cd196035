"""Which queries one tick asks: one per selector and window for all models, never one per model.

What lies further back than the longest window is read piece by piece, one in each tick: a leader that has just begun
reads a day of every model, and Prometheus must not have to answer that at once. Pieces end on an absolute grid, so that
models share them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from knowngood.signals.identity import Origin
from knowngood.signals.selectors import Selector
from knowngood.signals.series import RawSeries

WIDTHS = (30, 120, 600, 3600)
"""Ranges that are asked, in seconds: few, so that many models share one query."""

PIECE = 3000
"""Seconds of the past that are read at once; with what is read before its start it fits into the longest range."""

MARGIN = 10.0
"""Seconds read before the instant that a model needs, so that its first difference has two ends."""

_BEHIND_THE_START = 100
"""A first piece ends later than this after what is wanted: what an epoch begins with is read in one."""


class QueryKind(StrEnum):
    """What an answer is read as."""

    TOTAL = "Total"
    EVENTS = "Events"
    COUNTS = "Counts"
    HISTOGRAMS = "Histograms"
    VALUE = "Value"
    HOURS = "Hours"


@dataclass(frozen=True, slots=True)
class Segments:
    """Parts of what a signal counts, each counted on its own.

    Attributes:
        by: The label whose value is the segment.
        values: The segments; what has another value is in none of them.
        min_samples: Requests of each side before anything of a segment is said.
    """

    by: str
    values: tuple[str, ...]
    min_samples: int


@dataclass(frozen=True, slots=True)
class RatioSpec:
    """Counters of some events among all; both as plain selectors."""

    events: Selector
    total: Selector
    segments: Segments | None = None
    origin: Origin | None = None

    @property
    def is_one_read(self) -> bool:
        """Whether the events are among the answer for `total` and can be picked out of it here."""
        added = set(self.events.matchers) - set(self.total.matchers)
        return self.events.narrows(self.total) and all(matcher.is_local for matcher in added)

    def pick_events(self, total: Iterable[RawSeries]) -> tuple[RawSeries, ...]:
        """The event series among an answer for `total`; only where `is_one_read`."""
        added = Selector(tuple(m for m in self.events.matchers if m not in self.total.matchers))
        return tuple(series for series in total if added.matches(series.labels))


@dataclass(frozen=True, slots=True)
class AboveSpec:
    """Requests above an edge of a histogram, among all of its requests."""

    buckets: Selector
    above: float
    segments: Segments | None = None
    origin: Origin | None = None

    @property
    def is_native(self) -> bool:
        """Whether the histogram is a native one."""
        return _is_native(self.buckets)


@dataclass(frozen=True, slots=True)
class HistogramSpec:
    """Requests by bin of a histogram."""

    buckets: Selector
    segments: Segments | None = None
    origin: Origin | None = None

    @property
    def is_native(self) -> bool:
        """Whether the histogram is a native one."""
        return _is_native(self.buckets)


@dataclass(frozen=True, slots=True)
class CategoriesSpec:
    """Requests by the value of a label."""

    counts: Selector
    by: str
    segments: Segments | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class ValueSpec:
    """A query that returns one number per model and version, asked as it is."""

    promql: str
    origin: Origin | None = None


CountedSpec = RatioSpec | AboveSpec | HistogramSpec | CategoriesSpec
"""What is read as raw samples, and counted."""

Spec = CountedSpec | ValueSpec
"""What one signal asks for."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one model needs of one template.

    Attributes:
        template: The name of the signal template.
        spec: What to read.
        since: Unix seconds from which on raw samples are wanted (`CountLedger.read_from`);
            None: only the newest.
    """

    template: str
    spec: Spec
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """A span that is read at once: `width` seconds, up to `at` (unix seconds)."""

    at: float
    width: int


@dataclass(frozen=True, slots=True)
class Query:
    """One instant query.

    Attributes:
        template: The first template that wants the answer.
        kind: What that template reads it as.
        promql: The text to send.
        at: The instant of evaluation, unix seconds.
        width: The range in seconds; None for values.
        also: Further (template, kind) that read the same answer.
    """

    template: str
    kind: QueryKind
    promql: str
    at: float
    width: int | None = None
    also: tuple[tuple[str, QueryKind], ...] = ()

    @property
    def readers(self) -> tuple[tuple[str, QueryKind], ...]:
        """Every (template, kind) that reads the answer."""
        return ((self.template, self.kind), *self.also)


def reach_of(since: float | None, now: float) -> Reach:
    """The range read for a need: the first of `WIDTHS` that reaches back far enough, or else one piece of the past.

    Args:
        since: As in `Need.since`.
        now: The instant of evaluation, unix seconds.
    """
    if since is None:
        return Reach(now, WIDTHS[0])
    age = now - since + MARGIN
    enough = next((width for width in WIDTHS if age <= width), None)
    if enough is not None:
        return Reach(now, enough)
    return Reach(float(((since + _BEHIND_THE_START) // PIECE + 1) * PIECE), WIDTHS[-1])


def plan(needs: Iterable[Need], now: float) -> tuple[Query, ...]:
    """The queries of one tick, in the order in which they must be asked.

    Totals come before events: an event series read later than its total cannot lack a scrape that
    the total has. Windows are not merged, so that one model that must be replayed cannot fail the
    read of the others.

    Args:
        needs: Of all models; the same need may come many times.
        now: The instant of evaluation, unix seconds.
    """
    readers: dict[tuple[str, Reach | None, bool], dict[tuple[str, QueryKind], None]] = {}
    for need in needs:
        for kind, promql, reach in _asked(need, now):
            shared = promql, reach, kind is QueryKind.HISTOGRAMS  # these are parsed in another way
            readers.setdefault(shared, {})[need.template, kind] = None
    queries = [
        _query(promql, reach, tuple(wanted), now) for (promql, reach, _), wanted in readers.items()
    ]
    return tuple(
        sorted(queries, key=lambda q: all(kind is QueryKind.EVENTS for _, kind in q.readers))
    )


def _query(
    promql: str, reach: Reach | None, readers: tuple[tuple[str, QueryKind], ...], now: float
) -> Query:
    (template, kind), *also = readers
    at, width = (reach.at, reach.width) if reach else (now, None)
    return Query(template, kind, promql, at, width, tuple(also))


def _asked(need: Need, now: float) -> Iterable[tuple[QueryKind, str, Reach | None]]:
    reach = reach_of(need.since, now)
    match need.spec:
        case ValueSpec(promql):
            yield QueryKind.VALUE, promql, None
        case RatioSpec(events, total):
            yield QueryKind.TOTAL, total.render(reach.width), reach
            if not need.spec.is_one_read:
                yield QueryKind.EVENTS, events.render(reach.width), reach
        case HistogramSpec(buckets) | AboveSpec(buckets) if need.spec.is_native:
            yield QueryKind.HISTOGRAMS, buckets.render(reach.width), reach
        case HistogramSpec(buckets) | AboveSpec(buckets):
            yield QueryKind.COUNTS, buckets.render(reach.width), reach
        case CategoriesSpec(counts):
            yield QueryKind.COUNTS, counts.render(reach.width), reach


def _is_native(buckets: Selector) -> bool:
    """A classic histogram is read by its buckets, each a series of its own; a native one is a single series."""
    return not (buckets.name or "").endswith("_bucket")
