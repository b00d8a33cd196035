import math
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knowngood.signals.cells import Counts
from knowngood.signals.native import ZERO, NativeCounts, NativeSeries, joined, parse_native
from knowngood.signals.natives import NativeAboveLedger, NativeLedger
from knowngood.signals.partition import Interval
from knowngood.signals.series import MalformedAnswer
from tests.signals.counted import SINCE
from tests.signals.observing import EDGES, ObservedWorld
from tests.signals.scraping import NAMESPACE, version_of

Buckets = Mapping[Interval, int]
LOW, MIDDLE, HIGH = (0.1, 0.5), (0.5, 1.0), (1.0, math.inf)


def native(pod: str, *samples: tuple[float, Buckets]) -> NativeSeries:
    labels = {"__name__": "score", "namespace": NAMESPACE, "pod": pod}
    return NativeSeries(labels, tuple((at, counts(found)) for at, found in samples))


def counts(found: Buckets) -> NativeCounts:
    return NativeCounts(sum(found.values()), tuple(sorted((k, float(n)) for k, n in found.items())))


def counted(*read: NativeSeries, now: float = 1010.0) -> NativeLedger:
    return NativeLedger(SINCE).advance(read, version_of, now)


def by_bin(ledger: NativeLedger, version: str = "a") -> dict[Interval, int]:
    row = ledger.column(version).between(0, 1e9).counts
    return {lane: n for lane, n in zip(ledger.lanes.names, row, strict=False) if n}


ANSWER = [
    {
        "metric": {"__name__": "score", "pod": "a-1"},
        "histograms": [
            [1000.5, {"count": "10", "sum": "4", "buckets": [
                [3, "-0.001", "0.001", "1"], [0, "0.5", "0.7071067811865475", "2"],
                [0, "0.7071067811865475", "1", "3"], [0, "1", "1.414213562373095", "4"]]}],
        ],
    }
]  # fmt: skip


def test_exponential_buckets_are_joined_into_powers_of_two() -> None:
    """However fine a process keeps them: it makes them coarser when there are too many."""
    (one,) = parse_native(ANSWER)

    ((at, found),) = one.samples
    assert (at, found.count) == (1000.5, 10)
    assert found.buckets == ((ZERO, 1), ((0.5, 1.0), 5), ((1.0, 2.0), 4))


def test_custom_buckets_are_kept_as_they_are() -> None:
    histogram = {"count": "140", "sum": "3", "buckets": [
        [3, "-Inf", "0.1", "35"], [0, "0.5", "1", "70"], [0, "1", "+Inf", "35"]]}  # fmt: skip
    (one,) = parse_native([{"metric": {}, "histograms": [[7, histogram]]}])

    buckets = ((-math.inf, 0.1), 35), ((0.5, 1.0), 70), ((1.0, math.inf), 35)
    assert one.samples[0][1].buckets == buckets


@given(st.integers(0, 8), st.integers(-900, 900), st.booleans())
def test_a_bucket_of_any_fineness_belongs_to_the_power_of_two_around_it(
    schema: int,
    index: int,
    negative: bool,  # noqa: FBT001  - drawn
) -> None:
    base = 2.0**-schema
    lower, upper = 2.0 ** ((index - 1) * base), 2.0 ** (index * base)
    octave = math.ceil(index / 2**schema)

    found = joined(1, -upper, -lower) if negative else joined(0, lower, upper)

    expected = (2.0 ** (octave - 1), 2.0**octave)
    assert found == ((-expected[1], -expected[0]) if negative else expected)


WRONG: dict[str, object] = {
    "a counter": [{"metric": {}, "values": [[1, "2"]]}],
    "no list": [{"metric": {}, "histograms": {}}],
    "no pair": [{"metric": {}, "histograms": [[1]]}],
    "no object": [{"metric": {}, "histograms": [[1, "2"]]}],
    "no count": [{"metric": {}, "histograms": [[1, {"buckets": []}]]}],
    "a count that is no number": [{"metric": {}, "histograms": [[1, {"count": "x"}]]}],
    "buckets that are none": [{"metric": {}, "histograms": [[1, {"count": "1", "buckets": 3}]]}],
    "a bucket that is none": [
        {"metric": {}, "histograms": [[1, {"count": "1", "buckets": [[1]]}]]}
    ],
    "an edge that is none": [
        {"metric": {}, "histograms": [[1, {"count": "1", "buckets": [[0, "a", "1", "1"]]}]]}
    ],
    "times that repeat": [{"metric": {}, "histograms": [[1, {"count": "1"}], [1, {"count": "1"}]]}],
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG.keys())
def test_what_is_no_native_histogram_is_refused_as_a_whole(answer: object) -> None:
    with pytest.raises(MalformedAnswer, match=r"result\[0\]"):
        parse_native(answer)


def test_the_mark_of_the_end_of_a_series_costs_only_its_own_sample() -> None:
    stale = {"count": "NaN", "sum": "NaN"}

    assert parse_native([{"metric": {}, "histograms": [[1, stale]]}]) == ()


def test_buckets_that_appear_later_count_from_nothing() -> None:
    ledger = counted(
        native("a-1", (999, {LOW: 5}), (1002, {LOW: 6, HIGH: 2}), (1009, {LOW: 6, HIGH: 2})),
        native("a-2", (999, {MIDDLE: 1}), (1003, {MIDDLE: 4}), (1009, {MIDDLE: 4})),
    )

    assert by_bin(ledger) == {LOW: 1, MIDDLE: 3, HIGH: 2}


