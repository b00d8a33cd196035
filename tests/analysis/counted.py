"""Ledgers with known counts in each second."""

from collections.abc import Mapping, Sequence

from knowngood.signals.counting import CountLedger
from knowngood.signals.series import RawSeries, Target

SINCE = 1000.0

Second = tuple[int, int] | None
"""(events, requests) of one second; None: it was not scraped."""


def version_of(target: Target) -> str:
    return target.pod.split("-")[0]


def pod_series(pod: str, seconds: Sequence[Second], since: float = SINCE) -> list[RawSeries]:
    """Events and totals of a pod that is scraped in the middle of each second, and once before."""
    events, total = [(since - 0.5, 0.0)], [(since - 0.5, 0.0)]
    e = n = 0
    for k, second in enumerate(seconds):
        if second is not None:
            e, n = e + second[0], n + second[1]
            events.append((since + k + 0.5, float(e)))
            total.append((since + k + 0.5, float(n)))
    name = {"namespace": "loans", "pod": pod}
    return [
        RawSeries({**name, "__name__": "events_total"}, tuple(events)),
        RawSeries({**name, "__name__": "answers_total"}, tuple(total)),
    ]


def ledger_of(pods: Mapping[str, Sequence[Second]], *, settle: bool = True) -> CountLedger:
    """A ledger that read all of it; each pod's list ends at the same second.

    Args:
        pods: Counts per pod; pods are called `<version>-<number>`.
        settle: Scrape once more, so that the last second is settled too. Pods whose last second was
            not scraped are left out.
    """
    more: list[Second] = [(0, 0)] if settle else []
    read = [pod_series(pod, [*s, *(more if s and s[-1] else [])]) for pod, s in pods.items()]
    now = SINCE + max(len(seconds) for seconds in pods.values()) + 0.6
    events, total = ([pair[i] for pair in read] for i in (0, 1))
    return CountLedger(SINCE).advance(events, total, version_of, now)
