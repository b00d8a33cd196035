"""What a trigger is said to see, beside what it sees."""

import numpy as np
import pytest

from knowngood.analysis.bounded import BoundRule, begin, fold, is_breached
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.rates import RateRule, begin_limit, fold_limit
from knowngood.analysis.rates import is_breached as too_many
from knowngood.analysis.seeing import Traffic, sight_of
from knowngood.analysis.threshold import ThresholdRule, wilson
from knowngood.analysis.wording import about
from knowngood.api.v1alpha1 import Direction
from tests.analysis.counters import scraped

DROP = ProportionRule(Direction.DECREASE, 0.05, 0.01, 3600.0, 500, 3)
RUNS = 60
LEAST = RUNS * 0.8 - 3 * (RUNS * 0.8 * 0.2) ** 0.5
"""Of runs that succeed four times out of five, all but one in a thousand have as many."""

SMALL = ThresholdRule(
    is_ceiling=True, limit=0.05, window=300, hold=0, min_samples=50, confidence=0.99
)
NIGHT = ThresholdRule(False, 0.65, 43_200, 0, 50, 0.99, 500)  # noqa: FBT003  - a floor
LIMIT = RateRule(10 / 3600, 3600, 0.01, 3600.0, 3)
SHARE = RateRule(None, 3600, 0.01, 3600.0, 3)
NET = BoundRule(0.5, net=True, alpha=0.01, horizon=3600.0, min_samples=50)
SAID = [
    (DROP, Traffic(480, 0.1, 0.7), "15 points in about an hour, 10 points in about 4 hours"),
    (SMALL, Traffic(480, 0.1), "nothing: about 40 requests"),
    (NIGHT, Traffic(60, 0.1), "58 % or less in about 8 hours"),
    (LIMIT, Traffic(0, 0.1), "8 times the limit in about 7 minutes"),
    (SHARE, Traffic(0, 0.1), "8 times its share (in odds) after 28 events"),
    (NET, Traffic(30, 0.1), "70 % in about 4 hours"),
]


@pytest.mark.parametrize(("rule", "traffic", "words"), SAID)
def test_it_is_said_in_a_line(rule: ProportionRule, traffic: Traffic, words: str) -> None:
    assert words in sight_of(rule, traffic).words


BLIND = [
    (DROP, Traffic(0, 0.1, 0.7)),
    (DROP, Traffic(1, 0.1, 0.7)),
    (SMALL, Traffic(480, 0.1)),
    (RateRule(0.001 / 3600, 3600, 0.01, 3600.0, 3), Traffic(480, 0.1)),
]
SEEING = [
    (DROP, Traffic(60, 0.1, 0.7)),
    (SMALL, Traffic(4800, 0.1)),
    (LIMIT, Traffic(480, 0.1)),
    (SHARE, Traffic(0, 0.1)),
]


@pytest.mark.parametrize(("rule", "traffic"), BLIND)
def test_a_trigger_that_would_not_see_great_harm_within_a_day_is_blind(
    rule: ProportionRule, traffic: Traffic
) -> None:
    assert sight_of(rule, traffic).blind


@pytest.mark.parametrize(("rule", "traffic"), SEEING)
def test_a_trigger_that_would_is_not(rule: ProportionRule, traffic: Traffic) -> None:
    assert not sight_of(rule, traffic).blind


def test_a_limit_is_seen_to_be_crossed_as_soon_as_it_is_said() -> None:
    """Eight times ten an hour are said to be seen in about 7 minutes, four times out of five."""
    rule, draw = LIMIT, np.random.default_rng(1)

    seen = sum(
        too_many(rule, fold_limit(begin_limit(0.0), rule, scraped(events), frozenset(), 480))
        for events in (draw.poisson(8 * 10 / 3600, 480) for _ in range(RUNS))
    )

    assert seen >= LEAST


def test_pairs_are_seen_to_disagree_as_soon_as_it_is_said() -> None:
    """At 480 pairs that disagree an hour 80 % against it are said to be seen in about 7 minutes."""
    rule, draw = NET, np.random.default_rng(2)
    assert "80 % in about 6 minutes" in sight_of(rule, Traffic(480, 0.1)).words

    seen = 0
    for _ in range(RUNS):
        total = draw.poisson(480 / 3600, 420)
        column = scraped(draw.binomial(total, 0.8), total)
        seen += is_breached(rule, fold(begin(0.0), rule, column, 420))

    assert seen >= LEAST


def test_a_share_is_above_a_threshold_as_often_as_it_is_said() -> None:
    draw, n = np.random.default_rng(3), 480
    rule = ThresholdRule(True, 0.05, 3600, 0, 50, 0.99)  # noqa: FBT003  - a ceiling
    assert "8.5 % or more" in sight_of(rule, Traffic(n, 0.1)).words

    found = [wilson(int(draw.binomial(n, 0.085)), n, 0.99)[0] > 0.05 for _ in range(400)]

    assert 0.7 < sum(found) / 400 < 0.9


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (20, "about a minute"),
        (130, "about 2 minutes"),
        (1300, "about 20 minutes"),
        (3700, "about an hour"),
        (60_000, "about 17 hours"),
    ],
)
def test_a_span_is_said_roughly(seconds: float, words: str) -> None:
    assert about(seconds) == words
