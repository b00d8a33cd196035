"""Requests that are not independent, and what it takes to keep the promise with them."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency

from knowngood.analysis import noninferiority
from knowngood.analysis.blocks import Block
from knowngood.analysis.comparing import not_breached
from knowngood.analysis.design_effect import (
    HOURS,
    UNKNOWN,
    between_pods,
)
from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.power import samples_to_show
from knowngood.analysis.projection import log_factor
from knowngood.analysis.proportion import ProportionRule, begin, fold
from knowngood.analysis.triggers import plan_trigger
from knowngood.api.v1alpha1 import Basis, Direction, Trigger, VerdictKind
from knowngood.signals.hours import PodHour
from tests.analysis.remembered.made import spread

NOW = 1_000 * 3600.0
Pod = Callable[[np.random.Generator], tuple[int, int]]
"""Draws events and requests of a pod's hour."""


def alone(draw: np.random.Generator) -> tuple[int, int]:
    n = int(draw.poisson(2000))
    return int(draw.binomial(n, 0.7)), n


def in_tens(draw: np.random.Generator) -> tuple[int, int]:
    n = int(draw.poisson(200))
    return 10 * int(draw.binomial(n, 0.7)), 10 * n


def sticky(draw: np.random.Generator) -> tuple[int, int]:
    """200 clients of ten requests an hour, each with an approval rate of its own: ICC 0.1."""
    requests = draw.poisson(10, 200)
    return int(draw.binomial(requests, draw.beta(6.3, 2.7, 200)).sum()), int(requests.sum())


