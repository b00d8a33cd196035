"""The verdict of a threshold test, and its sentence."""

from knowngood.analysis.holding import HoldClock
from knowngood.analysis.promises import promise_of
from knowngood.analysis.threshold import ThresholdRule, ThresholdState
from knowngood.analysis.verdicts import Evidence, Finding, Verdict
from knowngood.analysis.wording import count, missing, percentage, share, span
from knowngood.api.v1alpha1.shared import VerdictKind


def breached(
    state: ThresholdState, rule: ThresholdRule, signal: str, version: str, now: float
) -> Verdict | None:
    """The verdict while the limit has been crossed for long enough; None otherwise."""
    if not state.clock.has_held(rule.hold):
        return None
    message = f"{_measured(state, rule, signal, version)}, for {span(state.clock.held)} by now"
    evidence = _evidence(state, rule)
    return Verdict(VerdictKind.BREACHED, Finding.LIMIT_CROSSED, message, now, evidence)


def _measured(state: ThresholdState, rule: ThresholdRule, signal: str, version: str) -> str:
    side = "above" if rule.is_ceiling else "below"
    crossed = side if state.clock.began is not None else f"not {side}"
    sure = "" if rule.confidence is None else f" at {percentage(rule.confidence)} confidence"
    return (
        f"{signal} of version {version} was {share(state.counts)} in the last "
        f"{_looked_at(rule)}, {crossed} {rule.limit:.6g}{sure}"
    )


def _looked_at(rule: ThresholdRule) -> str:
    if rule.samples is None:
        return span(rule.window)
    return f"{count(rule.samples)} requests"


def _evidence(state: ThresholdState, rule: ThresholdRule) -> Evidence | None:
    counts = state.counts
    if not counts.total:
        return None
    return Evidence(
        statistic=rule.statistic(counts),
        limit=rule.limit,
        samples=counts.total,
        events=counts.events,
        reference_samples=0,
        reference_events=0,
        estimate=counts.events / counts.total,
        reference_estimate=None,
        effect=None,
        onset=state.clock.began,
        crossed_at=state.clock.began,
        guarantee=promise_of(rule),
    )


def not_breached(
    state: ThresholdState, rule: ThresholdRule, signal: str, version: str, now: float
) -> Verdict:
    """The verdict of a version that can be seen and is not breached."""
    evidence = _evidence(state, rule)
    if state.counts.total < max(1, rule.min_samples):
        few = missing(version, state.counts.total, rule.min_samples)
        message = f"{signal}: {few} of the last {span(rule.window)} that are needed"
        return Verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, message, now, evidence)
    message = _measured(state, rule, signal, version)
    if state.clock.began is not None:
        message += f", for {span(state.clock.held)} of the {span(rule.hold)} that make a breach"
        return Verdict(
            VerdictKind.INCONCLUSIVE, Finding.LIMIT_CROSSED_BRIEFLY, message, now, evidence
        )
    return Verdict(VerdictKind.HEALTHY, Finding.WITHIN_LIMIT, message, now, evidence)


def of_value(
    clock: HoldClock,
    rule: ThresholdRule,
    signal: str,
    version: str,
    value: float | None,
    *,
    now: float,
) -> Verdict:
    """The verdict of a single number; None: the source has none for this version."""
    if value is None:
        message = f"{signal} of version {version} has no value"
        return Verdict(VerdictKind.NO_DATA, Finding.NO_FRESH_SAMPLE, message, now)
    evidence = Evidence(
        value,
        rule.limit,
        0,
        0,
        0,
        0,
        value,
        None,
        None,
        clock.began,
        clock.began,
        "none: a number without a sample size is compared with a limit",
    )
    message = f"{signal} of version {version} is {value:.6g}, the limit is {rule.limit:.6g}"
    if clock.has_held(rule.hold):
        message += f": crossed for {span(clock.held)} by now"
        return Verdict(VerdictKind.BREACHED, Finding.LIMIT_CROSSED, message, now, evidence)
    if clock.began is not None:
        message += f": crossed for {span(clock.held)} of the {span(rule.hold)} that make a breach"
        return Verdict(
            VerdictKind.INCONCLUSIVE, Finding.LIMIT_CROSSED_BRIEFLY, message, now, evidence
        )
    message += ": a number without a sample size proves no health"
    return Verdict(VerdictKind.INCONCLUSIVE, Finding.NO_SAMPLE_SIZE, message, now, evidence)
