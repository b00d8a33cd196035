"""What a verdict says of proof that is asked for, and of what it would have seen where none is."""

from dataclasses import replace

import pytest

from knowngood.analysis.judging import RatioTrigger, Verdict, judge_ratio
from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.proportion import ProportionRule
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.api.v1alpha1.shared import VerdictKind
from tests.analysis.counted import SINCE, Second, ledger_of

FALL = Direction.DECREASE
CLAIM = NonInferiorRule(FALL, 0.05, 0.95)
PLAIN = ProportionRule(FALL, 0.0, 0.01, 3600.0, 50, 3)
ASKING = replace(PLAIN, non_inferior=CLAIM)


def judged(
    rule: ProportionRule, canary: Second, stable: Second, seconds: int, *, ready: int = 1
) -> Verdict:
    """What is said when each second was like these."""
    pods = {"8-0": [canary] * seconds, "7-0": [stable] * seconds}
    trigger = RatioTrigger("approval-drop", "approvals", rule)
    now = SINCE + seconds + 0.6
    expected = {"8": ready, "7": 1}
    _, verdict = judge_ratio(
        None, trigger, ledger_of(pods), "8", "7", now, expected_targets=expected
    )
    return verdict


def test_what_is_not_shown_yet_is_inconclusive_and_says_how_far_it_is() -> None:
    verdict = judged(ASKING, (7, 10), (63, 90), 20)

    assert (verdict.kind, verdict.reason) == (VerdictKind.INCONCLUSIVE, "NotProved")
    assert "not shown yet to be lower by less than 5 points (evidence " in verdict.message
    assert verdict.proof is not None
    assert verdict.proof.shown_at is None
    assert verdict.proof.statistic < verdict.proof.limit == pytest.approx(20)


def test_what_is_shown_is_healthy_and_says_since_when_and_between_which_limits() -> None:
    verdict = judged(ASKING, (7, 10), (63, 90), 120)

    assert (verdict.kind, verdict.reason) == (VerdictKind.HEALTHY, "NonInferior")
    assert (
        "shown to be lower by less than 5 points at 95 % confidence since 1970-" in verdict.message
    )
    assert "the difference is between -" in verdict.message
    assert verdict.proof is not None
    assert verdict.proof.shown_at is not None
    assert verdict.proof.lowest is not None
    assert verdict.proof.lowest >= -0.05
    assert "in at most 5 % of rollouts" in verdict.proof.guarantee


def test_proof_alone_is_not_enough_without_the_requests_that_are_asked_for() -> None:
    verdict = judged(replace(ASKING, min_samples=5000), (7, 10), (63, 90), 120)

    assert (verdict.kind, verdict.reason) == (VerdictKind.INCONCLUSIVE, "TooFewSamples")
    assert verdict.proof is not None
    assert verdict.proof.shown_at is not None


def test_what_was_shown_is_known_also_while_pods_are_missing() -> None:
    verdict = judged(ASKING, (7, 10), (63, 90), 120, ready=2)

    assert (verdict.kind, verdict.reason) == (VerdictKind.INCONCLUSIVE, "PodsMissing")
    assert verdict.proof is not None
    assert verdict.proof.shown_at is not None


def test_a_breach_is_a_breach_whatever_is_asked_for() -> None:
    verdict = judged(ASKING, (3, 10), (63, 90), 60)

    assert verdict.kind is VerdictKind.BREACHED
    assert verdict.proof is not None
    assert verdict.proof.shown_at is None


def test_proof_that_was_not_asked_for_is_not_looked_for() -> None:
    assert judged(PLAIN, (7, 10), (63, 90), 120).proof is None


SIGHTS = [
    pytest.param(PLAIN, (7, 10), (63, 90), 50, "a fall of 9.5 points would have been shown in 4 of 5 cases", id="fall"),
    pytest.param(
        replace(PLAIN, direction=Direction.INCREASE), (0, 10), (1, 90), 50,
        "a rise of 2.7 points would have been shown in 4 of 5 cases", id="rise",
    ),
    pytest.param(PLAIN, (0, 10), (1, 90), 50, "so few requests would have shown no fall at all", id="nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "canary", "stable", "seconds", "words"), SIGHTS)
def test_a_healthy_verdict_says_how_large_a_harm_it_would_have_seen(
    rule: ProportionRule, canary: Second, stable: Second, seconds: int, words: str
) -> None:
    verdict = judged(rule, canary, stable, seconds)

    assert verdict.kind is VerdictKind.HEALTHY
    assert verdict.message.endswith(words)
