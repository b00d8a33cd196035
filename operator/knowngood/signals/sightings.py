"""Who is scraped, since when, and how lately: what tells a birth from a late acquaintance."""

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeVar

from knowngood.signals.series import Target

QUIET_INTERVALS = 4
"""Scrapes that a target may miss before it no longer counts as live."""

SHORTEST_SILENCE = 5.0
"""Seconds that any target may be silent, however often it is scraped."""

LATENESS = 2.0
"""Seconds that a sample may show up late: it bears the time at which its scrape began."""

V = TypeVar("V")

_LATEST = 6  # samples that the interval is estimated from


@dataclass(frozen=True, slots=True)
class Freshness:
    """How lately a version was seen.

    Attributes:
        last: The newest sample of any of its targets, unix seconds; None when there is none.
        targets: How many of its targets are live.
    """

    last: float | None
    targets: int


@dataclass(slots=True)
class Sighting:
    """What is known of one target.

    Attributes:
        read_until: How far others had been read when it was met; -inf when nothing had been read.
        first: Its first sample, unix seconds.
        last: Its newest sample of a total, unix seconds; -inf before one was seen.
        seen: Its newest sample of anything.
        interval: Estimated seconds between two scrapes; 0 when it was scraped once only.
        version: The version it serves, as last told; None when nobody knew.
        present: Whether somebody knows its version now, that is, whether its pod still exists.
    """

    read_until: float
    first: float = math.inf
    last: float = -math.inf
    seen: float = -math.inf
    interval: float = 0.0
    version: str | None = None
    present: bool = False

    def saw(self, samples: Sequence[tuple[float, Any]], *, is_total: bool) -> None:
        """Take note of the samples of one of its series, which may overlap older ones."""
        self.first = min(self.first, samples[0][0])
        self.seen = max(self.seen, samples[-1][0])
        if not is_total or samples[-1][0] <= self.last:
            return
        self.interval = _interval(samples[-_LATEST:], self.last) or self.interval
        self.last = samples[-1][0]

    def is_live(self, now: float, stale_after: float | None) -> bool:
        """Whether it was scraped lately; `stale_after` in seconds, None for the default.

        What was seen in the future was not: one of the clocks was changed, and until they agree again nothing new
        would be read, so it would be lately for as long as that takes.
        """
        silence = max(SHORTEST_SILENCE, QUIET_INTERVALS * self.interval)
        age = now - self.last
        return -LATENESS <= age <= (silence if stale_after is None else stale_after)


def until(samples: Sequence[tuple[float, V]], now: float) -> Sequence[tuple[float, V]]:
    """Those samples that are not of the future: one of an hour ahead would pass for the newest for an hour."""
    latest = now + LATENESS
    if samples[-1][0] <= latest:
        return samples
    return samples[: bisect_right(samples, latest, key=itemgetter(0))]


def _interval(samples: Sequence[tuple[float, Any]], before: float) -> float:
    """The median distance of samples; with a single one, its distance from the sample before."""
    if len(samples) == 1:
        return samples[0][0] - before if math.isfinite(before) else 0.0
    steps = sorted(later[0] - earlier[0] for earlier, later in itertools.pairwise(samples))
    return steps[len(steps) // 2]


class Sightings:
    """The targets that a ledger saw, and did not forget."""

    def __init__(self) -> None:
        self._by_target: dict[Target, Sighting] = {}
        self.scraped_from = math.inf

    def __getitem__(self, target: Target) -> Sighting:
        return self._by_target[target]

    def meet(self, target: Target, read_until: float) -> Sighting:
        """What is known of a target; one that is met now is known to be met at `read_until`."""
        if target not in self._by_target:
            self._by_target[target] = Sighting(read_until)
        return self._by_target[target]

    def of(self, version: str) -> list[Sighting]:
        """The targets that serve, or served, a version."""
        return [sighting for sighting in self._by_target.values() if sighting.version == version]

    def __contains__(self, target: Target) -> bool:
        return target in self._by_target

    def forget(self, before: float) -> None:
        """Drop the targets that are gone and were not scraped since an instant; one that comes back is met anew."""
        self._by_target = {
            target: sighting
            for target, sighting in self._by_target.items()
            if sighting.present or sighting.seen >= before
        }

    def tell(self, version_of: Callable[[Target], str | None], scraped_from: float | None) -> None:
        """Take note of whom each target serves for now, and of how long the scraper has been at work.

        Args:
            version_of: The version of a target; None when nobody knows.
            scraped_from: What the whole of an answer says, unix seconds; None: nothing.
        """
        if scraped_from is not None:
            self.scraper_was_at_work(scraped_from)
        for target, sighting in self._by_target.items():
            told = version_of(target)
            sighting.present = told is not None
            sighting.version = told or sighting.version

    def read_by_all(self, now: float, stale_after: float | None) -> float:
        """The instant up to which every live target was read, unix seconds; -inf when there is none."""
        live = (s for s in self._by_target.values() if s.present and s.is_live(now, stale_after))
        return min((sighting.last for sighting in live), default=-math.inf)

    def scraper_was_at_work(self, second_sample: float) -> None:
        """Take note of the second sample of some series."""
        self.scraped_from = min(self.scraped_from, second_sample)

    def is_new(self, target: Target, first: float) -> bool:
        """Whether a series whose first sample is `first` began to exist under the scraper's eyes.

        It did when its target was scraped before without it, and also when its target is first seen
        after the scraper had been at work for a whole interval and within what is read for the first
        time. Otherwise it may be an old one that is only new to us, and its first value says nothing.
        """
        seen = self._by_target[target]
        return seen.first < first or max(self.scraped_from, seen.read_until - LATENESS) < first
