"""Processes that are scraped more than once: each of their answers would be two, and no promise would hold."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

from knowngood.signals.lineage import Key, Strand
from knowngood.signals.series import Target
from knowngood.signals.sightings import Sightings

OF_WHO_SCRAPES: Final = ("job", "endpoint", "service", "prometheus", "prometheus_replica")
"""Labels that say who scrapes, and nothing of what is counted.

Neither `instance` nor `container`: two ports or containers may well count different requests, but what has the same
address is the same process. Nor `replica`, by which some count their own workers.
"""

_PROVING: Final = frozenset({"job", "prometheus", "prometheus_replica"})
"""One of them has to differ. A process may well use `endpoint` or `service` for its own requests, and where no scrape
attaches these, they say what is counted; `job` is the scrape's word always."""

Group = tuple[int, Target, frozenset[tuple[str, str]]]


class Twice:
    """Knows the series that differ by nothing but who scrapes."""

    def __init__(self) -> None:
        self._span: dict[Key, tuple[float, float]] = {}
        self._group: dict[Key, Group] = {}
        self._alike: dict[Group, set[Key]] = defaultdict(set)
        self._doubled: set[Group] = set()

    def saw(self, strand: Strand[Any], samples: Sequence[tuple[float, Any]]) -> None:
        """Take note of the two newest samples of a series."""
        key, newest = strand.key, samples[-1][0]
        before = self._span.get(key)
        if before is None:
            labels = frozenset(label for label in key[1] if label[0] not in OF_WHO_SCRAPES)
            group = self._group[key] = (key[0], strand.target, labels)
            self._alike[group].add(key)
            if len(self._alike[group]) > 1:
                self._doubled.add(group)
        if len(samples) > 1 and (before is None or newest >= before[1]):
            self._span[key] = (samples[-2][0], newest)
        elif before is None or newest > before[1]:
            self._span[key] = (newest if before is None else before[1], newest)

    def drop(self, key: Key) -> None:
        """Forget a series."""
        if self._span.pop(key, None) is None:
            return
        group = self._group.pop(key)
        self._alike[group].discard(key)
        if len(self._alike[group]) < 2:  # noqa: PLR2004 - nothing is like it
            self._doubled.discard(group)
        if not self._alike[group]:
            del self._alike[group]

    def problem(self, sightings: Sightings) -> str:
        """Which target is scraped more than once, for people; empty when none that is there is.

        A scrape that was given another name has ended before the other one began: only samples that lie between each
        other are of two at once.
        """
        for group in self._doubled:
            target = group[1]
            if target not in sightings or not sightings[target].present:
                continue
            for one, other in combinations(sorted(self._alike[group], key=_labels_of), 2):
                (since, until), (began, ended) = self._span[one], self._span[other]
                differing = _differing(dict(one[1]), dict(other[1]))
                if since <= ended and began <= until and not _PROVING.isdisjoint(differing):
                    return _words(target, dict(one[1]), dict(other[1]), differing)
        return ""


def _labels_of(key: Key) -> list[tuple[str, str]]:
    return sorted(key[1])


def _differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return [name for name in OF_WHO_SCRAPES if one.get(name) != other.get(name)]


def _words(
    target: Target, one: dict[str, str], other: dict[str, str], differing: Sequence[str]
) -> str:
    named = ", ".join(f'{n}="{one.get(n, "")}" and {n}="{other.get(n, "")}"' for n in differing)
    name = one.get("__name__", "a series")
    return (
        f"{name} of pod {target.pod} is scraped twice, as {named}, so each request would count twice: leave one "
        "of them out by a matcher in the selector"
    )
