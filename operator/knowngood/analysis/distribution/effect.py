"""How far the judged distribution is from the one it is compared with."""

from dataclasses import dataclass

from knowngood.analysis.distribution.distances import debiased, measured, shares
from knowngood.analysis.distribution.rule import Baseline, DistributionRule
from knowngood.analysis.distribution.window import VectorSums
from knowngood.analysis.verdicts import BinShift

SHOWN = 3
"""Bins that are named: those that have moved most."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The distance over a span.

    Attributes:
        debiased: What is left of the distance beyond chance.
        measured: The distance as it is counted.
        samples: Independent requests of the judged side.
        reference_samples: Those that it is compared with.
        moved: The bins that have moved most, the largest move first.
    """

    debiased: float
    measured: float
    samples: float
    reference_samples: float
    moved: tuple[BinShift, ...]


def effect_of(sums: VectorSums, rule: DistributionRule) -> Effect | None:
    """The effect over some blocks; None: nothing to compare."""
    a, b = sides(sums, rule)
    if not sum(a) or not sum(b):
        return None
    return Effect(
        debiased(rule.statistic, a, b, rule.bins),
        measured(rule.statistic, a, b, rule.bins),
        sum(a),
        sum(b),
        _moved(a, b, rule.bins.labels),
    )


def sides(sums: VectorSums, rule: DistributionRule) -> tuple[list[float], list[float]]:
    """Independent requests per bin: of the judged version, and of what it is compared with."""
    judged = sums.judged(rule.design_effect)
    if isinstance(rule.compared_to, Baseline):
        return judged, [count / rule.design_effect for count in rule.compared_to.counts]
    return judged, sums.other(rule.design_effect)


def _moved(a: list[float], b: list[float], labels: tuple[str, ...]) -> tuple[BinShift, ...]:
    shifts = [
        BinShift(label, before, after)
        for label, before, after in zip(labels, shares(b), shares(a), strict=True)
    ]
    shifts.sort(key=lambda shift: -abs(shift.after - shift.before))
    return tuple(shifts[:SHOWN])
