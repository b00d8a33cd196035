"""The verdict of a test of disagreement, and its sentence."""

import math

from knowngood.analysis.bounded import BoundRule, BoundState, is_breached
from knowngood.analysis.promises import promise_of
from knowngood.analysis.verdicts import Evidence, Finding, Verdict
from knowngood.analysis.wording import count, instant, odds, percentage, share
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.signals.cells import Counts

_LARGEST_LOG = 700.0  # the exponential of more does not fit a float


def breached(
    state: BoundState, rule: BoundRule, signal: str, version: str, now: float
) -> Verdict | None:
    """The verdict of a test that was crossed once; it stays, also without data."""
    if not is_breached(rule, state):
        return None
    onset = state.mixture.onset
    began = "" if onset is None else f"; it began about {instant(onset)}"
    message = (
        f"{_measured(state, rule, signal, version)}: more than {percentage(rule.bound)}, proved at "
        f"{percentage(rule.alpha)} false alarms per rollout ({_strength(state, rule)}){began}"
    )
    return Verdict(
        VerdictKind.BREACHED, Finding.LIMIT_CROSSED, message, now, _evidence(state, rule)
    )


def not_breached(
    state: BoundState, rule: BoundRule, signal: str, version: str, now: float
) -> Verdict:
    """The verdict of a version that can be seen and is not breached."""
    measured, evidence = _measured(state, rule, signal, version), _evidence(state, rule)
    if state.total < rule.min_samples:
        what = "pairs that disagree" if rule.net else "pairs"
        message = (
            f"{measured}: too few to say: {count(state.total)} of {count(rule.min_samples)} {what}"
        )
        return Verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, message, now, evidence)
    if state.mixture.crossed_at is not None:
        message = f"{measured}: too many, but fewer than {count(rule.min_events)} of them"
        return Verdict(VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_EVENTS, message, now, evidence)
    message = (
        f"{measured}: more than {percentage(rule.bound)} is not shown ({_strength(state, rule)})"
    )
    return Verdict(VerdictKind.HEALTHY, Finding.NO_DIFFERENCE_SHOWN, message, now, evidence)


def _measured(state: BoundState, rule: BoundRule, signal: str, version: str) -> str:
    what = "against it, of the pairs that disagree," if rule.net else "of the pairs disagree,"
    return f"{signal}: for version {version} {share(Counts(state.events, state.total))} {what}"


def _strength(state: BoundState, rule: BoundRule) -> str:
    return f"evidence {odds(_evidence_of(state))}, {odds(1 / rule.alpha)} is needed"


def _evidence_of(state: BoundState) -> float:
    return math.exp(min(state.mixture.highest, _LARGEST_LOG))


def _evidence(state: BoundState, rule: BoundRule) -> Evidence:
    return Evidence(
        statistic=_evidence_of(state),
        limit=1 / rule.alpha,
        samples=state.total,
        events=state.events,
        reference_samples=0,
        reference_events=0,
        estimate=state.events / state.total if state.total else None,
        reference_estimate=rule.bound,
        effect=None,
        onset=state.mixture.onset,
        crossed_at=state.mixture.crossed_at,
        guarantee=promise_of(rule),
    )
