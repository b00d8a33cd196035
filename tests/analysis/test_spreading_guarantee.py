"""What is promised of a distribution, when its bins are chosen from what was seen."""

from math import sqrt
from random import Random

from knowngood.analysis.spreading import DistributionTrigger, judge_distribution
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.api.v1alpha1.statistics import Statistic
from knowngood.signals.categories import CategoryLedger
from tests.analysis.counted import SINCE, version_of
from tests.analysis.test_spreading import Second, pod_series

ALPHA = 0.1
RUNS = 250
SECONDS = 90
SHARES = (50, 25, 10, 5, 3, 2, 1, 1, 1, 0.5, 0.5, 0.5, 0.5)  # most categories are rare
# Nothing but the proof stands between chance and an alarm.
TRIGGER = DistributionTrigger("d", "outcomes", Statistic.PSI, 0.0, 3600.0, 1, ALPHA, 3600.0)


def answers(draw: Random, a_second: int, shares: tuple[float, ...]) -> list[Second]:
    names = [f"c{n:02}" for n in range(len(shares))]
    seconds: list[Second] = []
    for _ in range(SECONDS):
        found: dict[str, int] = {}
        for name in draw.choices(names, shares, k=a_second):
            found[name] = found.get(name, 0) + 1
        seconds.append(found)
    return seconds


def alarms(runs: int, shares_of_canary: tuple[float, ...]) -> int:
    raised = 0
    for seed in range(runs):
        draw = Random(seed)
        canary, stable = answers(draw, 5, shares_of_canary), answers(draw, 20, SHARES)
        ledger, now = CategoryLedger(SINCE, "outcome"), SINCE + SECONDS
        read = [*pod_series("8-1", canary), *pod_series("7-1", stable)]
        ledger.advance(read, version_of, now)
        ready = {"8": 1, "7": 1}
        _, verdict = judge_distribution(
            None, TRIGGER, ledger, "8", "7", now, expected_targets=ready
        )
        raised += verdict.kind is VerdictKind.BREACHED
    return raised


def test_alike_versions_raise_no_more_alarms_than_promised_although_categories_come_late() -> None:
    """At most alpha, and three standard errors of so many runs."""
    most = RUNS * ALPHA + 3 * sqrt(RUNS * ALPHA * (1 - ALPHA))

    assert alarms(RUNS, SHARES) <= most


def test_a_category_that_nobody_had_is_seen() -> None:
    shifted = (50, 15, 10, 5, 3, 2, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 10)  # a tenth goes to a new one

    assert alarms(40, shifted) >= 38
