"""Ask one trigger what the counts of its signal say: of all requests together, or of each segment and then of all."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from knowngood.analysis.judging import (
    RatioState,
    RatioTrigger,
    ValueState,
    judge_ratio,
    plan_trigger,
)
from knowngood.analysis.judging_events import marked
from knowngood.analysis.remembered.lanes import LanesJudged
from knowngood.analysis.remembered.strata import STRATA
from knowngood.analysis.segments import MOST_NAMED, Division, Part, combined
from knowngood.analysis.spreading import SpreadState
from knowngood.analysis.verdicts import Verdict
from knowngood.api.v1alpha1 import Baseline, ComparedTo, RateComparedTo, Trigger, VerdictKind
from knowngood.control.budgets import is_remembered
from knowngood.control.remembering import Asked, Remembered, remember
from knowngood.control.splitting import Splitting
from knowngood.control.spreads import spread
from knowngood.signals.ledgers import AnyLedger, counts_shares
from knowngood.signals.segments import SegmentedLedger

State = RatioState | ValueState | SpreadState | Remembered

Known = State | Mapping[str, State | None] | None
"""What a trigger knows: of all requests, or by segment. A cache of what the raw samples say."""


def ask(
    known: State | None, asked: Asked, splitting: Splitting
) -> tuple[State | None, Verdict | None]:
    """Ask a trigger whose signal is counted; no verdict where it is a single value.

    Raises:
        ValueError: The signal does not serve the test; the text says why.
    """
    state, verdict = _tested(known, asked, splitting)
    ledger = asked.ledger
    if verdict is None or ledger is None or not counts_shares(ledger) or not _by_chance(asked):
        return state, verdict
    return state, marked(verdict, splitting.look(asked, ledger))


def ask_segments(
    known: Known, asked: Asked, ledger: SegmentedLedger, splitting: Splitting
) -> tuple[Known, Verdict]:
    """Ask a trigger about each segment, under an equal part of its budget, and say what that makes together.

    Args:
        known: What the last call returned.
        asked: The trigger, and what it is asked about; without a ledger.
        ledger: The counts of the segments.
        splitting: Of the rollout. One segment tells how its requests are split: more looks would be more false alarms.
    """
    before = known if isinstance(known, Mapping) else {}
    states: dict[str, State | None] = {}
    parts: list[Part] = []
    for value, part in ledger.parts.items():
        one = _about(asked, ledger, value, part)
        states[value], verdict = _of_segment(before.get(value), one, splitting)
        parts.append(_part(value, verdict, one, states[value]))
    verdict = combined(parts, _division(asked, ledger), asked.now)
    first = next(iter(ledger.parts.values()))
    if counts_shares(first) and _by_chance(asked):
        verdict = marked(verdict, splitting.look(replace(asked, ledger=first), first))
    return states, verdict


def _tested(
    known: State | None, asked: Asked, splitting: Splitting
) -> tuple[State | None, Verdict | None]:
    bound, ledger, arms = asked.bound, asked.ledger, asked.arms
    if is_remembered(bound.trigger):
        return remember(known if isinstance(known, Remembered) else None, asked)
    if bound.trigger.test.distribution is not None:
        before = known if isinstance(known, SpreadState) else None
        return spread(before, asked)
    asks = bound.trigger, bound.alpha, arms.horizon
    planned = plan_trigger(*asks, of_value=ledger is None, design_effect=bound.design_effect)
    if not isinstance(planned, RatioTrigger) or ledger is None or not counts_shares(ledger):
        return known, None
    return judge_ratio(
        known if isinstance(known, RatioState) else None,
        planned,
        ledger,
        arms.canary.version,
        arms.compared.version if arms.compared else None,
        asked.now,
        expected_targets=asked.expected,
        splits=splitting.splits(arms),
    )


def _by_chance(asked: Asked) -> bool:
    """Whether a test takes for granted that the requests are split by chance; the others ask for no split."""
    test = asked.bound.trigger.test.proportion
    return test is not None and test.compared_to is ComparedTo.STABLE


def _of_segment(
    known: State | None, asked: Asked, splitting: Splitting
) -> tuple[State | None, Verdict]:
    ledger = asked.ledger
    words = ledger.problem() if ledger is not None else ""
    try:
        state, verdict = (known, None) if words else _tested(known, asked, splitting)
    except ValueError as error:
        state, verdict, words = known, None, str(error)
    if verdict is None:
        text = f"signal {asked.signal}: {words or 'it has no counts'}"
        verdict = Verdict(VerdictKind.OBSERVER_ERROR, "ObserverError", text, asked.now)
    return state, verdict


def _about(asked: Asked, ledger: SegmentedLedger, value: str, part: AnyLedger) -> Asked:
    """What a trigger is asked about one segment: its own counts and baseline, and its part of the budget."""
    count, name = len(ledger.parts), f"{asked.signal}[{value}]"
    of_it = _remembered(asked, value)
    baselines: dict[str, Baseline] = {} if of_it is None else {name: of_it}
    bound = asked.bound
    trigger = _with_cell(bound.trigger, name, ledger.segments.min_samples)
    own = replace(bound, trigger=trigger, alpha=bound.alpha / count, once_in=bound.once_in * count)
    return replace(asked, bound=own, ledger=part, baselines=baselines)


def _remembered(asked: Asked, value: str) -> Baseline | None:
    """What is remembered of a segment; of a small one, hours may be told apart less finely than they are asked for."""
    whole, test = asked.baselines.get(asked.signal), asked.bound.trigger.test.proportion
    found = whole.of_segment(value) if whole is not None else None
    if found is None or test is None or STRATA[found.seasonality] >= STRATA[test.seasonality]:
        return found
    return None


def _with_cell(trigger: Trigger, signal: str, least: int) -> Trigger:
    """A trigger for one segment: no window with fewer requests than the minimum cell says anything."""
    test = trigger.test
    changed: dict[str, Any] = {}
    for kind in ("proportion", "distribution", "threshold"):
        one = getattr(test, kind)
        if one is not None:
            update = {"min_samples": max(one.min_samples, least)}
            if getattr(one, "samples", None) is not None:
                update["samples"] = max(one.samples, least)
            changed[kind] = one.model_copy(update=update)
    named = trigger.signal.model_copy(update={"name": signal})
    return trigger.model_copy(
        update={"signal": named, "test": test.model_copy(update=changed) if changed else test}
    )


def _part(value: str, verdict: Verdict, asked: Asked, state: State | None) -> Part:
    ledger, version, found = asked.ledger, asked.arms.canary.version, verdict.evidence
    samples = 0 if ledger is None else _all(ledger, version)
    if found is not None and asked.bound.trigger.test.threshold is not None:
        samples = min(samples, found.samples)  # of its window, which the message tells
    elif found is not None:
        samples = max(samples, found.samples)  # also those whose counts are not kept any more
    e_value = None
    if isinstance(state, SpreadState | LanesJudged):
        e_value = state.evidence.e_value
    return Part(value, verdict, samples, _beside(asked), _is_compared(asked), e_value)


def _beside(asked: Asked) -> int | None:
    """Requests of the version beside the judged one, or of what is remembered; None where there is neither."""
    test = asked.bound.trigger.test.proportion
    of_shadow = test is not None and test.compared_to is ComparedTo.SHADOW
    if is_remembered(asked.bound.trigger) and not of_shadow:
        return asked.baseline.samples if asked.baseline is not None else None
    if asked.arms.compared is None or asked.ledger is None:
        return None
    return _all(asked.ledger, asked.arms.compared.version)


def _is_compared(asked: Asked) -> bool:
    """Whether numbers of another side are in the verdict."""
    test = asked.bound.trigger.test
    of_two = test.proportion or test.distribution
    if of_two is not None:
        return of_two.compared_to is not ComparedTo.PAST
    return test.rate is not None and test.rate.compared_to is RateComparedTo.SHARE


def _all(ledger: AnyLedger, version: str) -> int:
    return ledger.column(version).between(float("-inf"), float("inf")).total


def _division(asked: Asked, ledger: SegmentedLedger) -> Division:
    test, segments = asked.bound.trigger.test.distribution, ledger.segments
    most = test.name if test is not None and test.name is not None else MOST_NAMED
    return Division(asked.signal, segments.by, segments.min_samples, most)
