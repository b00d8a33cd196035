"""What is measured, how often, and what must come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.judge.naive import Naive, argo, flagger
from bench.judge.streams import DAY, Plan

TENTH: Final = ((0, 0.1),)
STEPS: Final = ((0, 0.05), (1200, 0.2), (2400, 0.5))  # a rollout of an hour, and then held at half

SCRAPED: Final = 15  # seconds; an hour at 1 s costs as much as fifteen hours of this

NULLS: Final = (
    Plan("steady, 70 %", 60, TENTH, 0.7, DAY, SCRAPED),
    Plan("swing of 15 points", 60, TENTH, 0.7, DAY, SCRAPED, swing=0.15),
    Plan("swing, weights 5-20-50", 60, STEPS, 0.7, DAY, SCRAPED, swing=0.15),
    Plan("errors of 1 %", 60, TENTH, 0.01, DAY, SCRAPED, rises=True),
    Plan("steady, 200 a second", 200, TENTH, 0.7, DAY, SCRAPED),
    Plan("swing, scraped each second", 60, TENTH, 0.7, DAY, 1, swing=0.15),
)
"""Both versions are alike for 24 hours: every alarm is a false one."""

_HARMS: Final = (
    ("70 -> 60 %", 200.0, 0.7, 0.6),
    ("70 -> 30 %", 200.0, 0.7, 0.3),
    ("errors 0 -> 30 %", 60.0, 0.0, 0.3),
    ("errors .1 -> 30 %", 60.0, 0.001, 0.3),
    ("errors 1 -> 30 %", 60.0, 0.01, 0.3),
)
HEALTHY: Final = (0, 600, 3600)
"""Seconds before the harm begins."""


def harms(healthy: int) -> Sequence[Plan]:
    """A tenth of the requests goes to a canary that is harmed after some seconds, for two hours."""
    return [
        Plan(
            name, rate, TENTH, base, healthy + 7200, harmed=harmed, harmed_at=healthy,
            rises=harmed > base,
        )
        for name, rate, base, harmed in _HARMS
    ]  # fmt: skip


MARGINS: Final = (
    (Plan("70 %, worse by 5 points", 60, TENTH, 0.7, 1500, harmed=0.65), 0.05),
    (Plan("errors of 1 %, worse by 1 point", 60, TENTH, 0.01, 1500, harmed=0.02, rises=True), 0.01),
)
"""Exactly at the margin of non-inferiority, and that margin: what is shown, is shown wrongly."""

NON_INFERIOR: Final = 0.95
"""The confidence of non-inferiority."""


def naive(plan: Plan) -> Sequence[Naive]:
    """The rules as people set them up: five points of approvals, one point of errors."""
    margin = 0.01 if plan.rises else 0.05
    return [
        flagger(margin, threshold=5),
        flagger(margin, threshold=10),
        argo(margin),
        argo(margin, failure_limit=3),
        flagger(margin, plan.base, threshold=5),
        argo(margin, plan.base, failure_limit=3),
    ]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many runs of each kind."""

    null: int = 400
    null_each_second: int = 20
    peer: int = 100
    harm: int = 1500
    other_harm: int = 150
    after_an_hour: int = 100
    margin: int = 1500


FULL: Final = Sizes()
QUICK: Final = Sizes(4, 1, 2, 40, 4, 2, 20)

SIGMAS: Final = 3
"""A share is over its bound when it is this many standard errors of the bound above it."""

FIVEFOLD: Final = 5
MOST_FRESH: Final = 1.25
MOST_LATE: Final = 2.5
MOST_MICROSECONDS: Final = 50.0
