"""Following a model for some time, also while the API server comes and goes."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.cli.cluster import Cluster
from knowngood.cli.problems import Unreachable
from knowngood.clock import Clock, SystemClock

BREATH: Final = 0.1
"""Seconds between two watches, should something on the way end each one at once."""

PAUSE: Final = 1.0
"""Seconds until the API server is asked again after it did not answer."""


def follow(
    cluster: Cluster,
    name: str,
    patience: float,
    complain: Callable[[str], None],
    clock: Clock | None = None,
) -> Iterator[AIModelDeployment | None]:
    """Tell a model as it is, and each time that it was changed; None when it is deleted.

    Args:
        cluster: Where it is.
        name: Its name.
        patience: Seconds after which this ends.
        complain: Told when the API server does not answer any more, once each time.
        clock: Which one tells how the time goes by.

    Raises:
        Unreachable: The API server does not answer when the time is over.
        Problem: It refuses.
    """
    clock = clock or SystemClock()
    end = clock.monotonic() + patience
    lost: Unreachable | None = None
    while (left := end - clock.monotonic()) > 0:
        try:
            for number, seen in enumerate(cluster.watch(name, left)):
                # One that just came back may answer a question, and refuse a watch for a moment.
                lost = lost if number == 0 else None
                yield seen
            lost = None
            time.sleep(BREATH)
        except Unreachable as error:
            if lost is None:
                complain(f"{error} (trying again)")
            lost = error
            time.sleep(min(PAUSE, max(0.0, end - clock.monotonic())))
    if lost is not None:
        raise lost
