"""Ledgers of rows against worlds in which every request is known."""

import math
from collections.abc import Callable
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knowngood.signals.above import AboveLedger
from knowngood.signals.categories import CategoryLedger
from knowngood.signals.histograms import HistogramLedger
from knowngood.signals.series import RawSeries
from tests.signals.observing import EDGES, ObservedWorld
from tests.signals.scraping import World, version_of

VERSIONS = ("v0", "v1")
patient = settings(deadline=None, max_examples=50)
worlds = st.integers(0, 2**32).map(World)
observed = st.integers(0, 2**32).map(ObservedWorld)

Vectors = CategoryLedger | HistogramLedger


def read_all(ledger: Vectors | AboveLedger, world: World | ObservedWorld) -> None:
    """Settle also what is newer than the last common scrape."""
    ledger.advance(world.series(), version_of, world.end)
    ledger.watermark = world.end + 1
    ledger.advance(world.series(), version_of, world.end)


@patient
@given(worlds)
def test_every_request_that_a_scrape_saw_is_in_its_category_once(world: World) -> None:
    assume(not any(pod.has_hidden_reset() for pod in world.pods))
    ledger = CategoryLedger(world.since, "outcome", stale_after=0.0)  # waits for nobody

    read_all(ledger, world)

    for version in VERSIONS:
        counts = ledger.column(version).between(0, 1e9).counts
        found = dict(zip(ledger.lanes.names, counts, strict=False))
        for outcome in ("error", "ok"):
            assert found.get(outcome, 0) == world.truth(version, outcome)


@patient
@given(observed)
def test_every_observation_that_a_whole_scrape_saw_is_in_its_bin_once(world: ObservedWorld) -> None:
    assume(not any(pod.has_hidden_reset() for pod in world.pods))
    ledger = HistogramLedger(world.since, stale_after=0.0)
    slow = AboveLedger(world.since, 0.5, stale_after=0.0)

    read_all(ledger, world)
    read_all(slow, world)

    assert ledger.edges == EDGES
    for version in VERSIONS:
        truth = world.truth(version)
        assert ledger.column(version).between(0, 1e9).counts == truth or not any(truth)
        share = slow.column(version).between(0, 1e9)
        if not torn_apart(world):
            assert (share.events, share.total) == (sum(truth[3:]), sum(truth))


def torn_apart(world: ObservedWorld) -> bool:
    """Whether a scrape lacks buckets that a share does not need: it sees more than the whole ones."""
    return any(not {0.5, math.inf} & lost for pod in world.pods for lost in pod.torn.values())


def cells(ledger: Vectors) -> dict[str, list[tuple[int, tuple[int, ...]]]]:
    found = {}
    for version in VERSIONS:
        column = ledger.column(version)
        found[version] = [(s, column.cell(i).counts) for i, s in enumerate(column.seconds)]
    return found


def cut_at(series: list[RawSeries], starts: float, ends: float) -> list[RawSeries]:
    read = [
        RawSeries(one.labels, tuple(s for s in one.samples if starts <= s[0] <= ends))
        for one in series
    ]
    return [one for one in read if one.samples]


def in_parts(ledger: Vectors, world: World | ObservedWorld, draw: Random, reads: int) -> None:
    series = world.series()
    for now in sorted(draw.uniform(world.since, world.end) for _ in range(reads)):
        starts = ledger.read_from - draw.choice([0.0, 3.0, 100.0])
        ledger.advance(cut_at(series, starts, now), version_of, now)
    ledger.advance(cut_at(series, ledger.read_from, world.end), version_of, world.end)


def by_outcome(since: float) -> CategoryLedger:
    return CategoryLedger(since, "outcome", stale_after=5.0)


def by_bin(since: float) -> HistogramLedger:
    return HistogramLedger(since, stale_after=5.0)


cases = st.one_of(st.tuples(st.just(by_outcome), worlds), st.tuples(st.just(by_bin), observed))


@patient
@given(cases, st.integers(0, 2**32), st.integers(1, 12))
def test_how_reads_cut_the_samples_does_not_matter(
    case: tuple[Callable[[float], Vectors], World | ObservedWorld], seed: int, reads: int
) -> None:
    begin, world = case
    at_once, parted = begin(world.since), begin(world.since)
    at_once.advance(world.series(), version_of, world.end)

    in_parts(parted, world, Random(seed), reads)

    assert parted.watermark == at_once.watermark
    assert parted.lanes.names == at_once.lanes.names
    assert cells(parted) == cells(at_once)
    assert parted.partition(world.end) == at_once.partition(world.end)
