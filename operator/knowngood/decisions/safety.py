"""Whether a canary has to go, and whether there is something safe to go back to. Asked in every phase of a rollout."""

from datetime import UTC, datetime, timedelta
from typing import Any

from knowngood.analysis.verdicts import Evidence, SegmentFound, Verdict
from knowngood.api.v1alpha1 import (
    EvidenceNumbers,
    FailureReason,
    RolloutFailure,
    SegmentNumbers,
    Severity,
    VerdictKind,
    WaitingFor,
    seconds,
)
from knowngood.decisions.plan import Blocked, Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import ActionKind, TriggerView

MESSAGE_LENGTH = 1024
QUERY_LENGTH = 2048
_RISING = tuple(Severity)
DEFAULT_PROGRESS_DEADLINE = timedelta(minutes=10)
_LATE = {
    WaitingFor.PODS: "its pods were not ready",
    WaitingFor.ROUTE: "the gateway did not follow",
    WaitingFor.GATEWAY: "whether the gateway can mirror was not found out",
}
"""What is awaited under the progress deadline, and how it reads when it did not come."""


def breach(s: Situation) -> TriggerView | None:
    """Find the trigger that sends the canary back; the most severe one when there are several.

    One that fails for the stable version too comes last: it must not hide one for which going back helps.
    """
    breached = [
        t
        for t in s.triggers
        if t.acts and t.action is ActionKind.ROLLBACK and t.verdict.kind is VerdictKind.BREACHED
    ]
    return max(breached, key=lambda t: (not t.stable_breached, rank(t.severity)), default=None)


def rank(severity: Severity) -> int:
    """Order severities: the higher, the worse."""
    return _RISING.index(severity)


def held_by(s: Situation) -> Blocked | None:
    """Find a breach that its policy answers by holding; None when there is none."""
    for t in s.triggers:
        if t.acts and t.action is ActionKind.HOLD and t.verdict.kind is VerdictKind.BREACHED:
            return Blocked(
                "Breached",
                f"trigger {t.trigger} of {t.policy_kind} {t.policy} is breached, and the policy says hold: nothing "
                "moves until that verdict changes; the abort command takes the version back",
            )
    return None


def why_not_back(s: Situation, plan: Plan, trigger: TriggerView | None) -> Blocked | None:
    """Say why traffic must not go back to the stable version; None when it may.

    A canary that answers nobody can always be withdrawn: that moves no traffic.
    """
    if plan.shares.get(plan.canary, 0) == 0 and s.shares(plan.shares):
        return None
    if s.ready_of(plan.stable) == 0:
        return Blocked(
            "FallbackNotReady",
            f"version {plan.canary} should go, but version {plan.stable} has no endpoint that is ready: traffic stays "
            "where it is until one is",
        )
    if trigger is not None and trigger.stable_breached:
        return Blocked(
            "EveryVersionBreached",
            f"trigger {trigger.trigger} fails for version {plan.canary} and for version {plan.stable} alike: going "
            "back would not help; look at what both share (input data, pipeline, infrastructure). The abort command "
            "goes back nevertheless, and so does another spec.model.version",
        )
    return None


def unavailable(s: Situation, plan: Plan) -> Blocked | None:
    """Say that the spec does not list the stable version any more, although it answers users."""
    listed = s.model.spec.serving.services
    if listed is None or plan.stable in {one.version for one in listed}:
        return None
    text = (
        f"spec.serving.services: version {plan.stable} answers users, but is not listed any more: nothing moves until "
        "it is"
    )
    return Blocked("VersionUnavailable", text)


def progress_deadline(s: Situation) -> timedelta:
    """How long a step may wait for pods or for the route."""
    rollout = s.model.spec.rollout
    if rollout is None or rollout.progress_deadline is None:
        return DEFAULT_PROGRESS_DEADLINE
    return timedelta(seconds=seconds(rollout.progress_deadline))


def deadline(s: Situation, plan: Plan) -> datetime | None:
    """When the present wait for pods or for the route is over; None while nothing infrastructural is awaited."""
    if plan.rollout is None or plan.rollout.waiting_for not in _LATE:
        return None
    since = plan.rollout.waiting_since or plan.rollout.step_started_at
    return since + progress_deadline(s)


def too_late(s: Situation, plan: Plan) -> RolloutFailure | None:
    """Give up on a canary whose pods or route do not come."""
    at = deadline(s, plan)
    if at is None or s.now < at or plan.rollout is None:
        return None
    waited = _LATE[plan.rollout.waiting_for]
    return RolloutFailure(
        reason=FailureReason.PROGRESS_DEADLINE_EXCEEDED,
        message=f"version {plan.rollout.version}: {waited} within {progress_deadline(s)}",
        detected_at=s.now,
    )


def failure_of(trigger: TriggerView, now: datetime) -> RolloutFailure:
    """Write down why a canary goes back, with the evidence, so that an incident can be told from the status alone."""
    return RolloutFailure(
        reason=FailureReason.BREACHED,
        trigger=trigger.trigger,
        policy=trigger.policy,
        policy_kind=trigger.policy_kind,
        policy_generation=trigger.policy_generation,
        test=trigger.digest or None,
        severity=trigger.severity,
        message=trigger.verdict.message[:MESSAGE_LENGTH],
        evidence=numbers_of(trigger),
        onset=onset_of(trigger.verdict),
        detected_at=now,
    )


def onset_of(verdict: Verdict) -> datetime | None:
    """When the harm is estimated to have begun; None where nobody knows."""
    if verdict.evidence is None or verdict.evidence.onset is None:
        return None
    return datetime.fromtimestamp(verdict.evidence.onset, UTC)


def numbers_of(trigger: TriggerView) -> EvidenceNumbers | None:
    """Write the counts behind a trigger's verdict down; None when there are none."""
    evidence, read = trigger.verdict.evidence, trigger.read
    if evidence is None:
        return None
    return EvidenceNumbers(
        **_counted(evidence),
        guarantee=evidence.guarantee,
        signal=read.signal if read else None,
        query=read.query[:QUERY_LENGTH] if read else None,
        since=datetime.fromtimestamp(read.since, UTC) if read else None,
        until=datetime.fromtimestamp(trigger.verdict.at, UTC) if read else None,
        segments=tuple(map(_of_segment, trigger.verdict.segments)) or None,
        named=trigger.verdict.named or None,
    )


def _counted(evidence: Evidence) -> dict[str, Any]:
    of_bins = bool(evidence.moved)  # requests spread over many bins: none of them is the event
    return {
        "statistic": f"{evidence.statistic:.4g}",
        "limit": f"{evidence.limit:.4g}",
        "samples": evidence.samples,
        "events": None if of_bins else evidence.events,
        "reference_samples": evidence.reference_samples,
        "reference_events": None if of_bins else evidence.reference_events,
        "estimate": None if evidence.estimate is None else f"{evidence.estimate:.4f}",
        "effect": None if evidence.effect is None else f"{evidence.effect:+.4f}",
    }


def _of_segment(found: SegmentFound) -> SegmentNumbers:
    numbers = _counted(found.evidence) if found.evidence else {}
    return SegmentNumbers(segment=found.segment, verdict=found.kind, **numbers)
