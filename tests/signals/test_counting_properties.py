"""The ledger against a world in which every answer is known."""

from random import Random

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from knowngood.signals.counting import CountLedger
from knowngood.signals.planning import MARGIN
from knowngood.signals.series import RawSeries
from tests.signals.scraping import World, errors_of, version_of

worlds = st.integers(0, 2**32).map(World)
VERSIONS = ("v0", "v1")
patient = settings(deadline=None)


def cells(ledger: CountLedger) -> dict[str, list[tuple[int, int, int]]]:
    return {
        version: [
            (second, ledger.column(version).cell(i).events, ledger.column(version).cell(i).total)
            for i, second in enumerate(ledger.column(version).seconds)
        ]
        for version in VERSIONS
    }


def cut_at(series: list[RawSeries], starts: float, ends: dict[str, float]) -> list[RawSeries]:
    """What a read sees that reaches from one instant to another, per pod."""
    read = [
        RawSeries(
            one.labels, tuple(s for s in one.samples if starts <= s[0] <= ends[one.labels["pod"]])
        )
        for one in series
    ]
    return [one for one in read if one.samples]


def advanced(ledger: CountLedger, read: list[RawSeries], now: float) -> CountLedger:
    return ledger.advance(errors_of(read), read, version_of, now)


@patient
@given(worlds)
def test_every_answer_that_a_scrape_saw_is_counted_once(world: World) -> None:
    """Pods are born, restart, die and are missed by scrapes."""
    assume(not any(pod.has_hidden_reset() for pod in world.pods))
    ledger = CountLedger(world.since, stale_after=0.0)  # waits for nobody

    advanced(ledger, world.series(), world.end)
    ledger.watermark = world.end + 1  # settle also what is newer than the last common scrape
    advanced(ledger, world.series(), world.end)

    for version in VERSIONS:
        counts = ledger.between(version, 0, 1e9)
        errors, fine = (world.truth(version, outcome) for outcome in ("error", "ok"))
        assert (counts.events, counts.total) == (errors, errors + fine)


@patient
@given(worlds, st.integers(0, 2**32), st.integers(1, 12))
@example(World(1894), 757, 3)  # a label is put on between two reads, when the process begins anew
def test_how_reads_cut_the_samples_does_not_matter(world: World, seed: int, reads: int) -> None:
    draw, series = Random(seed), world.series()
    at_once = CountLedger(world.since, stale_after=5.0)
    in_parts = CountLedger(world.since, stale_after=5.0)
    everybody = {pod.name: world.end for pod in world.pods}
    advanced(at_once, series, world.end)

    for now in sorted(draw.uniform(world.since, world.end) for _ in range(reads)):
        starts = in_parts.read_from - draw.choice([0.0, 3.0, 100.0])
        read = cut_at(series, starts, dict.fromkeys(everybody, now))
        advanced(in_parts, read, now)
    advanced(in_parts, cut_at(series, in_parts.read_from, everybody), world.end)

    assert in_parts.watermark == at_once.watermark
    assert cells(in_parts) == cells(at_once)


@patient
@given(worlds, st.integers(0, 2**32))
def test_pods_whose_newest_samples_are_not_there_yet_are_waited_for(
    world: World, seed: int
) -> None:
    draw, series = Random(seed), world.series()
    at_once = CountLedger(world.since, stale_after=30.0)
    ragged = CountLedger(world.since, stale_after=30.0)
    advanced(at_once, series, world.end)

    for now in (1020.0, 1030.0, 1041.0, 1055.0):
        ends = {pod.name: now - draw.uniform(0, 3) * pod.is_old for pod in world.pods}
        advanced(ragged, cut_at(series, ragged.read_from, ends), now)
    whole = dict.fromkeys((pod.name for pod in world.pods), world.end)
    advanced(ragged, cut_at(series, ragged.read_from, whole), world.end)

    assert cells(ragged) == cells(at_once)


@patient
@given(worlds, st.integers(0, 2**32), st.integers(1, 12))
def test_the_past_counts_the_same_piece_by_piece(world: World, seed: int, pieces: int) -> None:
    """Also across pieces in which nobody was scraped."""
    draw, series = Random(seed), world.series()
    at_once = CountLedger(world.since)
    in_pieces = CountLedger(world.since)
    at_once.advance(errors_of(series), series, version_of, world.end, closed=True)

    ends = (draw.uniform(world.since, world.end) for _ in range(pieces))
    for end in (*sorted(ends), world.end):
        upto = dict.fromkeys((pod.name for pod in world.pods), end)
        read = cut_at(series, in_pieces.read_from - MARGIN, upto)
        in_pieces.advance(errors_of(read), read, version_of, end, closed=True)

    assert in_pieces.watermark == at_once.watermark == world.end
    assert cells(in_pieces) == cells(at_once)
