"""Containment of what serves: all requests go to the version that stands by, if it was seen to do better.

Every breach of the version that serves is told in an incident. What the policy says, and whether the version that
stands by can be trusted with the requests, decides whether they are shifted; where not, the incident says why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from knowngood.api.v1alpha1 import (
    Containment,
    Phase,
    Role,
    ServingBreach,
    Standby,
    VerdictKind,
)
from knowngood.decisions.approving import asks_people, is_undecided
from knowngood.decisions.breaches import Which, which
from knowngood.decisions.golden import not_better
from knowngood.decisions.incident_phases import GONE, UNCONTAINED
from knowngood.decisions.limiting import counted, why_limited
from knowngood.decisions.numbering import numbered, with_failure
from knowngood.decisions.phases import SERVING
from knowngood.decisions.plan import Plan
from knowngood.decisions.safety import MESSAGE_LENGTH, failure_of, rank
from knowngood.decisions.serving import ServingView
from knowngood.decisions.situation import Situation
from knowngood.decisions.standby import standby_of, standby_trouble
from knowngood.decisions.taking_back import bring_back, why_not_brought
from knowngood.decisions.trigger_views import ActionKind, TriggerView

FRESH: Final = timedelta(minutes=5)
"""How old may be what is known of both versions when requests are shifted."""

CONTAINS: Final = SERVING | {Phase.ROLLED_BACK}
"""Phases in which what serves may be contained."""


def contain(s: Situation, plan: Plan) -> Plan | None:
    """Begin to shift the requests for the worst breach that allows it; None where nothing is to be shifted."""
    for breach, trigger in breached_now(s, plan):
        if may_shift(s, plan, breach, trigger) and not is_undecided(breach, trigger):
            failure = failure_of(trigger, s.now)
            begun = (
                b.model_copy(update={"held": None}) if b == breach else b for b in plan.breaches
            )
            named = replace(plan, incident=breach.incident or "", breaches=tuple(begun))
            named = replace(named, shifts=counted(plan.shifts, s.now))
            return with_failure(bring_back(s, named, plan.shadow, failure, Phase.CONTAINING))
    return None


def may_shift(s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView) -> bool:
    """Say whether the requests could go to the version that stands by now, whoever decides about it."""
    return plan.phase in CONTAINS and not why_not_shifted(s, plan, breach, trigger)


def with_incidents(s: Situation, plan: Plan) -> Plan:
    """Give each new breach its incident, the open one about this version where there is one, and say what is held."""
    told: list[ServingBreach] = []
    views = _views(s, plan)
    for breach in plan.breaches:
        if breach.incident is not None:
            told.append(breach)
            continue
        joined = _joined(s, plan, told)
        if not joined:
            plan = numbered(s, plan)
            joined = {"incident": plan.incident}
        named = breach.model_copy(update=joined)
        why = why_not_shifted(s, plan, named, views.get(which(breach)))
        told.append(named.model_copy(update={"held": why[:MESSAGE_LENGTH] or None}))
    return replace(plan, breaches=tuple(told))


def why_not_shifted(
    s: Situation, plan: Plan, breach: ServingBreach, trigger: TriggerView | None
) -> str:
    """Say why no request is shifted for a breach of what serves; empty where they may be."""
    if trigger is None or s.serving is None:
        return "it can not be seen now"
    return (
        _answered(breach, trigger)
        or _busy(plan)
        or _unseen(s, trigger, "the version that serves")
        or why_not_now(s, plan, trigger, s.serving)
        or why_limited(s.limits, plan.shifts, s.now)
    )


def why_not_now(s: Situation, plan: Plan, trigger: TriggerView, serving: ServingView) -> str:
    """Say what keeps all requests from the version that stands by at this moment; empty where nothing does.

    It is asked when a shift begins, and again before the requests go.
    """
    if s.model.spec.traffic is None:
        return "the traffic is not Knowngood's to shift"
    shared = next((b.common_cause for b in plan.breaches if b.common_cause and not b.closed), None)
    if shared is not None:
        return shared
    if plan.override is not None:
        return "a person has set the weights of the route by hand"
    if not plan.shadow:
        return "no version stands by (spec.shadow, and a second version that is known good)"
    trouble = standby_trouble(s, plan.shadow)
    if trouble is not None:
        return trouble.message
    return why_not_brought(s, plan, plan.shadow) or _unproved(s, plan, trigger, serving)


def _answered(breach: ServingBreach, trigger: TriggerView) -> str:
    """Say what the policy, or people, have answered to a breach; empty where that is a shift."""
    if trigger.serving_action is not ActionKind.SHIFT:
        return "the policy says hold for the version that serves"
    if not trigger.sided:
        return "the trigger's test does not say which of two versions is better"
    if breach.failed_at is not None:
        return breach.held or "it was tried, and failed"
    if breach.refused_by is not None:
        return breach.held or f"{breach.refused_by} said no"
    return f"a person has closed incident {breach.incident}" if breach.closed else ""


def _busy(plan: Plan) -> str:
    if plan.phase is Phase.CONTAINED:
        return "nobody stands by: the version that did answers now"
    if plan.phase not in CONTAINS:
        return "another version is being rolled out or taken back"
    if plan.holdback is not None:
        return f"version {plan.holdback.version} keeps a share of the requests until the probation is over"
    return ""


def _unseen(s: Situation, trigger: TriggerView, whom: str) -> str:
    """Say that what is said of a version was not seen lately; empty where it was."""
    if s.now.timestamp() - trigger.verdict.at <= FRESH.total_seconds():
        return ""
    return f"{whom} was not looked at for more than {FRESH.seconds // 60} minutes"


def _unproved(s: Situation, plan: Plan, trigger: TriggerView, serving: ServingView) -> str:
    """Say why it is not proved that the version which stands by would answer better; empty where it is.

    Proof is that of both answers to the same requests its own were better since the harm began: to users' requests, or
    to golden ones. That no harm of it was found is none: it gets fewer, so what breaks both is found later about it.
    """
    to = plan.shadow
    bad = next((t for t in serving.standby if t.breached), None)
    if bad is not None:
        return f"version {to} fails trigger {bad.trigger} too, by the copies of requests that it answers"
    golden = _golden(s, plan)
    if golden == "":
        return ""
    unseen = _not_seen_better(s, plan, trigger, serving)
    return f"{unseen}; {golden}" if unseen and golden else unseen


def _golden(s: Situation, plan: Plan) -> str | None:
    """Say why golden requests prove nothing; empty where they do, None where there are none."""
    if not s.model.spec.golden:
        return None
    # A cold one has no pods before the shift begins: it is asked when they are there, before any request goes to it.
    cold = standby_of(s) is Standby.COLD and plan.phase is not Phase.CONTAINING
    return not_better(s.tried, plan.stable, plan.shadow, s.now, brought=not cold)


def _not_seen_better(s: Situation, plan: Plan, trigger: TriggerView, serving: ServingView) -> str:
    """Say why it is not shown by copies of requests that the version which stands by does better; empty where it is."""
    to = plan.shadow
    better = next((t for t in serving.better if t.which == trigger.which), None)
    if to not in plan.copies:
        return (
            f"version {to} answers no copies of requests, so nobody knows how it would answer "
            "(spec.shadow.mirrorPercent, or spec.fallback.smoke)"
        )
    if better is None or better.verdict.kind is not VerdictKind.BREACHED:
        then = "people are asked" if asks_people(trigger.approval) else "they are shifted"
        what = f"answers the same requests better; {then} as soon as it is"
        return f"it is not shown yet that version {to} {what}"
    return _unseen(s, better, f"version {to}")


def _joined(s: Situation, plan: Plan, told: list[ServingBreach]) -> Mapping[str, Any]:
    """Which open incident a new breach is told in, and what has failed in it already; empty where there is none."""
    both = (b for b in (*plan.breaches, *told) if b.incident and not b.closed)
    other = next(both, None)
    if other is not None:
        return {"incident": other.incident, "failed_at": other.failed_at}
    status = s.incident.status if s.incident else None
    if status is None or status.subject is None or status.phase not in UNCONTAINED | GONE:
        return {}
    if (status.subject.version, status.subject.role) != (plan.stable, Role.STABLE):
        return {}
    failed = status.containment is Containment.FAILED and status.phase in UNCONTAINED
    return {"incident": plan.incident, "failed_at": s.now if failed else None}


def _views(s: Situation, plan: Plan) -> dict[Which, TriggerView]:
    """What triggers say of the version that serves, where it is the one that was looked at."""
    if s.serving is None or s.serving.version != plan.stable:
        return {}
    return {t.which: t for t in s.serving.triggers if t.breached}


def breached_now(s: Situation, plan: Plan) -> Iterator[tuple[ServingBreach, TriggerView]]:
    """Breaches that are seen now, the most severe one first."""
    views = _views(s, plan)
    found = [(b, views[which(b)]) for b in plan.breaches if which(b) in views]
    yield from sorted(found, key=lambda pair: -rank(pair[1].severity))
