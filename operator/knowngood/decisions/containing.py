"""Containment of what serves: all requests go to the version that stands by, if it was seen to be right just before.

Every breach of the version that serves is told in an incident. What the policy says, and whether the version that
stands by can be trusted with the requests, decides whether they are shifted; where not, the incident says why.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1 import IncidentPhase, Phase, Role, ServingBreach, VerdictKind
from knowngood.decisions.breaches import which
from knowngood.decisions.numbering import numbered, with_failure
from knowngood.decisions.phases import SERVING
from knowngood.decisions.plan import Plan
from knowngood.decisions.safety import MESSAGE_LENGTH, failure_of, rank
from knowngood.decisions.serving import ServingView
from knowngood.decisions.situation import Situation
from knowngood.decisions.standby import standby_trouble
from knowngood.decisions.taking_back import bring_back, why_not_brought
from knowngood.decisions.trigger_views import ActionKind, TriggerView

FRESH: Final = timedelta(minutes=5)
"""How old the proof that the version which stands by is right may be."""


def contain(s: Situation, plan: Plan) -> Plan | None:
    """Begin to shift the requests for the worst breach that allows it; None where nothing is to be shifted."""
    if plan.phase not in SERVING or s.serving is None or s.serving.version != plan.stable:
        return None
    for breach, trigger in _breached(s, plan):
        if not why_not_shifted(s, plan, breach, trigger):
            failure = failure_of(trigger, s.now)
            begun = (
                b.model_copy(update={"held": None}) if b == breach else b for b in plan.breaches
            )
            named = replace(plan, incident=breach.incident or "", breaches=tuple(begun))
            return with_failure(bring_back(s, named, plan.shadow, failure, Phase.CONTAINING))
    return None


def with_incidents(s: Situation, plan: Plan) -> Plan:
    """Give each new breach its incident, the open one about this version where there is one, and say what is held."""
    told: list[ServingBreach] = []
    views = {t.which: t for t in s.serving.triggers} if s.serving else {}
    for breach in plan.breaches:
        if breach.incident is not None:
            told.append(breach)
            continue
        name = next(
            (b.incident for b in (*plan.breaches, *told) if b.incident and not b.closed),
            _open_about(s, plan),
        )
        if name is None:
            plan = numbered(s, plan)
            name = plan.incident
        named = breach.model_copy(update={"incident": name})
        why = why_not_shifted(s, plan, named, views.get(which(breach)))
        told.append(named.model_copy(update={"held": why[:MESSAGE_LENGTH] or None}))
    return replace(plan, breaches=tuple(told))


def why_not_shifted(
    s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView | None
) -> str:
    """Say why no request is shifted for a breach of what serves; empty where they may be."""
    if trigger is None or trigger.verdict.kind is not VerdictKind.BREACHED or s.serving is None:
        return "it can not be seen now"
    if trigger.serving_action is not ActionKind.SHIFT:
        return "the policy says hold for the version that serves"
    if breach.failed_at is not None:
        return breach.held or "it was tried, and failed"
    if breach.closed:
        return f"a person has closed incident {breach.incident}"
    return _forbidden(s, plan) or unproved(s, plan, trigger, s.serving)


def _forbidden(s: Situation, plan: Plan) -> str:
    """Say what forbids any shift to the version that stands by, whatever was found; empty where nothing does."""
    if plan.phase not in SERVING:
        return "another version is being rolled out or taken back"
    if s.model.spec.traffic is None:
        return "the traffic is not Knowngood's to shift"
    if plan.override is not None:
        return "a person has set the weights of the route by hand"
    if plan.holdback is not None:
        return f"version {plan.holdback.version} keeps a share of the requests until the probation is over"
    if not plan.shadow:
        return "no version stands by (spec.shadow, and a second version that is known good)"
    trouble = standby_trouble(s, plan.shadow)
    return trouble.message if trouble else why_not_brought(s, plan, plan.shadow)


def unproved(s: Situation, plan: Plan, trigger: TriggerView, serving: ServingView) -> str:
    """Say why it is not proved that the version which stands by would answer better; empty where it is.

    Proof is a fresh look at its own answers to copies of the requests: by the same test, or beside the version that
    serves where the test says which of both is worse.
    """
    to = plan.shadow
    bad = next((t for t in serving.standby if t.breached), None)
    if bad is not None:
        return f"version {to} fails trigger {bad.trigger} too, by the copies of requests that it answers"
    if trigger.beside_shadow:
        return ""
    own = next((t for t in serving.standby if t.which == trigger.which), None)
    if own is None:
        return (
            f"nobody knows how version {to} would answer now: it answers no copies of requests "
            "(spec.shadow.mirrorPercent)"
        )
    if own.verdict.kind is not VerdictKind.HEALTHY:
        return f"it is not shown that version {to} would answer better: {own.verdict.message}"
    if s.now.timestamp() - own.verdict.at > FRESH.total_seconds():
        return f"version {to} was not looked at for more than {FRESH.seconds // 60} minutes"
    return ""


def _open_about(s: Situation, plan: Plan) -> str | None:
    """Name the latest incident where it is about what this version does while it serves, and not contained yet."""
    status = s.incident.status if s.incident else None
    if status is None or status.subject is None or status.phase is not IncidentPhase.DETECTED:
        return None
    about = (status.subject.version, status.subject.role) == (plan.stable, Role.STABLE)
    return plan.incident if plan.incident and about else None


def _breached(s: Situation, plan: Plan) -> Iterator[tuple[ServingBreach, TriggerView]]:
    """Breaches that are seen now, the most severe one first."""
    views = {t.which: t for t in s.serving.triggers} if s.serving else {}
    found = [(b, views[which(b)]) for b in plan.breaches if which(b) in views]
    yield from sorted(found, key=lambda pair: -rank(pair[1].severity))
