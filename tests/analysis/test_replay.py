"""A judge that forgets everything comes to the same verdict: what it knows is in the ledger."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.analysis.bounded import BoundRule
from knowngood.analysis.judging import RatioState, RatioTrigger, Verdict, judge_ratio
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.rates import RateRule
from knowngood.analysis.threshold import ThresholdRule
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.counting import CountLedger
from knowngood.signals.series import RawSeries
from tests.analysis.counted import SINCE, Second, ledger_of, pod_series, version_of

PROPORTION = ProportionRule(Direction.EITHER, 0.0, 0.05, 300.0, 50, 3, 0.05, 30.0)
TOLERANT = replace(PROPORTION, direction=Direction.DECREASE, tolerance=0.1)
THRESHOLD = ThresholdRule(
    is_ceiling=True, limit=0.5, window=15, hold=4, min_samples=20, confidence=0.9
)
LIMIT = RateRule(0.5, 1.0, 0.05, 300.0, 3)
PAIRS = BoundRule(0.5, net=True, alpha=0.05, horizon=300.0, min_samples=20)
rules = st.sampled_from([PROPORTION, TOLERANT, THRESHOLD, LIMIT, PAIRS])
Rule = ProportionRule | ThresholdRule | RateRule | BoundRule


def judge(
    state: RatioState | None, rule: Rule, ledger: CountLedger, now: float
) -> tuple[RatioState, Verdict]:
    trigger = RatioTrigger("t", "approval-rate", rule)
    excluded = ((SINCE + 20.0, SINCE + 23.0),)
    expected = {"8": 2, "7": 1}
    return judge_ratio(
        state, trigger, ledger, "8", "7", now, expected_targets=expected, excluded=excluded
    )


def random_seconds(draw: Random, count: int, rate: int) -> list[Second]:
    """Traffic whose share changes once, with seconds that are not scraped."""
    change, shares = draw.randrange(count), (draw.random(), draw.random())
    seconds: list[Second] = []
    for k in range(count):
        total = draw.randrange(rate)
        events = sum(draw.random() < shares[k >= change] for _ in range(total))
        seconds.append(None if draw.random() < 0.1 else (events, total))
    return seconds


def read(series: list[list[RawSeries]], until: float) -> tuple[list[RawSeries], list[RawSeries]]:
    def seen(one: RawSeries) -> RawSeries:
        return RawSeries(one.labels, tuple(s for s in one.samples if s[0] <= until))

    return [seen(pair[0]) for pair in series], [seen(pair[1]) for pair in series]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), rules, st.lists(st.floats(0, 90), max_size=8))
def test_forgetting_changes_nothing(seed: int, rule: Rule, looks: list[float]) -> None:
    draw = Random(seed)
    pods = {"8-1": 6, "8-2": 3, "7-1": 20}
    series = [pod_series(pod, random_seconds(draw, 90, rate)) for pod, rate in pods.items()]
    ledger, state = CountLedger(SINCE, stale_after=5.0), None

    for look in [*sorted(looks), 91.0]:
        now = SINCE + look
        ledger.advance(*read(series, now), version_of, now)
        state, verdict = judge(state, rule, ledger, now)
        assert (state, verdict) == judge(None, rule, ledger, now)

    next_leader = CountLedger(SINCE, stale_after=5.0)
    next_leader.advance(*read(series, SINCE + 91), version_of, SINCE + 91)
    assert judge(None, rule, next_leader, SINCE + 91) == judge(state, rule, ledger, SINCE + 91)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), rules)
def test_data_that_stop_never_make_a_version_healthy(seed: int, rule: Rule) -> None:
    draw = Random(seed)
    canary, stable = random_seconds(draw, 80, 8), random_seconds(draw, 100, 30)
    silent: list[Second] = [None] * 20
    before = ledger_of({"8-1": canary, "7-1": stable[:80]}, settle=False)
    after = ledger_of({"8-1": [*canary, *silent], "7-1": stable}, settle=False)

    was = judge(None, rule, before, SINCE + 80.6)[1]
    is_now = judge(None, rule, after, SINCE + 100.6)[1]

    assert is_now.kind in {VerdictKind.NO_DATA, VerdictKind.BREACHED}
    if was.kind is VerdictKind.BREACHED and isinstance(rule, ProportionRule):
        assert is_now.kind is VerdictKind.BREACHED


@pytest.mark.parametrize("change", ["rule", "canary", "stable", "epoch"])
def test_another_test_pair_or_epoch_begins_anew(change: str) -> None:
    bad: list[Second] = [*[(0, 6)] * 3, *[(6, 6)] * 20]
    fine: list[Second] = [(0, 54)] * 23
    rule = replace(PROPORTION, direction=Direction.INCREASE)
    trigger = RatioTrigger("t", "errors", rule)
    ledger, now = ledger_of({"8-1": bad, "7-1": fine}), SINCE + 23.6
    state, verdict = judge_ratio(None, trigger, ledger, "8", "7", now, expected_targets={})
    assert verdict.kind is VerdictKind.BREACHED

    canary, stable = "8", "7"
    match change:
        case "rule":
            trigger = replace(trigger, rule=replace(rule, direction=Direction.DECREASE))
        case "canary":
            canary = "9"
        case "stable":
            stable = "6"
        case _:
            ledger = CountLedger(SINCE + 100)
    _, verdict = judge_ratio(state, trigger, ledger, canary, stable, now, expected_targets={})

    assert verdict.kind is not VerdictKind.BREACHED
