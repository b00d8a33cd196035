"""Series that go on under other labels: the scrape has begun to put a label on, or to leave one out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from knowngood.signals.series import Target
from knowngood.signals.sightings import Sightings

Key = tuple[int, frozenset[tuple[str, str]]]
"""Role of a series and its labels."""

V = TypeVar("V")
"""What one sample says: a number, or a row of numbers that were read together."""


class Strand(NamedTuple, Generic[V]):
    """One thing that goes on counting, as one read shows it.

    Attributes:
        key: What tells it from all others of the ledger.
        target: Who was scraped.
        samples: (unix seconds, value), times strictly ascending; at least one.
        is_clock: Whether its samples tell how far its target was read.
    """

    key: Key
    target: Target
    samples: Sequence[tuple[float, V]]
    is_clock: bool = True


class Lineages(Generic[V]):
    """Knows the series of each target by the names of their labels, and how far each was seen."""

    def __init__(self) -> None:
        self._newest: dict[Key, float] = {}
        self._families: dict[tuple[int, Target], dict[frozenset[str], set[Key]]] = defaultdict(dict)

    def saw(self, key: Key, target: Target, newest: float) -> None:
        """Take note of a series and the time of its newest sample, unix seconds."""
        if key not in self._newest:
            names = frozenset(name for name, _ in key[1])
            self._families[key[0], target].setdefault(names, set()).add(key)
        self._newest[key] = max(newest, self._newest.get(key, newest))

    def family(self, key: Key, target: Target) -> list[Key]:
        """All series of a target that have the role of one of them."""
        return [one for keys in self._families[key[0], target].values() for one in keys]

    def keep_of(self, targets: Sightings) -> list[Key]:
        """Keep the series of some targets only; which others there were."""
        gone = [(role, target) for role, target in self._families if target not in targets]
        dropped = [key for one in gone for keys in self._families.pop(one).values() for key in keys]
        for key in dropped:
            del self._newest[key]
        return dropped

    def before(
        self, key: Key, target: Target, first: float, consumed: Mapping[Key, tuple[float, V]]
    ) -> tuple[float, V] | None:
        """The sample that a series counts on from; None when it begins here.

        That is its own last one, or a later one of a series which differs from it by labels that were put on or taken
        off, and which had ended before `first`. What is scraped together has the same times, so two that live side by
        side are told apart. A new value of a label is another series: so are the children of a counter.

        Args:
            key: The series.
            target: Who was scraped.
            first: Time of its first sample that was not consumed, unix seconds.
            consumed: The last consumed sample of each series.
        """
        own = consumed.get(key)
        family = self._families[key[0], target]
        if len(family) < 2:  # noqa: PLR2004 - all have labels of the same names
            return own
        ended = [
            consumed[other]
            for others in family.values()
            for other in others
            if other in consumed
            and (other[1] < key[1] or other[1] > key[1])
            and self._newest[other] < first
            and (own is None or consumed[other][0] > own[0])
        ]
        return max(ended, default=own, key=_time_and_value)


def _time_and_value(sample: tuple[float, Any]) -> tuple[float, Any]:
    return sample
