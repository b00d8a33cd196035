"""What each pod answered in each of the last whole hours, in one query.

`increase` extrapolates, so this is no evidence: it is good enough to tell how far requests depend on each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from knowngood.signals.identity import TELLING
from knowngood.signals.selectors import Matcher, Selector
from knowngood.signals.series import RawSeries

HOUR = 3600
_SPAN = (
    24 * HOUR - HOUR // 2
)  # from the middle of an hour: its ends are in, however a source takes the first one


class PodHour(NamedTuple):
    """What one pod answered in one hour.

    Attributes:
        pod: Its name.
        hour: Hours since 1970, UTC.
        events: Events.
        total: Requests, at least as many.
    """

    pod: str
    hour: int
    events: int
    total: int


Hourly = Mapping[tuple[str, int], float]
"""What was counted, by pod and by hours since 1970."""


def hourly(selector: Selector, narrowed: Iterable[Matcher]) -> str:
    """PromQL that is to be evaluated at a whole hour: what each target counted in each of the 24 hours before.

    Args:
        selector: Of the counters.
        narrowed: What the series must fulfil besides.
    """
    counters = Selector((*selector.matchers, *narrowed)).render(HOUR)
    return f"(sum by ({', '.join(TELLING)}) (increase({counters})))[{_SPAN}s:{HOUR}s]"


def counted(series: Iterable[tuple[str, RawSeries]]) -> Hourly:
    """Read the answer, series by the name of the pod."""
    found: dict[tuple[str, int], float] = defaultdict(float)
    for pod, one in series:
        for at, value in one.samples:
            found[pod, int(at // HOUR) - 1] += value
    return found


def pod_hours(total: Hourly, events: Hourly) -> Iterable[PodHour]:
    """What each pod answered in each hour."""
    for (pod, hour), number in sorted(total.items()):
        requests = round(max(0.0, number))
        yield PodHour(
            pod, hour, min(requests, round(max(0.0, events.get((pod, hour), 0.0)))), requests
        )
