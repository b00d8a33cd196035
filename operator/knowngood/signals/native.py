"""Native histograms, as Prometheus answers them: only buckets that are not empty, each with its edges."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowngood.signals.counting import is_count
from knowngood.signals.partition import Interval
from knowngood.signals.series import (
    MalformedAnswer,
    Target,
    entries_of,
    kind_of,
    labels_in,
    target_of,
)

ZERO: Interval = (0.0, 0.0)
"""The bucket around zero, however wide it is."""

_ZERO_RULE = 3  # both edges belong to it
_FINEST_SCHEMA = 8
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class NativeCounts:
    """One sample.

    Attributes:
        count: All observations.
        buckets: Observations by bucket, ascending. Exponential buckets are joined into powers of
            two, so that it does not matter how fine a process keeps them.
    """

    count: float
    buckets: tuple[tuple[Interval, float], ...]

    def __lt__(self, other: "NativeCounts") -> bool:
        return (self.count, self.buckets) < (other.count, other.buckets)

    @property
    def oddity(self) -> float | None:
        """The first of its numbers that is no count; None when it counts observations one by one."""
        numbers = (self.count, *(n for _, n in self.buckets))
        return next((n for n in numbers if not is_count(n)), None)


@dataclass(frozen=True, slots=True)
class NativeSeries:
    """The raw samples of one native histogram: (unix seconds, counts), times strictly ascending."""

    labels: Mapping[str, str]
    samples: tuple[tuple[float, NativeCounts], ...]

    @property
    def target(self) -> Target | None:
        """Who was scraped; None without both a `namespace` and a `pod` label."""
        return target_of(self.labels)


def parse_native(result: object) -> tuple[NativeSeries, ...]:
    """Read the `result` of a range selector over native histograms.

    Plain samples beside histograms are left out; a sample that cannot count (a stale one is NaN) is
    dropped. A series left without samples is dropped.

    Args:
        result: JSON: `[{"metric": {label: value}, "histograms": [[unix seconds, {"count": "5",
            "sum": "2.5", "buckets": [[rule, "lower", "upper", "count"], …]}], …]}, …]`.

    Raises:
        MalformedAnswer: On any other shape.
    """
    parsed = (_entry(entry, index) for index, entry in enumerate(entries_of(result)))
    return tuple(series for series in parsed if series.samples)


def _entry(entry: Mapping[str, object], index: int) -> NativeSeries:
    labels = labels_in(entry, index)
    items = entry.get("histograms")
    if not isinstance(items, list):
        raise MalformedAnswer(
            f"result[{index}] is no native histogram: a classic one is named with _bucket"
        )
    samples: list[tuple[float, NativeCounts]] = []
    last = -math.inf
    for item in items:
        match item:
            case [float() | int() as at, dict() as value] if at > last and math.isfinite(at):
                counts = _counts(value, index)
            case _:
                raise MalformedAnswer(f"result[{index}] has a histogram of the wrong shape")
        last = float(at)
        if counts is not None:
            samples.append((last, counts))
    return NativeSeries(labels, tuple(samples))


def _counts(value: Mapping[str, object], index: int) -> NativeCounts | None:
    buckets = value.get("buckets", [])
    if not isinstance(buckets, list):
        raise MalformedAnswer(f"result[{index}] has buckets that are {kind_of(buckets)}")
    count = _number(value.get("count"), index)
    found: dict[Interval, float] = {}
    for bucket in buckets:
        match bucket:
            case [int() as rule, lower, upper, inside]:
                edges = _number(lower, index), _number(upper, index)
                interval = joined(rule, *edges)
                found[interval] = found.get(interval, 0.0) + _number(inside, index)
            case _:
                raise MalformedAnswer(f"result[{index}] has a bucket of the wrong shape")
    if not math.isfinite(count) or not all(map(math.isfinite, found.values())):
        return None
    return NativeCounts(count, tuple(sorted(found.items())))


def _number(text: object, index: int) -> float:
    try:
        if isinstance(text, str):
            return float(text)
    except ValueError:
        pass
    raise MalformedAnswer(f"result[{index}] has a histogram with {kind_of(text)} for a number")


def joined(rule: int, lower: float, upper: float) -> Interval:
    """The bucket that a bucket is counted in: an exponential one belongs to a power of two.

    A process makes its buckets coarser when there are too many, each time joining two; those that
    end at powers of two are the same at every fineness.
    """
    if rule == _ZERO_RULE and lower == -upper:
        return ZERO
    if upper < 0:
        above, below = _octave(-upper, -lower)
        return -below, -above
    return _octave(lower, upper)


def _octave(lower: float, upper: float) -> Interval:
    if not 0 < lower < upper < math.inf:
        return lower, upper
    mantissa, exponent = math.frexp(upper)
    top = math.ldexp(1.0, exponent - 1 if mantissa == 0.5 else exponent)  # noqa: PLR2004  - a power of two itself
    steps = 1 / math.log2(upper / lower)
    fineness = math.log2(steps) if steps > 0 else -1.0
    place = math.log2(lower) * steps
    is_exponential = (
        lower >= top / 2
        and _is_near_whole(fineness)
        and 0 <= round(fineness) <= _FINEST_SCHEMA
        and _is_near_whole(place)
    )
    return (top / 2, top) if is_exponential else (lower, upper)


def _is_near_whole(number: float) -> bool:
    return abs(number - round(number)) < _CLOSE * max(1.0, abs(number))


def overlaps(one: Interval, others: Sequence[Interval]) -> Interval | None:
    """The first of some buckets that lies partly in another one without being the same."""
    return next((o for o in others if o != one and o[0] < one[1] and one[0] < o[1]), None)
