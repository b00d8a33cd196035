from knowngood.analysis.design_effect import UNKNOWN, between_pods
from knowngood.api.v1alpha1 import Basis
from knowngood.signals.counting import CountLedger
from knowngood.signals.pods import PodHour, PodTallies
from knowngood.signals.series import RawSeries, Target

HOUR = 3600
FIRST = 500_000
"""The hour in which it begins."""


def pod_of(name: str, hours: int, events: int, total: int, step: int = 600) -> list[RawSeries]:
    """A pod's counters, scraped every ten minutes, with the same counts in every hour."""
    read = []
    for metric, each in (("events_total", events), ("answers_total", total)):
        per_scrape = each * step / HOUR
        samples = tuple(
            (float(FIRST * HOUR + k * step), float(round(k * per_scrape)))
            for k in range(hours * HOUR // step + 1)
        )
        labels = {"__name__": metric, "namespace": "loans", "pod": name}
        read.append(RawSeries(labels, samples))
    return read


def ledger_of(hours: int, pods: dict[str, tuple[int, int]]) -> CountLedger:
    read = [pod_of(name, hours, *counts) for name, counts in pods.items()]
    ledger = CountLedger(float(FIRST * HOUR), stale_after=1200)
    events, total = [one[0] for one in read], [one[1] for one in read]
    now = float((FIRST + hours) * HOUR)
    return ledger.advance(events, total, lambda target: target.pod[0], now)


def test_what_each_pod_answered_is_told_by_the_hour() -> None:
    ledger = ledger_of(3, {"7-a": (120, 600), "7-b": (60, 300), "8-a": (6, 60)})

    found = list(ledger.pods.pod_hours("7", FIRST + 1, FIRST + 3))

    assert found == [
        PodHour("loans/7-a", FIRST + 1, 120, 600),
        PodHour("loans/7-b", FIRST + 1, 60, 300),
        PodHour("loans/7-a", FIRST + 2, 120, 600),
        PodHour("loans/7-b", FIRST + 2, 60, 300),
    ]


def test_pods_and_seconds_count_the_same() -> None:
    ledger = ledger_of(3, {"7-a": (120, 600), "7-b": (60, 300)})

    whole = ledger.between("7", FIRST * HOUR, (FIRST + 3) * HOUR)
    by_pod = list(ledger.pods.pod_hours("7", FIRST, FIRST + 3))

    assert (sum(one.events for one in by_pod), sum(one.total for one in by_pod)) == (
        whole.events,
        whole.total,
    )


def test_pods_that_answer_alike_count_every_request() -> None:
    ledger = ledger_of(12, {"7-a": (1800, 6000), "7-b": (1800, 6000)})
    now = float((FIRST + 12) * HOUR)

    found = between_pods(ledger.pods.pod_hours("7", 0, 2 * FIRST), now)
    other = between_pods(ledger.pods.pod_hours("8", 0, 2 * FIRST), now)

    assert (found.basis, found.value) == (Basis.PODS, 1.0)
    assert (other.basis, other.value) == (Basis.ASSUMED, UNKNOWN)


def test_older_hours_are_forgotten_and_events_never_exceed_requests() -> None:
    tallies, pod = PodTallies(), Target("loans", "7-a")
    for hour in range(100):
        tallies.add("7", pod, hour * HOUR + 5.0, (3, 2))

    found = list(tallies.pod_hours("7", 0, 100))

    assert [one.hour for one in found] == list(range(74, 100))
    assert {(one.events, one.total) for one in found} == {(2, 2)}
