"""What is kept of pods that come and go: as much as somebody looks at."""

import pickle

import pytest

from knowngood.signals.counting import CountLedger
from knowngood.signals.ledger import VersionOf
from knowngood.signals.planning import QueryKind, RatioSpec, Segments
from knowngood.signals.segments import SegmentedLedger
from knowngood.signals.selectors import parse_selector
from knowngood.signals.series import RawSeries
from tests.signals.scraping import errors_of, series, version_of

STEP, PODS, LIFE = 10, 200, 60


def pod(number: int) -> str:
    return f"v1-{number}"


def lives(number: int, until: float) -> list[RawSeries]:
    """A pod that answers ten requests a scrape, one of them wrong, for a minute; one follows the other."""
    start = 1000 + number * LIFE
    at = [float(start + k * STEP) for k in range(LIFE // STEP) if start + k * STEP <= until]
    return [
        series(pod(number), [(t, float(9 * k + 9)) for k, t in enumerate(at)], outcome="ok"),
        series(pod(number), [(t, float(k + 1)) for k, t in enumerate(at)], outcome="error"),
    ]


def read_of(number: int, now: float) -> list[RawSeries]:
    """What a read of the last minutes sees."""
    found = [one for n in range(max(0, number - 1), number + 1) for one in lives(n, now)]
    return [one for one in found if one.samples]


def alone(there: str) -> VersionOf:
    """Only one pod is there."""
    return lambda target: version_of(target) if target.pod == there else None


def told(ledger: CountLedger, *, forgetful: bool, pods: int = PODS) -> CountLedger:
    for number in range(pods):
        now = 1000.0 + number * LIFE + LIFE - 1
        read = read_of(number, now)
        ledger.advance(errors_of(read), read, alone(pod(number)), now, scraped_from=0.0)
        if forgetful:
            ledger.forget(now - 10 * LIFE)
    return ledger


def test_what_is_counted_later_is_the_same_whether_or_not_pods_that_are_gone_were_forgotten() -> (
    None
):
    whole, forgetful = (
        told(CountLedger(1000.0), forgetful=forgetful) for forgetful in (False, True)
    )

    end = 1000.0 + PODS * LIFE
    assert whole.between("v1", 0.0, end).total > 9 * PODS * LIFE // STEP  # else nothing was counted
    for back in (LIFE, 3 * LIFE, 9 * LIFE):
        assert forgetful.between("v1", end - back, end) == whole.between("v1", end - back, end)


def test_pods_that_are_gone_and_silent_take_no_room() -> None:
    rooms = [
        len(pickle.dumps(told(CountLedger(1000.0), forgetful=True, pods=pods)))
        for pods in (100, PODS)
    ]

    assert rooms[1] == pytest.approx(rooms[0], rel=0.01)
    assert rooms[1] < len(pickle.dumps(told(CountLedger(1000.0), forgetful=False))) / 5


def test_a_pod_that_is_there_is_never_forgotten_however_silent_it_is() -> None:
    ledger = CountLedger(1000.0)
    read = lives(0, 2000.0)
    ledger.advance(errors_of(read), read, version_of, 1060.0)

    ledger.forget(90_000.0)
    later = [
        series(pod(0), [(91_000.0, 70.0)], outcome="ok"),
        series(pod(0), [(91_000.0, 6.0)], outcome="error"),
    ]
    ledger.advance(errors_of(later), later, version_of, 91_000.0)
    ledger.advance([], [], version_of, 91_100.0, closed=True)

    assert ledger.between("v1", 90_000.0, 92_000.0).total == 70 - 54


def test_all_segments_forget_a_pod_that_the_first_of_them_has_forgotten() -> None:
    ledger = SegmentedLedger(
        RatioSpec(
            parse_selector('answers_total{outcome="error"}'), parse_selector("answers_total")
        ),
        Segments("region", ("north", "south"), 10),
        1000.0,
    )
    read = [
        series(name, [(at, 5.0), (at + 10, 9.0)], region=region)
        for name, at in (("v1-old", 1000.0), ("v1-new", 90_000.0))
        for region in ("north", "south")
    ]
    ledger.advance({QueryKind.TOTAL: read, QueryKind.EVENTS: []}, version_of, 90_010.0)
    ledger.advance(
        {QueryKind.TOTAL: read[2:], QueryKind.EVENTS: []},
        alone("v1-new"),
        90_020.0,
    )

    for part in ledger.parts.values():
        part.forget(80_000.0)

    for part in ledger.parts.values():
        kept = pickle.dumps(part)
        assert b"v1-old" not in kept
        assert b"v1-new" in kept