def test_after_a_restart_everything_counts() -> None:
    ledger = counted(
        native("a-1", (999, {LOW: 5}), (1002, {LOW: 1, HIGH: 2}), (1009, {LOW: 1, HIGH: 2}))
    )

    assert by_bin(ledger) == {LOW: 1, HIGH: 2}


def test_buckets_that_are_rearranged_are_not_counted_twice() -> None:
    """As when a process widens the bucket around zero because it has too many."""
    ledger = counted(
        native(
            "a-1",
            (999, {ZERO: 1, LOW: 500, HIGH: 9}),
            (1002, {ZERO: 502, HIGH: 10}),
            (1003, {ZERO: 503, HIGH: 12}),
            (1009, {ZERO: 503, HIGH: 12}),
        )
    )

    assert by_bin(ledger) == {ZERO: 1, HIGH: 2}


def test_a_pod_with_other_buckets_is_an_error_that_names_it() -> None:
    ledger = counted(
        native("a-1", (999, {MIDDLE: 5}), (1009, {MIDDLE: 7})),
        native("b-1", (999.5, {(0.4, 0.8): 5}), (1009, {(0.4, 0.8): 9})),
    )

    assert ledger.problem() == (
        "the histogram of pod b-1 has a bucket 0.4 to 0.8 beside one 0.5 to 1: "
        "counts in different bins can not be compared"
    )
    assert by_bin(ledger, "b") == {}


def test_the_bins_of_a_test_lie_between_the_edges_that_were_used_before() -> None:
    ledger = counted(
        native("a-1", (999, {LOW: 5}), (1005, {LOW: 6, HIGH: 2}), (1009, {LOW: 6, HIGH: 2}))
    )

    early, late = ledger.partition(1005.0), ledger.partition(1006.0)
    assert (early.labels, early.edges) == (("up to 0.1", "0.1 to 0.5", "above 0.5"), (0.1, 0.5))
    assert early.places([LOW, HIGH, (-math.inf, 0.1)]) == (1, 2, 0)
    assert late.edges == (0.1, 0.5, 1.0)


def test_the_share_above_an_edge_is_counted_exactly() -> None:
    ledger = NativeAboveLedger(SINCE, 0.5)
    read = [native("a-1", (999, {LOW: 5}), (1002, {LOW: 6, HIGH: 2}), (1009, {LOW: 6, HIGH: 2}))]

    ledger.advance(read, version_of, 1010.0)

    assert ledger.column("a").between(0, 1e9) == Counts(2, 3)


def test_a_limit_inside_of_a_bucket_is_an_error_that_lists_the_edges() -> None:
    ledger = NativeAboveLedger(SINCE, 0.3)

    ledger.advance([native("a-1", (999, {LOW: 5}), (1009, {LOW: 7}))], version_of, 1010.0)

    assert ledger.problem() == (
        "0.3 is no edge of the histogram of pod a-1; its edges are 0.1, 0.5"
    )


def natively(world: ObservedWorld) -> list[NativeSeries]:
    """What the pods of a world would show as native histograms; these are never torn."""
    lanes = list(zip((-math.inf, *EDGES), EDGES, strict=False))
    found = []
    for pod in world.pods:
        pod.torn = {}
        samples = []
        for at, row in pod.seen():
            bins = [b - a for a, b in zip([0, *row], row, strict=False)]
            samples.append((at, {k: n for k, n in zip(lanes, bins, strict=True) if n}))
        found.append(native(pod.name, *samples))
    return [one for one in found if one.samples]


patient = settings(deadline=None, max_examples=50)
worlds = st.integers(0, 2**32).map(ObservedWorld)


@patient
@given(worlds)
def test_every_request_that_a_scrape_saw_is_in_its_bin_once(world: ObservedWorld) -> None:
    read = natively(world)
    assume(not any(pod.has_hidden_reset() for pod in world.pods))
    ledger = NativeLedger(world.since, stale_after=0.0)  # waits for nobody

    ledger.advance(read, version_of, world.end)
    ledger.watermark = world.end + 1
    ledger.advance(read, version_of, world.end)

    lanes = list(zip((-math.inf, *EDGES), EDGES, strict=False))
    for version in ("v0", "v1"):
        truth = {k: n for k, n in zip(lanes, world.truth(version), strict=True) if n}
        assert by_bin(ledger, version) == truth


@patient
@given(worlds, st.integers(0, 2**32), st.integers(1, 9))
def test_how_reads_cut_the_samples_does_not_matter(
    world: ObservedWorld, seed: int, reads: int
) -> None:
    read, draw = natively(world), Random(seed)
    at_once, in_parts = (NativeLedger(world.since, stale_after=5.0) for _ in range(2))
    instants = sorted(draw.uniform(world.since, world.end) for _ in range(reads))

    at_once.advance(read, version_of, world.end)
    for now in (*instants, world.end):
        starts = in_parts.read_from
        cut = [
            NativeSeries(one.labels, tuple(s for s in one.samples if starts <= s[0] <= now))
            for one in read
        ]
        in_parts.advance(cut, version_of, now)

    for version in ("v0", "v1"):
        first, second = at_once.column(version), in_parts.column(version)
        assert second.seconds == first.seconds
        cells = range(len(first.seconds))
        assert [second.cell(i) for i in cells] == [first.cell(i) for i in cells]
    assert in_parts.lanes.names == at_once.lanes.names
