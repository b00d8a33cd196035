"""Each named segment is counted to the last request, whatever else a target exports."""

import math
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

from knowngood.signals.cells import Counts
from knowngood.signals.counting import CountLedger
from knowngood.signals.native import NativeCounts, NativeSeries
from knowngood.signals.planning import (
    CategoriesSpec,
    CountedSpec,
    HistogramSpec,
    Need,
    QueryKind,
    RatioSpec,
    Segments,
    plan,
)
from knowngood.signals.segments import SegmentedLedger, requests_of
from knowngood.signals.selectors import parse_selector
from knowngood.signals.series import RawSeries
from tests.signals.observing import buckets
from tests.signals.scraping import World, errors_of, series, version_of

SINCE = 1000.0
RATIO = RatioSpec(parse_selector('answers_total{outcome="error"}'), parse_selector("answers_total"))
REGIONS = Segments("region", ("north", "south"), 100)
FEATURES = Segments("feature", ("income", "age"), 100)


def ledger_of(
    spec: CountedSpec = RATIO, segments: Segments = REGIONS, since: float = SINCE
) -> SegmentedLedger:
    return SegmentedLedger(spec, segments, since)


def counted(
    *total: RawSeries, now: float = 1010.0, ledger: SegmentedLedger | None = None
) -> SegmentedLedger:
    read = {QueryKind.TOTAL: total, QueryKind.EVENTS: errors_of(total)}
    return (ledger or ledger_of()).advance(read, version_of, now)


def found(ledger: SegmentedLedger, region: str, version: str = "a") -> Any:
    return ledger.parts[region].column(version).between(-math.inf, math.inf)


def steady(region: str, value: float = 100.0, pod: str = "a-1", first: float = 995.2) -> RawSeries:
    times = [first + k for k in range(int(1011 - first))]
    return series(pod, [(at, value) for at in times], region=region)


def test_each_segment_counts_its_own_requests() -> None:
    ledger = counted(
        series("a-1", [(999, 10), (1002, 30), (1010, 30)], region="north", outcome="ok"),
        series("a-1", [(999, 1), (1002, 4), (1010, 4)], region="north", outcome="error"),
        series("a-1", [(999, 7), (1002, 8), (1010, 8)], region="south", outcome="ok"),
    )

    assert found(ledger, "north") == Counts(3, 23)
    assert found(ledger, "south") == Counts(0, 1)


def test_the_first_requests_of_a_segment_count_when_its_pod_was_scraped_before_without_it() -> None:
    ledger = counted(
        steady("north"), series("a-1", [(1004.2, 5), (1008.2, 6), (1010.2, 6)], region="south")
    )

    assert found(ledger, "south").total == 6


def test_segments_that_nobody_named_tell_that_their_pod_was_scraped() -> None:
    ledger = counted(
        steady("unnamed", pod="a-1"),
        series("a-1", [(1004.2, 5), (1008.2, 6), (1010.2, 6)], region="south"),
    )

    assert found(ledger, "south").total == 6


def test_of_a_pod_that_may_be_old_the_first_sample_of_each_segment_is_only_a_baseline() -> None:
    ledger = counted(
        series("a-1", [(1000.9, 5000), (1008, 5003), (1010, 5003)], region="north"),
        series("a-1", [(1000.9, 900), (1008, 901), (1010, 901)], region="south"),
        steady("north", pod="b-1", first=1000.2),
    )

    assert (found(ledger, "north").total, found(ledger, "south").total) == (3, 1)


def test_a_restart_counts_in_full_in_every_segment() -> None:
    ledger = counted(
        series("a-1", [(999, 50), (1002, 60), (1004, 7), (1010, 7)], region="north"),
        series("a-1", [(999, 5), (1002, 5), (1004, 2), (1010, 2)], region="south"),
    )

    assert (found(ledger, "north").total, found(ledger, "south").total) == (17, 2)


def test_a_segment_without_a_series_has_no_requests_and_is_seen_all_the_same() -> None:
    ledger = counted(steady("north"))

    fresh = ledger.parts["south"].freshness("a", 1010.5)

    assert fresh.targets == 1
    assert found(ledger, "south").total == 0


def test_a_segment_waits_for_the_pods_of_all() -> None:
    behind = series("b-1", [(999, 1), (1006, 9)], region="south")

    ledger = counted(steady("north"), behind, now=1009.0)

    assert ledger.settled_until == 1006
    assert {part.settled_until for part in ledger.parts.values()} == {1006}


def test_values_that_nobody_named_make_up_no_segment_and_leave_nothing_behind() -> None:
    hostile = [steady(f"made up {n}", value=1e6 + n) for n in range(500)]

    ledger = counted(steady("north"), *hostile)

    assert set(ledger.parts) == {"north", "south"}
    assert found(ledger, "north").total == 0
    kept = [len(part._consumed) for part in ledger.parts.values()]  # noqa: SLF001 - what memory is taken
    assert kept == [1, 0]


def test_a_series_without_the_label_is_a_problem_and_not_nothing() -> None:
    ledger = counted(steady("north"), series("a-1", [(999, 1), (1008, 9)], outcome="error"))

    assert "pod a-1 has a series without the label region" in ledger.problem()
    assert not counted(steady("north")).problem()


def test_the_requests_of_segments_are_at_least_those_of_the_largest_one() -> None:
    ledger = counted(
        series("a-1", [(999, 0), (1002, 30), (1010, 30)], region="north"),
        series("a-1", [(999, 0), (1002, 8), (1010, 8)], region="south"),
    )

    assert requests_of(ledger, "a", SINCE, 1010.0) == 30


