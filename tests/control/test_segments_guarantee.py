"""Segments share what their trigger may spend: however many there are, alike versions are seldom taken back."""

from collections.abc import Iterator
from math import sqrt
from random import Random
from typing import Any

import pytest

from knowngood.api.v1alpha1 import VerdictKind
from knowngood.control.arms import Arm, Arms
from knowngood.control.asking import ask_segments
from knowngood.control.policies import Bound
from knowngood.control.remembering import Asked
from knowngood.control.splitting import Splitting
from knowngood.signals.planning import QueryKind, RatioSpec, Segments
from knowngood.signals.segments import SegmentedLedger
from knowngood.signals.selectors import parse_selector
from knowngood.signals.series import RawSeries
from tests.control.guarding import Watch
from tests.control.manifests import a_policy, a_trigger
from tests.signals.scraping import series, version_of

ALPHA = 0.2
"""Large, so that few runs show whether it is kept."""

RUNS, SECONDS, SINCE = 100, 240, 1000
REGIONS = tuple(f"r{number}" for number in range(7))
SPEC = RatioSpec(parse_selector('answers_total{outcome="error"}'), parse_selector("answers_total"))
SEGMENTS = Segments("region", REGIONS, 10)
EITHER = {
    "comparedTo": "Stable",
    "direction": "Either",
    "minEvents": 1,
    "falseAlarms": {"perRollout": f"{100 * ALPHA:g}%"},
}


def bound() -> Bound:
    return Watch(a_policy(triggers=[a_trigger(proportion=EITHER)])).bound()["errors-rise"]


def arms() -> Arms:
    canary, stable = (Arm(v, v, v, 1, frozenset({f"{v}-1"})) for v in ("v8", "v7"))
    return Arms(
        "loans", "uid", "loan", "digest", canary, stable, float(SINCE), float(SINCE), 3600.0
    )


def answers(draw: Random, rates: dict[str, float]) -> Iterator[RawSeries]:
    """Both versions answer in every region, three requests a second on average, with an error in a fifth of them."""
    for version in ("v8", "v7"):
        for region in REGIONS:
            counts, rows = {"ok": 0, "error": 0}, dict[str, list[tuple[float, float]]]()
            for second in range(-2, SECONDS + 1):
                for _ in range(draw.randrange(7) if second > 0 else 0):
                    bad = draw.random() < rates.get(version + region, 0.2)
                    counts["error" if bad else "ok"] += 1
                for outcome, count in counts.items():
                    rows.setdefault(outcome, []).append((SINCE + second, float(count)))
            for outcome, samples in rows.items():
                yield series(f"{version}-1", samples, region=region, outcome=outcome)


def verdict_of(seed: int, rates: dict[str, float]) -> Any:
    total = list(answers(Random(seed), rates))
    errors = [one for one in total if one.labels["outcome"] == "error"]
    read = {QueryKind.TOTAL: total, QueryKind.EVENTS: errors}
    ledger = SegmentedLedger(SPEC, SEGMENTS, SINCE).advance(read, version_of, SINCE + SECONDS)
    asked = Asked(bound(), None, arms(), {}, float(SINCE + SECONDS), {"v8": 1, "v7": 1})
    return ask_segments(None, asked, ledger, Splitting())[1]


def test_seven_segments_without_a_difference_stay_within_the_budget_of_their_trigger() -> None:
    """At most alpha, and two standard errors of so many runs; a whole budget for each would raise a third."""
    alarms = sum(verdict_of(seed, {}).kind is VerdictKind.BREACHED for seed in range(RUNS))

    assert alarms <= RUNS * ALPHA + 2 * sqrt(RUNS * ALPHA * (1 - ALPHA))


@pytest.mark.parametrize("seed", range(3))
def test_harm_in_one_of_seven_segments_is_found_and_named_there(seed: int) -> None:
    found = verdict_of(seed, {"v8r3": 0.6})

    assert found.kind is VerdictKind.BREACHED
    assert found.message.startswith("1 of 7 segments by region breached (r3)")
