"""What has moved between two spans, looked at once: for people, and nothing is done because of it.

Each part is compared by Pearson's statistic of two samples. Its probability under chance p becomes the e-value 1/(2√p),
whose mean is 1 without a move, so that parts are named by the e-BH procedure, however they hang together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf, sqrt
from typing import Final

from knowngood.analysis.distribution.bins import MOST, Bins
from knowngood.analysis.distribution.chi2 import chi2_survival
from knowngood.analysis.distribution.distances import debiased, shares
from knowngood.analysis.distribution.merging import joined, merged
from knowngood.analysis.distribution.naming import e_bh
from knowngood.analysis.distribution.noting import EXPECTED, two_sample_chi2
from knowngood.analysis.verdicts import BinShift
from knowngood.api.v1alpha1.statistics import Statistic
from knowngood.signals.amounts import Sides
from knowngood.signals.edges import bin_text

ENOUGH: Final = 100
"""Requests of each span before anything is said; also so that small groups stay hidden."""

FAR: Final = 0.05
"""PSI beyond chance from which on a move is told: what is smaller is proved soon, and explains no harm."""

SHOWN: Final = 2
"""Bins that are named of each part."""

_SMALLEST: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Move:
    """How far one part has moved.

    Attributes:
        distance: PSI beyond chance.
        evidence: Its e-value.
        before: Requests before.
        since: Requests since.
        shifts: The bins that have moved most.
    """

    distance: float
    evidence: float
    before: int
    since: int
    shifts: tuple[BinShift, ...]


def move_of(sides: Sides, design_effect: float = 1.0, enough: int = ENOUGH) -> Move | None:
    """Compare both spans of a part; None where one of them has too few requests.

    Args:
        sides: What was counted.
        design_effect: How many requests count as one.
        enough: Requests that each span must have.
    """
    n, m = sum(sides.since), sum(sides.before)
    if min(n, m) < enough:
        return None
    bins = _fewer(sides)
    if len(bins.labels) == 1:
        return Move(0.0, 1.0, round(m), round(n), ())
    now, past = ([count / design_effect for count in side] for side in (bins.since, bins.before))
    # What bins are called comes from outside, and two may be called alike.
    numbered = Bins(tuple(map(str, range(len(now)))), bins.edges)
    distance = debiased(Statistic.PSI, now, past, numbered)
    evidence = _evidence(now, past, is_ordered=bins.edges is not None)
    return Move(distance, evidence, round(m), round(n), _shifts(bins.labels, past, now))


def moved(moves: Mapping[str, Move]) -> tuple[str, ...]:
    """Name the parts that have moved far, the one with the most evidence first.

    Args:
        moves: All parts that have enough requests, or the promise does not hold.
    """
    named = e_bh({name: move.evidence for name, move in moves.items()})
    return tuple(name for name in named if moves[name].distance >= FAR)


def _evidence(now: list[float], past: list[float], *, is_ordered: bool) -> float:
    n, m = sum(now), sum(past)
    fewer = min(n, m) / (n + m)
    expected = [fewer * (x + y) for x, y in zip(now, past, strict=True)]
    groups = merged(expected, EXPECTED, is_ordered=is_ordered)
    if len(groups) == 1:
        return 1.0
    statistic = two_sample_chi2(joined(now, groups), joined(past, groups))
    chance = max(_SMALLEST, chi2_survival(statistic, len(groups) - 1))
    return 1 / (2 * sqrt(chance))


def _shifts(labels: tuple[str, ...], past: list[float], now: list[float]) -> tuple[BinShift, ...]:
    found = zip(labels, shares(past), shares(now), strict=True)
    shifts = sorted((BinShift(*one) for one in found), key=lambda s: -abs(s.after - s.before))
    return tuple(shifts[:SHOWN])


def _fewer(sides: Sides) -> Sides:
    """Both spans with as many bins as there may be: neighbours are joined, or the rarest categories."""
    edges, since, before = sides.edges, sides.since, sides.before
    if len(sides.labels) <= MOST:
        return sides
    if edges is None:
        return _common(sides)
    while len(since) > MOST:
        edges, since, before = edges[1::2], _pairs(since), _pairs(before)
    bounds = pairwise((-inf, *edges, inf))
    return Sides(tuple(bin_text(*bound) for bound in bounds), edges, before, since)


def _common(sides: Sides) -> Sides:
    order = sorted(range(len(sides.labels)), key=lambda k: -(sides.since[k] + sides.before[k]))
    kept, rest = order[: MOST - 1], order[MOST - 1 :]
    before, since = (
        (*(side[k] for k in kept), sum(side[k] for k in rest))
        for side in (sides.before, sides.since)
    )
    return Sides((*(sides.labels[k] for k in kept), "all others"), None, before, since)


def _pairs(counts: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(counts[k : k + 2]) for k in range(0, len(counts), 2))
