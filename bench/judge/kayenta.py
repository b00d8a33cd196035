"""Kayenta's NetflixACAJudge, rebuilt from its description: what it would say of the same minutes.

The description and what was checked against it: `bench/README.md`. Nothing of its code is here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import norm

CONFIDENCE: Final = 0.98
TOLERANCE: Final = 0.25
"""The part of the estimated shift that its confidence interval must stay away from zero."""

MARGINAL: Final = 75.0
"""A run with a lower score ends the canary."""

_ROOT: Final = (
    1e-4  # how near its root finder comes, in units of the metric: what is smaller is not seen
)
_NOISE: Final = 1e-5  # of the value: added to two constants, which have no ranks to compare

_MANY: Final = 8  # points with which an interval has ends; with fewer it is cut off, and may miss 0
_QUANTILE: Final = float(norm.isf((1 - CONFIDENCE) / 2))

Values = npt.NDArray[np.float64]


class Label(StrEnum):
    """What becomes of one metric."""

    PASS = "Pass"  # noqa: S105  - no password
    HIGH = "High"
    LOW = "Low"
    NODATA = "Nodata"
    NODATA_FAIL = "NodataFailMetric"
    ERROR = "Error"


class Missing(StrEnum):
    """`nanStrategy`: what becomes of a minute without a value."""

    REMOVE = "remove"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Metric:
    """The configuration of one metric; the defaults are its defaults.

    Attributes:
        rises: Whether it fails when it is higher; None: in either direction.
        missing: `nanStrategy`.
        must_have_data: A metric without data fails.
        critical: A metric that does not pass fails everything. An error forgets that it is critical.
    """

    rises: bool | None = None
    missing: Missing = Missing.REMOVE
    must_have_data: bool = False
    critical: bool = False


def classify(metric: Metric, canary: Sequence[float], baseline: Sequence[float]) -> Label:
    """Classify one metric by its points of a run, NaN where there was none."""
    x, y = (_cleaned(metric.missing, values) for values in (canary, baseline))
    if not len(x) or not len(y):
        return _without_data(metric)
    if np.array_equal(np.sort(x), np.sort(y)):
        return Label.PASS
    try:
        return _compared(metric, *_told_apart(x, y))
    except ArithmeticError:
        return Label.ERROR


def _without_data(metric: Metric) -> Label:
    if metric.missing is Missing.REPLACE:
        return Label.PASS
    fails = metric.must_have_data and not metric.critical
    return Label.NODATA_FAIL if fails else Label.NODATA


def _compared(metric: Metric, x: Values, y: Values) -> Label:
    if min(len(x), len(y)) >= _MANY and abs(_standardized(x, np.sort(y))) < _QUANTILE:
        return Label.PASS  # the interval holds 0, so neither end of it is beyond the band
    low, high, estimate = shift(x, y)
    ratio = float(x.mean() / y.mean()) if x.mean() and y.mean() else math.nan
    band = TOLERANCE * abs(estimate)
    if metric.rises is not False and low > band and not ratio < 1:
        return Label.HIGH
    if metric.rises is not True and high < -band and not ratio > 1:
        return Label.LOW
    return Label.PASS


def score(judged: Sequence[tuple[Metric, Label]]) -> float:
    """The score from 0 to 100 of metrics in one group."""
    labels = [label for _, label in judged]
    if any(m.critical and label not in {Label.PASS, Label.ERROR} for m, label in judged):
        return 0.0
    if labels.count(Label.NODATA) >= len(labels) / 2:
        return 0.0
    counted = [label for label in labels if label not in {Label.NODATA, Label.ERROR}]
    return 100 * counted.count(Label.PASS) / len(counted) if counted else 100.0


def shift(x: Values, y: Values) -> tuple[float, float, float]:
    """By how much x lies above y: ends of the confidence interval, and the estimate.

    The Mann-Whitney test turned round: the shifts that it does not refuse, found as roots.

    Raises:
        ArithmeticError: All values are tied at some shift, which the statistic cannot do.
    """
    lowest, highest = float(x.min() - y.max()), float(x.max() - y.min())
    ordered = np.sort(y)

    def root(level: float) -> float:
        def above(at: float) -> float:
            return _standardized(x - at, ordered) - level

        if above(lowest) <= 0:
            return lowest
        if above(highest) >= 0:
            return highest
        return float(brentq(above, lowest, highest, xtol=_ROOT / 2))

    return root(_QUANTILE), root(-_QUANTILE), root(0.0)


def _standardized(x: Values, ordered: Values) -> float:
    """The statistic in standard deviations, with corrections for ties and for continuity."""
    n, m = len(x), len(ordered)
    below, up_to = (np.searchsorted(ordered, x, side=side) for side in ("left", "right"))
    distance = float(below.sum() + up_to.sum()) / 2 - n * m / 2
    both = np.sort(np.concatenate([x, ordered]))
    edges = np.flatnonzero(both[1:] != both[:-1]) + 1
    ties = np.diff(edges, prepend=0, append=n + m)
    tied = float((ties**3 - ties).sum()) / ((n + m) * (n + m - 1))
    variance = n * m / 12 * (n + m + 1 - tied)
    if variance <= 0:
        raise ArithmeticError
    return (distance - 0.5 * float(np.sign(distance))) / math.sqrt(variance)


def _cleaned(missing: Missing, values: Sequence[float]) -> Values:
    made = np.asarray(values, dtype=np.float64)
    return made[~np.isnan(made)] if missing is Missing.REMOVE else np.nan_to_num(made, nan=0.0)


def _told_apart(x: Values, y: Values) -> tuple[Values, Values]:
    """Two different constants, with noise, so that they have ranks."""
    if len(np.unique(x)) > 1 or len(np.unique(y)) > 1:
        return x, y
    chance = np.random.default_rng(0)
    x, y = (v + chance.normal(0, abs(v[0]) * _NOISE, len(v)) for v in (x, y))
    return x, y


def alarm(
    canary: Values, baseline: Values, metric: Metric, *, every: int, window: int
) -> int | None:
    """The minute behind the first run that fails; None: none does.

    Args:
        canary: A point per minute.
        baseline: Likewise.
        metric: The only metric, so that any label but Pass is a score of 0.
        every: Minutes between two runs.
        window: Minutes that a run looks back on; fewer until there are as many.
    """
    for end in range(every, len(canary) + 1, every):
        span = slice(max(0, end - window), end)
        label = classify(metric, canary[span].tolist(), baseline[span].tolist())
        if score([(metric, label)]) < MARGINAL:
            return end
    return None
