"""When processes began anew: what one of their counters shows by falling is true of all of them.

A server that crashes after the same 50 errors each time shows 50 at every scrape: its errors never fall, only its
requests do.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from operator import le
from typing import Any, Final, NamedTuple

from knowngood.signals.lineage import Key, Strand
from knowngood.signals.series import Target
from knowngood.signals.sightings import Sightings

OF_THE_SCRAPE: Final = (
    *("namespace", "pod", "container", "instance", "job", "endpoint", "service"),
    *("prometheus", "prometheus_replica", "replica"),
)
"""Labels by which the processes of one target are told apart: a pod may have several containers."""

Process = frozenset[tuple[str, str]]
Sizes = list[tuple[float, float]]
"""(unix seconds, requests) of the samples of a series that are counts."""


class Restart(NamedTuple):
    """A process that began anew.

    Attributes:
        after: The last scrape before, unix seconds.
        by: The first scrape after.
        answered: Requests that it showed then.
    """

    after: float
    by: float
    answered: float


class Restarts:
    """Knows the restarts of each process that some counter of requests has shown."""

    def __init__(self) -> None:
        self._of: dict[Target, dict[Process, list[Restart]]] = {}

    def find(
        self,
        fresh: Iterable[Strand[Any]],
        consumed: Mapping[Key, tuple[float, Any]],
        family: Callable[[Key, Target], Collection[Key]],
        size: Callable[[Any], float],
        sizes: Callable[[Sequence[tuple[float, Any]]], Sizes],
    ) -> None:
        """Look for restarts in samples that are about to be consumed.

        Args:
            fresh: The strands.
            consumed: The last consumed sample of each series.
            family: All series of a target that count the same as one of them, itself among them.
            size: Requests of a sample.
            sizes: Of samples, those that are to be consumed.
        """
        read = {
            one.key: ([consumed[one.key], *one.samples] if one.key in consumed else one.samples)
            for one in fresh
            if one.is_clock
        }
        falling = (one for one in fresh if one.is_clock and _falls(read[one.key], size))
        fallen = {
            (one.target, _process_of(one.key), after, by): one.key
            for one in falling
            for (after, more), (by, fewer) in pairwise(sizes(read[one.key]))
            if fewer < more
        }
        for (target, process, after, by), key in fallen.items():
            siblings = (k for k in family(key, target) if _process_of(k) == process)
            counts = (read.get(k) or [consumed[k]] for k in siblings if k in read or k in consumed)
            answered = _answered(map(sizes, counts), after, by)
            if answered is not None:
                restarts = self._of.setdefault(target, defaultdict(list))[process]
                insort(restarts, Restart(after, by, answered))

    def of(self, strand: Strand[Any]) -> Sequence[Restart]:
        """The restarts of the process that a strand is of, ascending."""
        processes = self._of.get(strand.target)
        return processes.get(_process_of(strand.key), ()) if processes else ()

    def keep_of(self, targets: Sightings) -> None:
        """Keep what is known of some targets only."""
        self._of = {target: known for target, known in self._of.items() if target in targets}


def hid(restarts: Sequence[Restart], after: float, by: float, size: float) -> bool:
    """Whether a process began anew between two samples of a strand, so that all of the later one, `size`, is new.

    A process whose events are more than all of its requests is not the one that began anew: a pod may have several
    that no label tells apart.
    """
    place = bisect_left(restarts, (after,))
    if place == len(restarts) or restarts[place].by > by:
        return False
    return by > restarts[place].by or size <= restarts[place].answered


def _falls(samples: Sequence[tuple[float, Any]], size: Callable[[Any], float]) -> bool:
    """Whether there may be a fall; few series ever have one, so this is quick."""
    values = [size(value) for _, value in samples]
    return not all(map(le, values, values[1:]))


def _answered(counts: Iterable[Sizes], after: float, by: float) -> float | None:
    """Requests that a process showed when it had begun anew between two scrapes; None when it had not for sure.

    One counter that falls may be a child that was removed and made anew, while the others go on; if those counted in
    full, all of their past would count again. So none of them may have risen, and none may have been scraped between:
    then the restart may have been before or after that. What is not known for sure counts as if nobody had fallen.
    """
    answered = 0.0
    for samples in counts:
        first = bisect_left(samples, (after,))
        found = dict(samples[first : first + 3])
        if any(after < at < by for at in found):
            return None
        if found.get(by, 0.0) > found.get(after, float("inf")):
            return None
        answered += found.get(by, 0.0)
    return answered


def _process_of(key: Key) -> Process:
    return frozenset(label for label in key[1] if label[0] in OF_THE_SCRAPE)
