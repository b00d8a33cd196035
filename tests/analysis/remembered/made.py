"""Baselines and traffic of one version, made for tests."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from knowngood.analysis.remembered import baseline as test
from knowngood.analysis.remembered.baseline import BaselineRule, BaselineState
from knowngood.analysis.remembered.counts import BaselineCounts
from knowngood.analysis.remembered.stretches import Stretch
from knowngood.api.v1alpha1.comparisons import Direction, Seasonality
from knowngood.signals.cells import CellColumn, Counts

MONDAY = 345_600
"""Monday, the fifth of January 1970, 00:00 UTC."""

YEAR = 365.25 * 24 * 60
"""In minutes."""


def flat(events: int = 35_000, total: int = 50_000) -> BaselineCounts:
    return BaselineCounts(Seasonality.NONE, (Counts(events, total),), 0.0, 86_400.0)


def falling(**changes: object) -> BaselineRule:
    """A fall by more than five points, once in ten years for each of five triggers."""
    known: dict[str, object] = {
        "direction": Direction.DECREASE,
        "tolerance": 0.05,
        "once_in_minutes": 50 * YEAR,
    }
    return BaselineRule(**(known | changes))  # type: ignore[arg-type]  # any field, by its name


def minutes(
    draw: np.random.Generator,
    rate: float | npt.NDArray[np.float64],
    shares: npt.NDArray[np.float64],
    start: int = MONDAY,
) -> Iterator[Stretch]:
    """A stretch for each minute with answers."""
    totals = draw.poisson(rate, len(shares))
    events = draw.binomial(totals, shares)
    last = start
    for k, (seen, total) in enumerate(zip(events.tolist(), totals.tolist(), strict=True)):
        if total:
            begun = start + 60 * k
            yield Stretch(seen, total, begun, begun + 60, min(60, begun + 60 - last) / 60)
            last = begun + 60


def alarm_at(
    rule: BaselineRule, counts: BaselineCounts, stretches: Sequence[Stretch] | Iterator[Stretch]
) -> Stretch | None:
    """The stretch at which the alarm came, if it came."""
    state = test.begin(rule, 0.0)
    for stretch in stretches:
        state = test.fold(state, rule, counts, stretch)
        if state.breached_by:
            return stretch
    return None


def folded(
    rule: BaselineRule, counts: BaselineCounts, stretches: Sequence[Stretch] | Iterator[Stretch]
) -> BaselineState:
    state = test.begin(rule, 0.0)
    for stretch in stretches:
        state = test.fold(state, rule, counts, stretch)
    return state


def column(cells: dict[int, tuple[int, int]]) -> CellColumn:
    made = CellColumn()
    for second in sorted(cells):
        made.append(second, *cells[second])
    return made


def spread(trials: int, probability: float) -> float:
    """Three standard deviations of a count of successes."""
    return float(3 * np.sqrt(trials * probability * (1 - probability)))
