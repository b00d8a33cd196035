from dataclasses import replace

import pytest

from knowngood.analysis.judging import (
    Finding,
    RatioTrigger,
    Verdict,
    judge_ratio,
)
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.threshold import ThresholdRule
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.counting import CountLedger
from tests.analysis.counted import SINCE, Second, ledger_of

PROPORTION = ProportionRule(Direction.INCREASE, 0.0, 0.01, 600.0, 500, 3)
THRESHOLD = ThresholdRule(
    is_ceiling=True, limit=0.05, window=10, hold=5, min_samples=50, confidence=None
)
FINE: Second = (0, 6)
BAD: Second = (2, 6)
STABLE: Second = (1, 54)


def judged(
    ledger: CountLedger,
    rule: ProportionRule | ThresholdRule = PROPORTION,
    *,
    now: float,
    ready: tuple[int, int] = (1, 1),
    stable: str | None = "7",
) -> Verdict:
    trigger = RatioTrigger("errors", "error-rate", rule)
    expected = {"8": ready[0], "7": ready[1]}
    return judge_ratio(None, trigger, ledger, "8", stable, now, expected_targets=expected)[1]


def after(
    canary: list[Second],
    stable: list[Second] | None = None,
    rule: ProportionRule | ThresholdRule = PROPORTION,
) -> Verdict:
    """The verdict right after some seconds of one pod each."""
    ledger = ledger_of({"8-1": canary, "7-1": stable or [STABLE] * len(canary)})
    return judged(ledger, rule, now=SINCE + len(canary) + 0.6)


SILENT: list[Second] = [None] * 12
GONE = [
    pytest.param([*[FINE] * 200, *SILENT], [STABLE] * 212, "version 8 has no fresh sample: last 1",
                 id="the canary falls silent"),
    pytest.param([FINE] * 212, [*[STABLE] * 200, *SILENT], "version 7 has no fresh sample: last 1",
                 id="the stable version falls silent"),
]  # fmt: skip


@pytest.mark.parametrize(("canary", "stable", "words"), GONE)
def test_who_falls_silent_is_named(canary: list[Second], stable: list[Second], words: str) -> None:
    verdict = after(canary, stable)

    assert (verdict.kind, verdict.reason) == (VerdictKind.NO_DATA, Finding.NO_FRESH_SAMPLE)
    assert words in verdict.message


def test_a_version_that_never_spoke_is_no_data() -> None:
    verdict = judged(ledger_of({"7-1": [STABLE] * 50}), now=SINCE + 50.6)

    assert verdict.kind is VerdictKind.NO_DATA
    assert verdict.message == "error-rate of version 8 has no fresh sample: there never was one"


@pytest.mark.parametrize(("ready", "missing"), [((5, 1), False), ((6, 1), True), ((4, 2), True)])
def test_with_fewer_than_four_fifths_of_the_pods_nothing_is_said(
    ready: tuple[int, int], *, missing: bool
) -> None:
    pods: dict[str, list[Second]] = {f"8-{k}": [FINE] * 100 for k in range(4)}
    ledger = ledger_of({**pods, "7-1": [STABLE] * 100})

    verdict = judged(ledger, now=SINCE + 100.6, ready=ready)

    assert (verdict.reason == Finding.PODS_MISSING) is missing
    assert (verdict.kind is VerdictKind.HEALTHY) is not missing


def test_too_few_samples_say_how_many_are_missing() -> None:
    verdict = after([FINE] * 20)

    assert (verdict.kind, verdict.reason) == (
        VerdictKind.INCONCLUSIVE,
        Finding.TOO_FEW_SAMPLES,
    )
    assert "version 8 has 120 of 500 requests" in verdict.message
    assert "version 7" in verdict.message.split(" against ")[1]


def test_enough_good_samples_are_healthy() -> None:
    verdict = after([FINE] * 100)

    assert (verdict.kind, verdict.reason) == (VerdictKind.HEALTHY, Finding.NO_DIFFERENCE_SHOWN)
    assert verdict.evidence is not None
    assert (verdict.evidence.samples, verdict.evidence.reference_samples) == (600, 5400)
    assert verdict.evidence.effect == pytest.approx(-1 / 54)


