"""The judge as the shell sees it: fold what is new in a ledger, and say what it means."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from knowngood.analysis import clearing, comparing, limiting
from knowngood.analysis.blocks import Cutter, Span, cut
from knowngood.analysis.bounded import BoundRule
from knowngood.analysis.clearing import Clearing
from knowngood.analysis.holding import NEVER_LOOKED, HoldClock, Look
from knowngood.analysis.judging_events import (
    BoundedState,
    Question,
    RatedState,
    judge_disagreement,
    judge_rate,
)
from knowngood.analysis.looking import pods_missing, unseen
from knowngood.analysis.proportion import ProportionRule, ProportionState, begin, fold
from knowngood.analysis.rates import RateRule
from knowngood.analysis.splits import Splits
from knowngood.analysis.threshold import ThresholdRule, ThresholdState, look
from knowngood.analysis.triggers import RatioTrigger, ValueTrigger, plan_trigger
from knowngood.analysis.verdicts import Evidence, Finding, Verdict
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.ledgers import ShareLedger

__all__ = [
    "Evidence",
    "Finding",
    "RatioState",
    "RatioTrigger",
    "ValueState",
    "ValueTrigger",
    "Verdict",
    "judge_ratio",
    "judge_value",
    "plan_trigger",
]


@dataclass(frozen=True, slots=True)
class ComparedState:
    """What a proportion test of one pair of versions knows; can be rebuilt from the ledger."""

    subject: tuple[str, str | None, float, ProportionRule]
    cutter: Cutter
    evidence: ProportionState
    clearing: Clearing | None


@dataclass(frozen=True, slots=True)
class LimitedState:
    """What a threshold test knows of both versions; can be rebuilt from the ledger."""

    subject: tuple[str, str | None, float, ThresholdRule]
    canary: ThresholdState
    stable: ThresholdState


RatioState = ComparedState | LimitedState | RatedState | BoundedState


@dataclass(frozen=True, slots=True)
class ValueState:
    """How long the values of both versions have been beyond the limit."""

    canary: HoldClock = NEVER_LOOKED
    stable: HoldClock = NEVER_LOOKED


def judge_ratio(  # noqa: PLR0917  - who is judged, by what, against whom and when: all are asked
    state: RatioState | None,
    trigger: RatioTrigger,
    ledger: ShareLedger,
    canary: str,
    stable: str | None,
    now: float,
    *,
    expected_targets: Mapping[str, int],
    excluded: Sequence[Span] = (),
    splits: Splits | None = None,
) -> tuple[RatioState, Verdict]:
    """Judge the canary by what is settled in the ledger.

    Args:
        state: What the last call returned; None, or that of another pair, epoch or test, begins
            anew and comes to the same result from the ledger.
        trigger: The test.
        ledger: Counts of both versions since the epoch began.
        canary: The version that is judged.
        stable: The version that it is compared with; None when there is none.
        now: Unix seconds.
        expected_targets: Per version the number of its ready pods.
        excluded: Spans around changes of weights, see `blocks.cut`. Proportion tests only.
        splits: The bounds of the canary's share of the requests over time; None: it is not known, or not by chance.
            Rate tests only.
    """
    rule = trigger.rule
    if isinstance(rule, RateRule | BoundRule):
        asked = Question(ledger, trigger.signal, canary, stable, now, expected_targets, splits)
        if isinstance(rule, RateRule):
            return judge_rate(state, rule, asked)
        return judge_disagreement(state, rule, asked)
    if isinstance(rule, ProportionRule):
        known = state if isinstance(state, ComparedState) else None
        task = _Task(ledger, trigger.signal, canary, stable, now, expected_targets)
        return _compare(known, rule, task, excluded)
    limited = state if isinstance(state, LimitedState) else None
    return _limit(
        limited, rule, _Task(ledger, trigger.signal, canary, stable, now, expected_targets)
    )


def judge_value(
    state: ValueState | None,
    trigger: ValueTrigger,
    canary: tuple[str, float | None],
    stable: tuple[str, float | None] | None,
    now: float,
    *,
    longest_step: float = 15.0,
) -> tuple[ValueState, Verdict]:
    """Judge a single number; each call is one planned evaluation.

    Args:
        state: What the last call returned; None begins anew.
        trigger: The test.
        canary: The judged version and its value; None when the source has none.
        stable: Likewise for the stable version, whose verdict is the `reference`; None: there is
            no such version.
        now: Unix seconds.
        longest_step: Seconds between two evaluations above which the ones between were missed.
    """
    old = state or ValueState()
    first = _clock(old.canary, trigger.rule, canary[1], now, longest_step)
    verdict = limiting.of_value(first, trigger.rule, trigger.signal, *canary, now=now)
    if stable is None:
        return ValueState(first), verdict
    second = _clock(old.stable, trigger.rule, stable[1], now, longest_step)
    reference = limiting.of_value(second, trigger.rule, trigger.signal, *stable, now=now)
    return ValueState(first, second), replace(verdict, reference=reference)


@dataclass(frozen=True, slots=True)
class _Task:
    ledger: ShareLedger
    signal: str
    canary: str
    stable: str | None
    now: float
    expected: Mapping[str, int]


def _compare(
    state: ComparedState | None, rule: ProportionRule, task: _Task, excluded: Sequence[Span]
) -> tuple[ComparedState, Verdict]:
    ledger, now = task.ledger, task.now
    subject = (task.canary, task.stable, ledger.since, rule)
    if state is None or state.subject != subject:
        start = Cutter(math.floor(ledger.since))
        asked = None if rule.non_inferior is None else clearing.begin(rule.non_inferior)
        state = ComparedState(subject, start, begin(rule, ledger.since), asked)
    if task.stable is None:
        message = f"{task.signal} of version {task.canary}: no other version to compare with"
        verdict = Verdict(VerdictKind.INCONCLUSIVE, Finding.NOTHING_TO_COMPARE, message, now)
        return state, verdict
    names = (task.canary, task.stable)
    columns = (ledger.column(task.canary), ledger.column(task.stable))
    cutter, blocks = cut(state.cutter, *columns, ledger.settled_until, excluded)
    evidence, cleared, claim = state.evidence, state.clearing, rule.non_inferior
    for block in blocks:
        evidence = fold(evidence, rule, block)
        cleared = clearing.fold(cleared, claim, block) if cleared and claim else None
    proof = clearing.proof_of(cleared, claim) if cleared and claim else None
    verdict = (
        comparing.breached(evidence, rule, task.signal, names, now)
        or unseen(ledger, task.signal, names, now)
        or pods_missing(ledger, task.signal, names, task.expected, now)
        or comparing.not_breached(evidence, rule, task.signal, names, now, proof=proof)
    )
    return ComparedState(subject, cutter, evidence, cleared), replace(verdict, proof=proof)


def _limit(
    state: LimitedState | None, rule: ThresholdRule, task: _Task
) -> tuple[LimitedState, Verdict]:
    subject = (task.canary, task.stable, task.ledger.since, rule)
    if state is None or state.subject != subject:
        nothing = ThresholdState(math.floor(task.ledger.since))
        state = LimitedState(subject, nothing, nothing)
    canary, verdict = _within(state.canary, rule, task, task.canary)
    if task.stable is None:
        return replace(state, canary=canary), verdict
    stable, reference = _within(state.stable, rule, task, task.stable)
    return LimitedState(subject, canary, stable), replace(verdict, reference=reference)


def _within(
    state: ThresholdState, rule: ThresholdRule, task: _Task, version: str
) -> tuple[ThresholdState, Verdict]:
    ledger, signal, now = task.ledger, task.signal, task.now
    state = look(state, rule, ledger.column(version), ledger.settled_until)
    verdict = (
        unseen(ledger, signal, (version,), now)
        or limiting.breached(state, rule, signal, version, now)
        or pods_missing(ledger, signal, (version,), task.expected, now)
        or limiting.not_breached(state, rule, signal, version, now)
    )
    return state, verdict


def _clock(
    clock: HoldClock, rule: ThresholdRule, value: float | None, now: float, longest_step: float
) -> HoldClock:
    # Earlier than the last look is a clock that was set back: what it said before tells nothing of now.
    if clock.at is not None and not 0 <= now - clock.at <= longest_step:
        clock = NEVER_LOOKED
    if value is None:
        return clock.after(Look.BLIND, now)
    return clock.after(Look.CROSSED if rule.crossed_by(value) else Look.CLEAR, now)
