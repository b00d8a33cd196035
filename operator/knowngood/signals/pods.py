"""What each pod answered in each hour: what tells apart clients that come in bursts from chance."""

from collections.abc import Iterator
from typing import NamedTuple

from knowngood.signals.series import Target

_HOUR = 3600
_KEPT = 26  # hours: a day of whole ones, the present one, and one that is not settled


class PodHour(NamedTuple):
    """What one pod answered in one hour.

    Attributes:
        pod: Its name, with its namespace.
        hour: Hours since 1970, UTC.
        events: Events.
        total: Requests, at least as many.
    """

    pod: str
    hour: int
    events: int
    total: int


class PodTallies:
    """An accumulator of the last day, by version, pod and hour."""

    __slots__ = ("_hours",)

    def __init__(self) -> None:
        self._hours: dict[int, dict[tuple[str, str], list[int]]] = {}

    def add(self, version: str, target: Target, at: float, gained: tuple[int, int]) -> None:
        """Count what a pod of a version gained by a scrape.

        Args:
            version: Whom it serves for.
            target: The pod.
            at: When it was scraped, unix seconds.
            gained: Events and requests.
        """
        hour = int(at // _HOUR)
        if hour not in self._hours:
            newest = max((hour, *self._hours))
            self._hours = {k: v for k, v in self._hours.items() if k > newest - _KEPT}
            self._hours[hour] = {}
        name = f"{target.namespace}/{target.pod}"
        counts = self._hours[hour].setdefault((version, name), [0, 0])
        counts[0] += gained[0]
        counts[1] += gained[1]

    def pod_hours(self, version: str, first: int, behind: int) -> Iterator[PodHour]:
        """What each pod of a version answered in the hours from `first` to before `behind`.

        Two counters are not read in the same instant, so an event may be one scrape ahead of its
        request; what is more than the requests of the hour is left out.
        """
        for hour in sorted(k for k in self._hours if first <= k < behind):
            for (of, pod), (events, total) in sorted(self._hours[hour].items()):
                if of == version:
                    yield PodHour(pod, hour, min(events, total), total)