def hours_of(draw: np.random.Generator, pod: Pod, pods: int, hours: int = HOURS) -> list[PodHour]:
    last = int(NOW // 3600)
    return [
        PodHour(f"pod-{k}", hour, *pod(draw)) for hour in range(last - hours, last) for k in range(pods)
    ]  # fmt: skip


KINDS = [
    pytest.param(alone, 1.0, id="independent"),
    pytest.param(in_tens, 10.0, id="bursts of ten"),
    pytest.param(sticky, 2.0, id="sticky clients"),
]


@pytest.mark.parametrize(("pod", "truth"), KINDS)
@pytest.mark.parametrize("pods", [2, 3, 5])
@pytest.mark.parametrize("failed", [1, 4])
def test_a_pod_that_failed_for_some_hours_says_nothing_about_the_clients(
    pod: Pod, truth: float, pods: int, failed: int
) -> None:
    """It would hide harm for a day: by all hours together, thousands of requests counted as one."""
    hours = hours_of(np.random.default_rng(43), pod, pods)
    broken = [
        PodHour(one.pod, one.hour, 0, one.total) if place < failed * pods and one.pod == "pod-0" else one
        for place, one in enumerate(hours)
    ]  # fmt: skip

    found = between_pods(broken, NOW)

    assert (found.estimate or 0) > 2 * found.value
    assert found.value < 8 * truth


@pytest.mark.parametrize(("pod", "truth"), KINDS)
@pytest.mark.parametrize("pods", [2, 5])
def test_the_spread_between_pods_tells_how_many_requests_count_as_one(
    pod: Pod, truth: float, pods: int
) -> None:
    """X2/df has a relative standard deviation of sqrt(2/df); the bound is sure in 9 of 10 cases."""
    draw, runs = np.random.default_rng(41), 60
    found = [between_pods(hours_of(draw, pod, pods), NOW) for _ in range(runs)]

    freedom = HOURS * (pods - 1)
    error = truth * np.sqrt(2 / freedom / runs)
    assert {one.freedom for one in found} == {freedom}
    assert np.mean([one.estimate or 0 for one in found]) == pytest.approx(truth, abs=3.5 * error)
    assert sum(one.value < truth for one in found) <= runs * 0.1 + spread(runs, 0.1)


def test_the_statistic_is_pearsons() -> None:
    hours = [PodHour("a", 999, 60, 100), PodHour("b", 999, 90, 120), PodHour("c", 999, 20, 50)]
    more = [hour._replace(hour=hour.hour - k) for k in range(4) for hour in hours]
    table = [[one.events, one.total - one.events] for one in hours]
    oracle = chi2_contingency(table, correction=False)

    found = between_pods(more, NOW)

    assert found.freedom == 8
    assert found.estimate == pytest.approx(oracle.statistic / 2)
    assert found.value == pytest.approx(4 * oracle.statistic / chi2.ppf(0.1, 8), rel=0.01)
    assert (found.outlier, found.basis) == ("c", Basis.PODS)


@pytest.mark.parametrize(
    "hours",
    [
        pytest.param([], id="nothing"),
        pytest.param([PodHour("a", 999 - k, 700, 1000) for k in range(24)], id="one pod"),
        pytest.param(
            [PodHour(p, 999 - k, 700, 1000) for k in range(5) for p in "ab"], id="five hours of two"
        ),
        pytest.param([PodHour(p, 1000, 700, 1000) for p in "abcdefgh"], id="an hour not over"),
        pytest.param([PodHour(p, 975, 700, 1000) for p in "abcdefgh"], id="a day ago"),
        pytest.param([PodHour(p, 999, 0, 1000) for p in "abcdefgh"], id="never an event"),
    ],
)
def test_where_nothing_can_be_compared_it_is_one_and_said_to_be_assumed(
    hours: list[PodHour],
) -> None:
    found = between_pods(hours, NOW)

    assert (found.value, found.basis, found.estimate) == (UNKNOWN, Basis.ASSUMED, None)


def test_a_single_bad_pod_is_named() -> None:
    """Else one bad node would hide harm for as long as it lasts."""
    draw = np.random.default_rng(42)
    hours = hours_of(draw, alone, 5)
    bad = [
        one._replace(events=int(one.events * 0.7)) if one.pod == "pod-3" else one for one in hours
    ]

    found = between_pods(bad, NOW)

    assert found.outlier == "pod-3"
    assert found.outlier_part > 0.7


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=60))
def test_it_is_never_below_one(drawn: list[tuple[int, int]]) -> None:
    hours = [PodHour(str(k % 3), 976 + k // 3, min(x, n), n) for k, (x, n) in enumerate(drawn)]

    assert 1.0 <= between_pods(hours, NOW).value < float("inf")


@given(st.integers(0, 200), st.integers(0, 900), st.floats(0, 0.1))
def test_dividing_the_logarithm_is_dividing_the_counts(x: int, y: int, tolerance: float) -> None:
    whole, tenth = (x, 200, y, 900), (x / 10, 20, y / 10, 90)

    assert log_factor(0.5, 0.7, whole, tolerance) / 10 == pytest.approx(
        log_factor(0.5, 0.7, tenth, tolerance)  # type: ignore[arg-type]  # parts of requests
    )


def declaring(design_effect: str) -> ProportionRule:
    """A test as a policy says it."""
    test = {"comparedTo": "Stable", "direction": "Decrease", "designEffect": design_effect}
    trigger = {"name": "t", "signal": {"name": "s"}, "test": {"proportion": test}}
    rule = plan_trigger(Trigger.model_validate(trigger), 0.01, 3600.0).rule
    assert isinstance(rule, ProportionRule)
    return rule


def alarm_in(
    draw: np.random.Generator, seconds: int, design_effect: str, judged: float = 0.7
) -> bool:
    """Ten answers alike at a time, 6 and 54 requests a second; without another share, both versions are equal."""
    rule = declaring(design_effect)
    state = begin(rule, 0.0)
    n_c, n_s = draw.poisson(0.6, seconds), draw.poisson(5.4, seconds)
    x, y = draw.binomial(n_c, judged), draw.binomial(n_s, 0.7)
    for k in range(seconds):
        x_k, a_k, y_k, b_k = (10 * int(of[k]) for of in (x, n_c, y, n_s))
        block = Block(x_k, a_k, y_k, b_k, k, k + 1)
        state = fold(state, rule, block)
        if state.breached_by:
            return True
    return False


def is_passed(draw: np.random.Generator, seconds: int, design_effect: float) -> bool:
    """Worse by exactly the margin, ten answers alike at a time."""
    rule = NonInferiorRule(Direction.DECREASE, 0.05, 0.95, design_effect)
    state = noninferiority.begin(rule)
    n_c, n_s = draw.poisson(0.6, seconds), draw.poisson(5.4, seconds)
    x, y = draw.binomial(n_c, 0.65), draw.binomial(n_s, 0.7)
    for k in range(seconds):
        x_k, a_k, y_k, b_k = (10 * int(of[k]) for of in (x, n_c, y, n_s))
        state = noninferiority.fold(state, rule, Block(x_k, a_k, y_k, b_k, k, k + 1))
        if state.shown:
            return True
    return False


def test_bursts_pass_what_is_worse_by_the_margin_and_dividing_by_ten_does_not() -> None:
    """At 5 %; three standard deviations for chance."""
    runs, draw = 80, np.random.default_rng(44)
    blind = sum(is_passed(draw, 300, 1.0) for _ in range(runs))
    aware = sum(is_passed(draw, 300, 10.0) for _ in range(runs))

    assert aware <= runs * 0.05 + spread(runs, 0.05) < blind


def test_bursts_of_ten_break_the_promise_and_dividing_by_ten_keeps_it() -> None:
    """At 1 % per rollout; three standard deviations for chance."""
    runs, draw = 60, np.random.default_rng(43)
    blind = sum(alarm_in(draw, 400, "1") for _ in range(runs))
    aware = sum(alarm_in(draw, 400, "10") for _ in range(runs))

    assert aware <= runs * 0.01 + spread(runs, 0.01)
    assert blind >= 10 * (runs * 0.01 + spread(runs, 0.01)) / 3


def test_what_is_said_to_be_seen_by_bursts_of_ten_is_seen_four_times_out_of_five() -> None:
    """By so many requests as are said to be needed; right within a fifth, and three deviations for chance."""
    rule, draw, runs = declaring("10"), np.random.default_rng(45), 60
    needed = samples_to_show(rule, 0.7, 9.0, 0.3)
    assert needed is not None
    assert needed > 5 * (samples_to_show(declaring("1"), 0.7, 9.0, 0.3) or 0)

    enough = sum(alarm_in(draw, round(1.2 * needed / 6), "10", 0.4) for _ in range(runs))
    too_few = sum(alarm_in(draw, round(0.6 * needed / 6), "10", 0.4) for _ in range(runs))

    assert enough >= 0.8 * runs - spread(runs, 0.2)
    assert too_few < 0.8 * runs


def test_of_requests_that_count_as_one_min_samples_counts_one() -> None:
    state = begin(declaring("10"), 0.0)
    for second in range(99):
        state = fold(state, declaring("10"), Block(35, 50, 315, 450, second, second + 1))

    few = not_breached(state, declaring("10"), "s", ("8", "7"), 99.0)
    enough = not_breached(
        fold(state, declaring("10"), Block(35, 50, 315, 450, 99, 100)),
        declaring("10"),
        "s",
        ("8", "7"),
        100.0,
    )

    assert (few.kind, enough.kind) == (VerdictKind.INCONCLUSIVE, VerdictKind.HEALTHY)
    assert "version 8 has 495 of 500 requests, where 10 count as one" in few.message
