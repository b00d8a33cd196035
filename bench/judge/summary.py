"""From what the judges said to figures with their uncertainty."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import beta, binom

from bench.judge import fixed, ours
from bench.judge.streams import Plan
from bench.judge.trial import Alarm, Said

_CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """How many runs had an alarm, and between what the share of all such runs lies at 95 %."""

    runs: int
    alarms: int

    @property
    def share(self) -> float:
        """The part of the runs that had one."""
        return self.alarms / self.runs if self.runs else math.nan

    @property
    def bounds(self) -> tuple[float, float]:
        """The exact interval of Clopper and Pearson."""
        left, k, n = (1 - _CONFIDENCE) / 2, self.alarms, self.runs
        low = float(beta.ppf(left, k, n - k + 1)) if k else 0.0
        high = float(beta.ppf(1 - left, k + 1, n - k)) if k < n else 1.0
        return low, high

    def over(self, bound: float, sigmas: float) -> bool:
        """Whether it is more above a bound than chance makes it."""
        return self.share > bound + sigmas * math.sqrt(bound * (1 - bound) / max(1, self.runs))


@dataclass(frozen=True, slots=True)
class Delay:
    """What passes from the harm to the alarm; infinite where half of the runs had none.

    Attributes:
        runs: In which there was no alarm before the harm.
        too_early: Runs with a false alarm before it.
        missed: Runs without an alarm within two hours.
        median_s: Seconds.
        p95_s: Seconds.
        samples: Requests of the canary, at the median.
        samples_bounds: Between what the median of all such runs lies at 95 %.
    """

    runs: int
    too_early: int
    missed: int
    median_s: float
    p95_s: float
    samples: float
    samples_bounds: tuple[float, float]


def share(said: Sequence[Said], judge: str) -> Share:
    """How often a judge raised an alarm."""
    found = [one[judge] for one in said if judge in one]
    return Share(len(found), sum(alarm is not None for alarm in found))


def delay(said: Sequence[Said], judge: str, plan: Plan) -> Delay:
    """How long a judge took to see the harm."""
    found = [one[judge] for one in said if judge in one]
    seen = [alarm for alarm in found if alarm is None or alarm.at > plan.harmed_at]
    seconds = [math.inf if alarm is None else float(alarm.at - plan.harmed_at) for alarm in seen]
    samples = [_samples(alarm) for alarm in seen]
    return Delay(
        runs=len(seen),
        too_early=len(found) - len(seen),
        missed=sum(alarm is None for alarm in seen),
        median_s=_quantile(seconds, 0.5),
        p95_s=_quantile(seconds, 0.95),
        samples=_quantile(samples, 0.5),
        samples_bounds=_median_bounds(samples),
    )


def yardstick(plan: Plan, *, pooled: bool = False) -> float | None:
    """Requests of the canary that the fixed-horizon test needs; None where its formula says nothing."""
    if plan.harmed is None or not 0 < plan.base < 1:
        return None
    weight = plan.weights[0][1]
    ratio = (1 - weight) / weight
    return fixed.samples(plan.harmed, plan.base, ratio, ours.ALPHA, pooled=pooled)


def judges(said: Sequence[Said]) -> Sequence[str]:
    """All judges that were asked in any run, in order."""
    return list(dict.fromkeys(name for one in said for name in one))


def _samples(alarm: Alarm | None) -> float:
    return math.inf if alarm is None else float(alarm.samples)


def _quantile(values: Sequence[float], q: float) -> float:
    if not values:
        return math.nan
    return float(np.quantile(values, q, method="inverted_cdf"))


def _median_bounds(values: Sequence[float]) -> tuple[float, float]:
    """From the order statistics: no assumption on the values' law."""
    if not values:
        return math.nan, math.nan
    ordered, n = sorted(values), len(values)
    low = int(binom.ppf((1 - _CONFIDENCE) / 2, n, 0.5))
    return ordered[max(0, low - 1)], ordered[min(n - 1, n - low)]
