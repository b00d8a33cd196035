"""Which models there are, how much they are asked, and what is promised about them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CELL: Final = 30
"""Seconds from one scrape to the next."""

HOUR: Final = 3600
DAY: Final = 86_400

PER_ROLLOUT: Final = 0.01
"""Promised: the probability that a version that is no worse is taken back."""

ONCE_IN_DAYS: Final = 7
"""Promised: a false alarm about what serves once in so many days of a model. The default is ten years; a day of fifty
models could not say anything about that."""

PER_SPLIT: Final = 0.001
"""Promised: the probability that requests that are split as asked are said not to be."""

STABLE, CANARY = "1", "2"

_SLOWEST, _FASTEST = 0.2, 5.0
_SHARES: Final = (5, 10, 20, 50)
_APPROVED: Final = 0.70
_SWING: Final = 0.10
_FAILED: Final = 0.02


@dataclass(frozen=True, slots=True)
class Harm:
    """How a version is worse.

    Attributes:
        start: Seconds after the traffic began.
        end: When it gets no requests any more: whoever watches should have taken it back long before.
        approved: Added to its share of approvals.
        failed: Added to its share of failures.
    """

    start: int
    end: int
    approved: float = 0.0
    failed: float = 0.0


@dataclass(frozen=True, slots=True)
class Member:
    """One model.

    Attributes:
        name: Of the object.
        rate: Requests per second of both versions together.
        share: Percent of them that the canary gets.
        approved: Share of approvals, on average over a day.
        swing: By how much it goes up and down within a day.
        phase: Where in this swing the day begins, from 0 to 1.
        failed: Share of answers that fail.
        harm: How the canary is worse; None: it is the same.
    """

    name: str
    rate: float
    share: int
    phase: float = 0.0
    approved: float = _APPROVED
    swing: float = _SWING
    failed: float = _FAILED
    harm: Harm | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is played.

    Attributes:
        models: How many have a canary that is no worse.
        harmed: How many have one that is worse, besides.
        seconds: How long, by the bench's clock.
        factor: How many times faster than real time it may pass.
        seed: Of all chance.
    """

    models: int = 50
    harmed: int = 4
    seconds: int = DAY
    factor: float = 240.0
    seed: int = 2026

    @property
    def cells(self) -> int:
        """How many scrapes there are."""
        return self.seconds // CELL

    @property
    def alike(self) -> Sequence[Member]:
        """The models whose versions are alike."""
        return [
            Member(
                name=f"alike-{i:02d}",
                rate=_between(i / max(1, self.models - 1)),
                share=_SHARES[i % len(_SHARES)],
                phase=i / self.models,
            )
            for i in range(self.models)
        ]

    @property
    def worse(self) -> Sequence[Member]:
        """The models whose canary becomes worse after a third of the time: in turn by approvals and by failures."""
        start, end = self.seconds // 3, self.seconds * 2 // 3
        harms = (Harm(start, end, approved=-0.2), Harm(start, end, failed=0.1))
        return [
            Member(f"worse-{i:02d}", rate=2.0, share=20, phase=i / 10, harm=harms[i % len(harms)])
            for i in range(self.harmed)
        ]

    @property
    def members(self) -> Sequence[Member]:
        """All models."""
        return [*self.alike, *self.worse]


def _between(part: float) -> float:
    """Rates from the slowest to the fastest, each the same factor above the one before."""
    return math.exp(math.log(_SLOWEST) + part * math.log(_FASTEST / _SLOWEST))
