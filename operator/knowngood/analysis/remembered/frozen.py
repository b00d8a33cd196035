"""Baselines as they are written down, and as they are reckoned with."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from knowngood.analysis.distribution.bins import Bins
from knowngood.analysis.remembered.counts import BaselineCounts
from knowngood.api.v1alpha1.baseline import Baseline, BaselineSource, SegmentBaseline, Tallies
from knowngood.api.v1alpha1.comparisons import Seasonality
from knowngood.signals.cells import Counts
from knowngood.signals.edges import bin_text, parse_edge
from knowngood.signals.partition import OTHER, Partition


def share_of(baseline: Baseline) -> BaselineCounts:
    """The counts of a share.

    Raises:
        ValueError: It has none, or they are impossible; the text names the field.
    """
    if not baseline.totals:
        raise ValueError(f"baselines[{baseline.signal}].totals: a share has events and totals")
    if len(baseline.events) != len(baseline.totals):
        raise ValueError(
            f"baselines[{baseline.signal}].events: {len(baseline.events)} of them, but {len(baseline.totals)} totals"
        )
    pairs = zip(baseline.events, baseline.totals, strict=True)
    return BaselineCounts(
        baseline.seasonality,
        tuple(Counts(events, total) for events, total in pairs),
        baseline.from_.timestamp(),
        baseline.to.timestamp(),
        baseline.source,
    )


def lanes_of(baseline: Baseline) -> tuple[Partition, tuple[int, ...]]:
    """The bins of a distribution, and how many requests fell into each.

    Raises:
        ValueError: It has none, or not one for each name; the text names the field.
    """
    where = f"baselines[{baseline.signal}].counts"
    if not any(baseline.counts):
        raise ValueError(f"{where}: a distribution has counts")
    names = baseline.categories or baseline.edges
    if len(names) != len(baseline.counts):
        raise ValueError(f"{where}: {len(baseline.counts)} of them for {len(names)} bins")
    if baseline.categories:
        return Partition(baseline.categories), baseline.counts
    edges = tuple(float(edge) for edge in baseline.edges[:-1])
    bins = pairwise((-math.inf, *edges, math.inf))
    return Partition(tuple(bin_text(*one) for one in bins), edges), baseline.counts


def check(baseline: Baseline) -> None:
    """Make sure that a baseline serves a test.

    Raises:
        ValueError: It does not; the text names the signal and the field.
    """
    where = f"baselines[{baseline.signal}]"
    if baseline.segments is not None:
        _check_segments(baseline)
        return
    if baseline.totals and baseline.counts:
        raise ValueError(
            f"{where}.counts: a share has events and totals, a distribution has counts"
        )
    if baseline.counts and baseline.categories and baseline.edges:
        raise ValueError(f"{where}.edges: there are categories already")
    samples = sum(baseline.totals) + sum(baseline.counts)
    if samples != baseline.samples or not samples:
        raise ValueError(f"{where}.samples: {baseline.samples}, but {samples} are counted")
    try:
        if baseline.totals:
            share_of(baseline)
        else:
            _check_bins(baseline)
    except ValueError as error:
        text = str(error)
        raise ValueError(text if text.startswith(where) else f"{where}.{text}") from error


def _check_segments(baseline: Baseline) -> None:
    names = [one.segment for one in baseline.segments or ()]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"baselines[{baseline.signal}].segments: each has counts of its own, once")
    for name in names:
        part = baseline.of_segment(name)
        if part is not None:
            check(part)


def _check_bins(baseline: Baseline) -> None:
    if baseline.edges and parse_edge(baseline.edges[-1]) != math.inf:
        raise ValueError(f"edges: the last one is +Inf, not {baseline.edges[-1]}")
    if baseline.categories and baseline.categories[-1] != OTHER:
        raise ValueError(f"categories: the last one is {OTHER!r}, for all that are new")
    partition, _ = lanes_of(baseline)
    Bins(partition.labels, partition.edges)


def frozen_share(signal: str, counts: BaselineCounts) -> Baseline:
    """Write the counts of a share down."""
    return Baseline(
        signal=signal,
        source=counts.source,
        seasonality=counts.seasonality,
        events=tuple(one.events for one in counts.strata),
        totals=tuple(one.total for one in counts.strata),
        samples=counts.samples,
        from_=_time(counts.start),
        to=_time(counts.end),
    )


def frozen_lanes(
    signal: str, partition: Partition, counts: Sequence[int], span: tuple[float, float]
) -> Baseline:
    """Write the counts of a distribution down.

    Args:
        signal: Its name.
        partition: The bins.
        counts: Requests of each.
        span: When the first and the last one was counted, unix seconds.
    """
    edges = partition.edges
    return Baseline(
        signal=signal,
        source=BaselineSource.OBSERVED,
        categories=partition.labels if edges is None else (),
        edges=() if edges is None else tuple(map(_edge, (*edges, math.inf))),
        counts=tuple(counts),
        samples=sum(counts),
        from_=_time(span[0]),
        to=_time(span[1]),
    )


def frozen_segments(found: Mapping[str, Baseline], least: int) -> Baseline | None:
    """Write down what each segment of a signal showed, in strata that are large enough to be told of.

    Args:
        found: The baseline of each, as if it were all; of one signal.
        least: Requests that a stratum of hours has at least, or none; else fewer strata are told apart.

    Returns:
        None when there is none.
    """
    if not found:
        return None
    found = dict(zip(found, _large(tuple(found.values()), least), strict=True))
    largest = max(found.values(), key=lambda one: one.samples)
    segments = tuple(
        SegmentBaseline(
            segment=value, **{name: getattr(one, name) for name in Tallies.model_fields}
        )
        for value, one in found.items()
    )
    nothing = {"events": (), "totals": (), "categories": (), "edges": (), "counts": ()}
    return largest.model_copy(update={**nothing, "segments": segments})


def _large(found: Sequence[Baseline], least: int) -> Sequence[Baseline]:
    """The same in the finest strata of which each has so many requests in every segment, or none."""
    shares = [share_of(one) for one in found if one.totals]
    if len(shares) < len(found):
        return found  # a distribution has no strata
    for season in (Seasonality.HOUR_OF_WEEK, Seasonality.HOUR_OF_DAY):
        coarse = [one.coarsened(season) for one in shares]
        if all(
            not counts.total or counts.total >= least for one in coarse for counts in one.strata
        ):
            break
    else:
        coarse = [one.coarsened(Seasonality.NONE) for one in shares]
    return [frozen_share(one.signal, counts) for one, counts in zip(found, coarse, strict=True)]


def _edge(value: float) -> str:
    return "+Inf" if math.isinf(value) else repr(value)


def _time(unix_seconds: float) -> datetime:
    return datetime.fromtimestamp(unix_seconds, UTC)