def income(pod: str, rows: Iterable[tuple[float, tuple[int, ...]]]) -> list[RawSeries]:
    return buckets(pod, list(rows), ("1000", "5000", "+Inf"), feature="income")


def test_each_feature_has_edges_of_its_own() -> None:
    spec = HistogramSpec(parse_selector("model_feature_bucket"))
    read = [
        *income("a-1", [(999, (1, 2, 3)), (1004, (5, 9, 10)), (1010, (5, 9, 10))]),
        *buckets("a-1", [(999, (0, 4)), (1004, (2, 11)), (1010, (2, 11))], ("30", "+Inf"), feature="age"),
        *buckets("a-1", [(999, (4,)), (1004, (11,))], ("+Inf",), feature="unnamed"),
    ]  # fmt: skip

    ledger = ledger_of(spec, FEATURES).advance({QueryKind.COUNTS: read}, version_of, 1010.0)

    assert found(ledger, "income").counts == (4, 3, 0)
    assert found(ledger, "age").counts == (2, 5)
    assert not any(part.problem() for part in ledger.parts.values())


def test_one_feature_with_other_edges_in_one_pod_is_no_problem_of_the_others() -> None:
    spec = HistogramSpec(parse_selector("model_feature_bucket"))
    read = [
        *income("a-1", [(999, (1, 2, 3)), (1004, (5, 9, 10)), (1010, (5, 9, 10))]),
        *buckets("a-1", [(999, (0, 4)), (1010, (2, 11))], ("30", "+Inf"), feature="age"),
        *buckets("a-2", [(1002, (0, 4)), (1009, (2, 11)), (1010, (2, 11))], ("40", "+Inf"), feature="age"),
    ]  # fmt: skip

    ledger = ledger_of(spec, FEATURES).advance({QueryKind.COUNTS: read}, version_of, 1010.0)

    assert "lacks 30" in ledger.parts["age"].problem()
    assert not ledger.parts["income"].problem()


def test_native_histograms_are_counted_in_each_segment() -> None:
    spec = HistogramSpec(parse_selector("model_feature"))
    read = [native("income", 3, 11), native("age", 0, 5), native("unnamed", 0, 90)]

    ledger = ledger_of(spec, FEATURES).advance({QueryKind.HISTOGRAMS: read}, version_of, 1010.0)

    assert found(ledger, "income").counts == (8,)
    assert found(ledger, "age").counts == (5,)


def native(feature: str, before: int, after: int) -> NativeSeries:
    name = {"__name__": "model_feature", "namespace": "loans", "pod": "a-1", "feature": feature}
    counts = [NativeCounts(n, (((0.5, 1.0), float(n)),)) for n in (before, after, after)]
    return NativeSeries(name, tuple(zip((999.0, 1004.0, 1010.0), counts, strict=True)))


def test_categories_are_counted_in_each_segment() -> None:
    spec = CategoriesSpec(parse_selector("answers_total"), "outcome")
    read = [
        series("a-1", [(999, 1), (1004, 5), (1010, 5)], region="north", outcome="ok"),
        series("a-1", [(1003, 2), (1010, 2)], region="south", outcome="error"),
        steady("unnamed"),
    ]

    ledger = ledger_of(spec).advance({QueryKind.COUNTS: read}, version_of, 1010.0)

    assert found(ledger, "north").counts == (4,)
    assert found(ledger, "south").counts == (2,)


def divided(one: RawSeries, region: str) -> RawSeries:
    return RawSeries({**one.labels, "region": region}, one.samples)


@pytest.mark.parametrize("seed", range(60))
def test_segments_are_counted_as_the_ledger_of_a_world_with_one_segment_counts(seed: int) -> None:
    """Births, restarts, deaths, lost scrapes and new labels, with a second segment beside it that changes nothing."""
    world = World(seed)
    total = world.series()
    alone = CountLedger(world.since).advance(errors_of(total), total, version_of, world.end)

    north = [divided(one, "north") for one in total]
    read = {QueryKind.TOTAL: north, QueryKind.EVENTS: errors_of(north)}
    ledger = ledger_of(since=world.since).advance(read, version_of, world.end)

    for version in ("v0", "v1"):
        assert found(ledger, "north", version) == alone.between(version, -math.inf, math.inf)
        assert found(ledger, "south", version) == Counts(0, 0)


@pytest.mark.parametrize("seed", range(40))
def test_a_new_leader_that_reads_everything_at_once_counts_the_same(seed: int) -> None:
    draw, world = Random(seed), World(seed)
    total = [divided(one, draw.choice(["north", "south", "else"])) for one in world.series()]
    live = ledger_of(since=world.since)
    for end in range(1012, int(world.end) + 1, 3):
        seen = [_until(one, float(end)) for one in total]
        counted(*(one for one in seen if one.samples), now=float(end), ledger=live)
    counted(*total, now=world.end, ledger=live)

    replayed = counted(*total, now=world.end, ledger=ledger_of(since=world.since))

    for region in ("north", "south"):
        for version in ("v0", "v1"):
            assert found(live, region, version) == found(replayed, region, version)


def _until(one: RawSeries, end: float) -> RawSeries:
    return RawSeries(one.labels, tuple(sample for sample in one.samples if sample[0] <= end))


def test_segments_are_read_in_the_one_query_of_their_signal() -> None:
    spec = HistogramSpec(parse_selector("model_feature_bucket"), FEATURES)

    queries = plan([Need("drift", spec, 990.0), Need("drift", spec, 995.0)], 1010.0)

    assert [query.promql for query in queries] == ["model_feature_bucket[30s]"]
