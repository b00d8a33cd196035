"""Which queries one tick asks: one per selector and window for all models, never one per model."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from knowngood.signals.selectors import Selector
from knowngood.signals.series import RawSeries

WIDTHS = (30, 120, 600, 3600, 6 * 3600, 24 * 3600)
"""Ranges that are asked, in seconds: few, so that many models share one query."""

MARGIN = 10.0
"""Seconds read before the instant that a model needs, so that its first difference has two ends."""


class QueryKind(StrEnum):
    """What an answer is read as."""

    TOTAL = "Total"
    EVENTS = "Events"
    VALUE = "Value"


@dataclass(frozen=True, slots=True)
class RatioSpec:
    """Counters of some events among all; both as plain selectors."""

    events: Selector
    total: Selector

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
class ValueSpec:
    """A query that returns one number per model and version, asked as it is."""

    promql: str


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
    spec: RatioSpec | ValueSpec
    since: float | None = None


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


def width_for(since: float | None, now: float) -> int:
    """The range read for a need: the first of `WIDTHS` that reaches back far enough, or the last.

    Args:
        since: As in `Need.since`.
        now: The instant of evaluation, unix seconds.
    """
    age = 0.0 if since is None else now - since + MARGIN
    return next((width for width in WIDTHS if age <= width), WIDTHS[-1])


def plan(needs: Iterable[Need], now: float) -> tuple[Query, ...]:
    """The queries of one tick, in the order in which they must be asked.

    Totals come before events: an event series read later than its total cannot lack a scrape that
    the total has. Windows are not merged, so that one model that must be replayed over a day cannot
    fail the read of the others.

    Args:
        needs: Of all models; the same need may come many times.
        now: The instant of evaluation, unix seconds.
    """
    readers: dict[tuple[str, int | None], dict[tuple[str, QueryKind], None]] = {}
    for need in needs:
        for kind, promql, width in _asked(need, now):
            readers.setdefault((promql, width), {})[need.template, kind] = None
    queries = [
        _query(promql, width, tuple(wanted), now) for (promql, width), wanted in readers.items()
    ]
    return tuple(
        sorted(queries, key=lambda q: all(kind is QueryKind.EVENTS for _, kind in q.readers))
    )


def _query(
    promql: str, width: int | None, readers: tuple[tuple[str, QueryKind], ...], now: float
) -> Query:
    (template, kind), *also = readers
    return Query(template, kind, promql, now, width, tuple(also))


def _asked(need: Need, now: float) -> Iterable[tuple[QueryKind, str, int | None]]:
    if isinstance(need.spec, ValueSpec):
        yield QueryKind.VALUE, need.spec.promql, None
        return
    width = width_for(need.since, now)
    yield QueryKind.TOTAL, need.spec.total.render(width), width
    if not need.spec.is_one_read:
        yield QueryKind.EVENTS, need.spec.events.render(width), width
