"""How many requests count as one: estimated between pods that serve the same version.

Clients that send many similar requests, or stick to a pod, make counts vary more than independent
requests would. Pods of one version differ by nothing else, so their spread shows it, without a
label of clients. Whole hours are compared: over a minute most of it is not to be seen.

A factor of evidence whose logarithm is divided by the design effect is the factor of counts divided
by it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb, inf, sqrt
from statistics import NormalDist

from knowngood.api.v1alpha1.epochs import Basis
from knowngood.signals.hours import PodHour

HOURS = 24
"""Whole hours that an estimate is taken over."""

UNKNOWN = 1.0
"""What is assumed where nothing can be compared, one pod or too few hours: that requests are independent."""

_SURE = 0.9
_SURE_OF_MOST = 0.98
_ENOUGH = 6  # degrees of freedom: two pods for six hours, or seven pods for one
_FEWEST = 1.0  # events, and answers without, that a pod's hour lets expect: below, chance is coarse


@dataclass(frozen=True, slots=True)
class DesignEffect:
    """How many requests count as one.

    Attributes:
        value: It, at least 1: a bound that is sure, not the estimate.
        basis: What it rests on.
        estimate: Pearson's X2 per degree of freedom; None without pods to compare.
        freedom: Degrees of freedom.
        outlier: The pod that most of the spread comes from; None without pods to compare.
        outlier_part: Its part of X2. Near 1, it is that pod and not the clients.
    """

    value: float
    basis: Basis
    estimate: float | None = None
    freedom: int = 0
    outlier: str | None = None
    outlier_part: float = 0.0


def between_pods(hours: Iterable[PodHour], now: float) -> DesignEffect:
    """Estimate it from the last 24 whole hours before an instant.

    It is fixed when an epoch begins: a test may use only what was known before.

    Args:
        hours: Of pods of one version, whatever is known; each pod and hour once
            (`CountLedger.pods`).
        now: Unix seconds.
    """
    behind = int(now // 3600)
    by_hour = defaultdict[int, list[PodHour]](list)
    for one in hours:
        if behind - HOURS <= one.hour < behind:
            by_hour[one.hour].append(one)
    spread, freedom, each = defaultdict[str, float](float), 0, list[float]()
    for pods in by_hour.values():
        compared = _comparable(pods)
        parts = dict(_parts(compared))
        freedom += max(0, len(compared) - 1)
        for pod, part in parts.items():
            spread[pod] += part
        if len(compared) > 1:
            each.append(sum(parts.values()) / _quantile(len(compared) - 1, 0.5))
    return _estimated(spread, freedom, _in_most_hours(each))


def _in_most_hours(each: Sequence[float]) -> float:
    """What half of the hours surely do not exceed, whatever the others show; unlimited where they are too few.

    Clients are there in every hour. A pod that failed for one of them says nothing about them, and alone would hide
    harm for a day.
    """
    number, below = len(each), 0.0
    for place, one in enumerate(sorted(each)):
        below += comb(number, place) / 2**number
        if below >= _SURE_OF_MOST:
            return one
    return inf


def _estimated(spread: dict[str, float], freedom: int, most: float) -> DesignEffect:
    if freedom < _ENOUGH:
        return DesignEffect(UNKNOWN, Basis.ASSUMED, freedom=freedom)
    total = sum(spread.values())
    outlier = max(sorted(spread), key=lambda pod: spread[pod])
    return DesignEffect(
        max(1.0, min(total / _quantile(freedom, 1 - _SURE), most)),
        Basis.PODS,
        total / freedom,
        freedom,
        outlier,
        spread[outlier] / total if total else 0.0,
    )


def _comparable(pods: list[PodHour]) -> list[PodHour]:
    """Those with enough requests, as the share of all of them says."""
    total = sum(one.total for one in pods)
    if not total:
        return []
    share = sum(one.events for one in pods) / total
    return [one for one in pods if one.total * min(share, 1 - share) >= _FEWEST]


def _parts(pods: list[PodHour]) -> Iterable[tuple[str, float]]:
    total = sum(one.total for one in pods)
    events = sum(one.events for one in pods)
    if len(pods) <= 1 or not 0 < events < total:
        return
    share = events / total
    for one in pods:
        yield one.pod, (one.events - one.total * share) ** 2 / (one.total * share * (1 - share))


def _quantile(freedom: int, probability: float) -> float:
    """What a chi-squared variable stays below with a probability, as Wilson and Hilferty have it."""
    z, ninth = NormalDist().inv_cdf(probability), 2 / (9 * freedom)
    return freedom * (1 - ninth + z * sqrt(ninth)) ** 3
