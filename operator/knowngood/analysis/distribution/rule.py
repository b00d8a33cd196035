"""What a test of a distribution asks."""

from dataclasses import dataclass

from knowngood.analysis.distribution.bins import Bins
from knowngood.api.v1alpha1.statistics import Statistic


@dataclass(frozen=True)
class Stable:
    """Compare with the stable version, which answers users in the same blocks.

    Attributes:
        alpha: The probability of a false alarm in a whole rollout, however often one looks.
        horizon: The planned length of the rollout, in seconds.
    """

    alpha: float
    horizon: float


@dataclass(frozen=True)
class Baseline:
    """Compare with counts that were frozen.

    Attributes:
        counts: Requests per bin, of a time when all was well.
        once_in: The mean judged time to a false alarm, in seconds. Where several triggers share a
            promise of one in ten years, each of them gets ten years times their number.
    """

    counts: tuple[int, ...]
    once_in: float


@dataclass(frozen=True)
class DistributionRule:
    """What is tested.

    Attributes:
        bins: What the counts of the blocks mean.
        compared_to: With what the judged version is compared, and how often a false alarm is
            accepted.
        statistic: How the effect is measured.
        above: The debiased effect that an alarm needs besides the proof.
        window: Seconds over which the effect is estimated.
        min_samples: Independent requests of each side in the window before the effect is believed.
        design_effect: How many correlated requests count as one, at least 1.
        name: How many features an incident names at most.
        note_once_in: The mean time to a note without a cause, in seconds; nothing hangs on a note.
    """

    bins: Bins
    compared_to: Stable | Baseline
    statistic: Statistic
    above: float
    window: float
    min_samples: int = 1000
    design_effect: float = 1.0
    name: int = 20
    note_once_in: float = 30 * 86400.0

    def __post_init__(self) -> None:
        if isinstance(self.compared_to, Baseline):
            _check_counts(self.compared_to.counts, self.bins)
        elif not 0 < self.compared_to.alpha < 1:
            raise ValueError(f"falseAlarms: {self.compared_to.alpha} is no probability")
        if self.design_effect < 1:
            raise ValueError(f"designEffect: {self.design_effect} is below 1")
        if self.window <= 0:
            raise ValueError(f"window: {self.window} s is no span")
        if self.note_once_in <= self.window:
            raise ValueError("window: longer than the mean time between two notes")
        if not self.bins.is_ordered and self.statistic in {
            Statistic.MAX_GAP,
            Statistic.WASSERSTEIN,
        }:
            raise ValueError(
                f"statistic: {self.statistic} needs bins with an order, not categories"
            )

    @property
    def limit(self) -> float:
        """The evidence at which the test is crossed."""
        if isinstance(self.compared_to, Baseline):
            return self.compared_to.once_in / 60
        return 1 / self.compared_to.alpha


def _check_counts(counts: tuple[int, ...], bins: Bins) -> None:
    if len(counts) != len(bins):
        raise ValueError(f"baseline: {len(counts)} counts for {len(bins)} bins")
    if min(counts) < 0 or not any(counts):
        raise ValueError("baseline: counts are whole numbers from 0 on, and not all of them 0")
