"""The version that serves against one that answers copies of the same requests: false alarms counted, harm found."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from knowngood.analysis.blocks import Block
from knowngood.analysis.remembered.judging import ShadowJudged, Watched, judge_shadow
from knowngood.analysis.remembered.past import begin, fold
from knowngood.analysis.remembered.shadow import ShadowRule
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.api.v1alpha1.shared import VerdictKind
from tests.analysis.remembered.made import YEAR, column, spread

RUNS = 200
SPAN, C = 100, 500.0
"""Minutes of a run, and judged minutes to a false alarm that are promised."""


def rule(**changes: object) -> ShadowRule:
    known: dict[str, object] = {
        "direction": Direction.INCREASE, "tolerance": 0.0, "once_in_minutes": 10 * YEAR,
    }  # fmt: skip
    return ShadowRule(**(known | changes))  # type: ignore[arg-type]  # any field, by its name


def copied(
    draw: np.random.Generator, rate: float, *, percent: float, bad: float, worse: float = 0.0,
    alike: float = 0.0, swing: float = 0.0, start: int = 0, minutes: int = SPAN,
) -> Iterator[Block]:  # fmt: skip
    """A block a minute. A part `alike` of the requests fails for both versions, or for neither.

    Args:
        draw: Chance.
        rate: Requests of the version that serves, in a minute.
        percent: How many of them the other one gets copies of.
        bad: Share of errors of the other version.
        worse: How much more of them the version that serves has.
        alike: Part of the requests whose answers hang on the request alone.
        swing: How far the share of errors swings within a day.
        start: The first minute.
        minutes: How long.
    """
    for minute in range(start, start + minutes):
        share = bad + swing * math.sin(2 * math.pi * minute / 40)
        requests = int(draw.poisson(rate))
        is_copied = draw.random(requests) < percent / 100
        common = draw.random(requests)
        same = draw.random(requests) < alike
        ours = np.where(same, common, draw.random(requests)) < share + worse
        theirs = np.where(same, common, draw.random(requests)) < share
        x, y, n_s = int(ours.sum()), int(theirs[is_copied].sum()), int(is_copied.sum())
        yield Block(x, requests, y, n_s, 60 * minute, 60 * (minute + 1))


def alarm_after(test: ShadowRule, blocks: Iterator[Block]) -> int | None:
    """Minutes until the alarm."""
    state = begin(test, 0.0)
    for block in blocks:
        state = fold(state, test, block)
        if state.breached_by:
            return block.end // 60
    return None


NULLS = [
    pytest.param({"rate": 60, "percent": 100, "bad": 0.1}, id="all copied"),
    pytest.param({"rate": 200, "percent": 10, "bad": 0.05}, id="a tenth is copied"),
    pytest.param({"rate": 3, "percent": 50, "bad": 0.3}, id="sparse"),
    pytest.param({"rate": 60, "percent": 100, "bad": 0.1, "alike": 0.9}, id="both fail alike"),
    pytest.param({"rate": 60, "percent": 50, "bad": 0.3, "swing": 0.2}, id="the share swings"),
]


@pytest.mark.parametrize("null", NULLS)
def test_without_harm_alarms_within_a_span_are_no_more_than_its_part_of_c(
    null: dict[str, float],
) -> None:
    """Doob: at most T/c, here a fifth; no offset limits a run, and all bets reach the limit together."""
    draw, test = np.random.default_rng(41), rule(once_in_minutes=C, min_events=1)
    alarms = sum(alarm_after(test, copied(draw, **null)) is not None for _ in range(RUNS))  # type: ignore[arg-type]  # by its names

    assert alarms <= RUNS * SPAN / C + spread(RUNS, SPAN / C)


def test_just_as_much_worse_as_is_tolerated_raises_no_more_alarms() -> None:
    draw = np.random.default_rng(42)
    test = rule(once_in_minutes=C, tolerance=0.05, min_events=1)
    worst = {"rate": 60, "percent": 100, "bad": 0.2, "worse": 0.05}
    alarms = sum(alarm_after(test, copied(draw, **worst)) is not None for _ in range(RUNS))  # type: ignore[arg-type]  # by its names

    assert alarms <= RUNS * SPAN / C + spread(RUNS, SPAN / C)


@pytest.mark.parametrize(("percent", "within"), [(100, 6), (10, 25)])
def test_harm_after_ten_minutes_of_health_is_found_in_minutes_once_in_ten_years(
    percent: int, within: int
) -> None:
    """Errors 1 to 5 %, 300 requests a minute."""
    draw, waits = np.random.default_rng(43), []
    for _ in range(21):
        state = begin(rule(), 0.0)
        for block in copied(draw, 300, percent=percent, bad=0.01, minutes=10):
            state = fold(state, rule(), block)
        assert state.breached_by is None
        found = None
        harmful = copied(draw, 300, percent=percent, bad=0.01, worse=0.04, start=10, minutes=90)
        for block in harmful:
            state = fold(state, rule(), block)
            if state.breached_by and found is None:
                found = block.end / 60 - 10
        waits.append(found if found is not None else 90.0)

    assert np.median(waits) <= within


def test_what_changes_for_both_is_no_harm() -> None:
    """A feed that breaks: errors 1 to 30 % for both; against the own past that is an alarm."""
    draw = np.random.default_rng(44)
    state = begin(rule(), 0.0)
    for start, bad in ((0, 0.01), (60, 0.3)):
        for block in copied(draw, 100, percent=100, bad=bad, start=start, minutes=60):
            state = fold(state, rule(), block)

    assert state.breached_by is None


def judged(
    state: ShadowJudged | None, until: int, *, copies: bool = True
) -> tuple[ShadowJudged, Verdict]:
    """Version 8 fails in a tenth, and version 7 in none."""
    ours = column(dict.fromkeys(range(until), (1, 10)))
    theirs = column(dict.fromkeys(range(until if copies else 0), (0, 10)))
    watched = Watched("errors", "8", ours, until, 0.0)
    return judge_shadow(state, rule(min_samples=100), watched, ("7", theirs), float(until))


def test_the_verdict_says_with_whom_it_was_compared_and_what_is_promised() -> None:
    _, verdict = judged(None, 3600)

    assert verdict.kind is VerdictKind.BREACHED
    assert "where version 7 (by copies) has 0" in verdict.message
    assert verdict.evidence is not None
    assert "once in 10 years of judged time" in verdict.evidence.guarantee
    assert "whose fault" not in verdict.evidence.guarantee


def test_looking_often_and_looking_once_come_to_the_same() -> None:
    once, _ = judged(None, 1200)
    state = None
    for until in range(10, 1201, 10):
        state, _ = judged(state, until)

    assert state == once


def test_no_copies_are_no_evidence() -> None:
    state, verdict = judged(None, 3600, copies=False)

    assert (verdict.kind, verdict.reason) == (VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES)
    assert state.evidence.judged == 0.0
