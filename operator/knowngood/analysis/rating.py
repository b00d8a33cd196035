"""The verdict of a rate test, and its sentence."""

import math

from knowngood.analysis.excess import DELAY, ExcessState
from knowngood.analysis.promises import promise_of
from knowngood.analysis.rates import LimitState, RateRule, due, is_breached
from knowngood.analysis.verdicts import Evidence, Finding, Verdict
from knowngood.analysis.wording import count, instant, odds, percentage, span
from knowngood.api.v1alpha1.shared import VerdictKind

_LARGEST_LOG = 700.0  # the exponential of more does not fit a float

State = LimitState | ExcessState


def breached(state: State, rule: RateRule, signal: str, version: str, now: float) -> Verdict | None:
    """The verdict of a test that was crossed once; it stays, also without data."""
    if not is_breached(rule, state):
        return None
    onset = _onset(state)
    began = "" if onset is None else f"; it began about {instant(onset)}"
    message = (
        f"{_counted(state, rule, signal, version)}: too many, proved at {percentage(rule.alpha)} false alarms per "
        f"rollout ({_strength(state, rule)}){began}"
    )
    return _verdict(VerdictKind.BREACHED, Finding.RATE_TOO_HIGH, message, (state, rule), now)


def no_share(signal: str, version: str, now: float) -> Verdict:
    """The verdict while nothing is known of the canary's share, or it is not what the weight says."""
    message = (
        f"{signal}: the events of version {version} can not be compared with its share of the requests: no gateway was "
        "seen to split them, clients stay with a version, or the counted requests say another share"
    )
    return Verdict(VerdictKind.INCONCLUSIVE, Finding.SHARE_NOT_KNOWN, message, now)


def not_breached(state: State, rule: RateRule, signal: str, version: str, now: float) -> Verdict:
    """The verdict of a version that can be seen and is not breached."""
    counted, both = _counted(state, rule, signal, version), (state, rule)
    if state.mixture.crossed_at is not None:
        message = f"{counted}: too many, but fewer than {count(rule.min_events)}"
        return _verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_EVENTS, message, both, now)
    if due(rule, state) < rule.min_events:
        message = (
            f"{counted}: too few to say; it has to be seen until {count(rule.min_events)} are due"
        )
        return _verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, message, both, now)
    message = f"{counted}: not shown to be too many ({_strength(*both)})"
    return _verdict(VerdictKind.HEALTHY, Finding.NO_DIFFERENCE_SHOWN, message, both, now)


def _counted(state: State, rule: RateRule, signal: str, version: str) -> str:
    if isinstance(state, LimitState):
        fine = f"{(rule.limit or 0) * rule.per:.4g} in {span(rule.per)}"
        return f"{signal}: version {version} had {count(state.events)} in {span(state.observed)}, {fine} are fine"
    both = state.judged + state.other
    return (
        f"{signal}: version {version} had {count(state.judged)} of {count(both)}, by its share of the requests "
        f"{state.expected:.4g} were due"
    )


def _onset(state: State) -> float | None:
    onset = state.mixture.onset
    if onset is None or isinstance(state, LimitState):
        return onset
    return max(state.since, onset - DELAY)


def _strength(state: State, rule: RateRule) -> str:
    return f"evidence {odds(_evidence_of(state))}, {odds(1 / rule.alpha)} is needed"


def _evidence_of(state: State) -> float:
    return math.exp(min(state.mixture.highest, _LARGEST_LOG))


def _verdict(
    kind: VerdictKind, finding: Finding, message: str, tested: tuple[State, RateRule], now: float
) -> Verdict:
    return Verdict(kind, finding, message, now, _evidence(*tested))


def _evidence(state: State, rule: RateRule) -> Evidence:
    if isinstance(state, LimitState):
        events, others, seen, wanted = state.events, 0, state.observed, (rule.limit or 0) * rule.per
        estimate = events / seen * rule.per if seen else None
    else:
        events, others, both = state.judged, state.other, state.judged + state.other
        estimate, wanted = (events / both, state.expected / both) if both else (None, 0.0)
    return Evidence(
        statistic=_evidence_of(state),
        limit=1 / rule.alpha,
        samples=0,
        events=events,
        reference_samples=0,
        reference_events=others,
        estimate=estimate,
        reference_estimate=wanted,
        effect=None,
        onset=_onset(state),
        crossed_at=state.mixture.crossed_at,
        guarantee=promise_of(rule),
    )
