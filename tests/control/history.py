"""What version 7 has answered before the world began."""

from knowngood.adapters.memory.signals import Labels
from knowngood.decisions.naming import child_name
from tests.control.virtual_time import EPOCH
from tests.control.world import World

HOUR = 3600.0
REQUESTS = 1000


def remember(world: World, *failures: int, hours: int = 24, broken_in: int | None = None) -> None:
    """Version 7 has answered for hours; a pod's failures alternate, so that the pods differ hour by hour.

    Args:
        world: Where it has.
        failures: Of each pod, in every second hour; 10 in the others.
        hours: How many there are.
        broken_in: An hour in which the first pod answered nothing right.
    """
    began = EPOCH.timestamp() // HOUR * HOUR - hours * HOUR
    counters: dict[Labels, float] = {}
    for hour in range(hours):
        for end in (1.0, HOUR):
            for number, failed in enumerate(failures):
                gained = failed if (hour + number) % 2 else 10
                gained = REQUESTS if (hour, number) == (broken_in, 0) else gained
                for code, count in (("500", gained), ("200", REQUESTS - gained)):
                    series = _series(number, code)
                    counters[series] = counters.get(series, 0.0) + (count if end == HOUR else 0)
            world.signals.scrape(began + hour * HOUR + end, counters)


def _series(number: int, code: str) -> Labels:
    pod = f"{child_name('loan', '7')}-6c8d7f9b5-pod{number:02}"
    labels = {"__name__": "requests_total", "namespace": "lending", "pod": pod, "code": code}
    return tuple(sorted(labels.items()))