def test_proof_is_enough_for_a_breach_however_few_the_samples() -> None:
    verdict = after([FINE] * 3 + [BAD] * 12)

    assert (verdict.kind, verdict.reason) == (VerdictKind.BREACHED, Finding.DIFFERENCE_PROVED)
    evidence = verdict.evidence
    assert evidence is not None
    assert evidence.samples < 100
    assert evidence.statistic >= evidence.limit == 100
    assert evidence.onset == pytest.approx(SINCE + 3, abs=2)
    assert evidence.crossed_at is not None
    assert evidence.onset is not None
    assert evidence.crossed_at > evidence.onset


def test_the_sentence_of_a_breach_has_the_numbers_of_both() -> None:
    verdict = after([FINE] * 3 + [BAD] * 12)
    evidence = verdict.evidence

    assert evidence is not None
    assert f"({evidence.events} of {evidence.samples}) against" in verdict.message
    assert verdict.message.startswith("error-rate of version 8 is 0.")
    assert "of version 7: a rise, proved at 1 % false alarms" in verdict.message
    assert "it began about 1970-01-01T00:16:4" in verdict.message


def test_a_breach_stays_when_the_data_stop_or_turn_good() -> None:
    bad: list[Second] = [*[FINE] * 3, *[BAD] * 12]

    assert after([*bad, *SILENT], [STABLE] * 27).kind is VerdictKind.BREACHED
    assert after([*bad, *[FINE] * 300]) == replace(after(bad), at=SINCE + 315.6)


def test_a_proved_difference_that_is_too_small_is_healthy_and_says_so() -> None:
    rule = replace(PROPORTION, effect_at_least=0.5)

    verdict = after([BAD] * 100, rule=rule)

    assert (verdict.kind, verdict.reason) == (VerdictKind.HEALTHY, Finding.EFFECT_TOO_SMALL)
    assert "by less than 50 points" in verdict.message


def test_a_proved_difference_of_too_few_answers_is_inconclusive() -> None:
    rule = replace(PROPORTION, min_events=1000)

    assert after([BAD] * 100, rule=rule).reason == Finding.TOO_FEW_EVENTS


def test_without_another_version_nothing_is_compared() -> None:
    ledger = ledger_of({"8-1": [FINE] * 100})

    verdict = judged(ledger, now=SINCE + 100.6, stable=None)

    assert (verdict.kind, verdict.reason) == (
        VerdictKind.INCONCLUSIVE,
        Finding.NOTHING_TO_COMPARE,
    )


LIMITS = [
    pytest.param([FINE] * 30, VerdictKind.HEALTHY, Finding.WITHIN_LIMIT, id="within"),
    pytest.param([FINE] * 6, VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, id="too few"),
    pytest.param([FINE] * 30 + [BAD] * 4, VerdictKind.INCONCLUSIVE, Finding.LIMIT_CROSSED_BRIEFLY,
                 id="briefly"),
    pytest.param([FINE] * 30 + [BAD] * 9, VerdictKind.BREACHED, Finding.LIMIT_CROSSED, id="crossed"),
    pytest.param([FINE] * 30 + [BAD] * 9 + [FINE] * 30, VerdictKind.HEALTHY, Finding.WITHIN_LIMIT,
                 id="over again"),
    pytest.param([BAD] * 30 + SILENT, VerdictKind.NO_DATA, Finding.NO_FRESH_SAMPLE, id="silent"),
]  # fmt: skip


@pytest.mark.parametrize(("canary", "kind", "finding"), LIMITS)
def test_a_limit_is_judged_by_what_is_seen_now(
    canary: list[Second], kind: VerdictKind, finding: Finding
) -> None:
    verdict = after(canary, rule=THRESHOLD)

    assert (verdict.kind, verdict.reason) == (kind, finding)


def test_a_breached_limit_comes_before_missing_pods() -> None:
    """What is seen is bad enough; more pods could only add to it."""
    ledger = ledger_of({"8-1": [BAD] * 40, "7-1": [STABLE] * 40})

    assert judged(ledger, THRESHOLD, now=SINCE + 40.6, ready=(4, 1)).kind is VerdictKind.BREACHED


@pytest.mark.parametrize(
    ("stable", "kind"), [((1, 54), VerdictKind.HEALTHY), ((18, 54), VerdictKind.BREACHED)]
)
def test_the_stable_version_is_held_to_the_same_limit(stable: Second, kind: VerdictKind) -> None:
    verdict = after([BAD] * 40, [stable] * 40, rule=THRESHOLD)

    assert verdict.kind is VerdictKind.BREACHED
    assert verdict.reference is not None
    assert verdict.reference.kind is kind
