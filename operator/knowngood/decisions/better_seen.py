"""That the version which stands by does better: kept with the numbers by which it was shown, before anybody acts on it.

Whoever approves a shift, or reads later why users were sent elsewhere, sees what was counted of both.
"""

from dataclasses import replace
from datetime import UTC, datetime

from knowngood.api.v1alpha1 import EvidenceNumbers, ProvedBy, ServingBreach, VerdictKind
from knowngood.api.v1alpha1.serving_status import BetterSeen
from knowngood.decisions.golden import not_better, recent
from knowngood.decisions.ladder import breached_now
from knowngood.decisions.plan import Plan
from knowngood.decisions.safety import MESSAGE_LENGTH, numbers_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import ActionKind, TriggerView


def with_better_seen(s: Situation, plan: Plan) -> Plan:
    """Note with each breach what shows that the version which stands by does better; once for each such version."""
    for breach, trigger in breached_now(s, plan):
        known = breach.better is not None and breach.better.version == plan.shadow
        if known or breach.closed or trigger.serving_action is not ActionKind.SHIFT:
            continue
        found = _by_copies(s, plan, trigger) or _by_golden(s, plan)
        if found is not None:
            noted = breach.model_copy(update={"better": found})
            plan = replace(plan, breaches=_replaced(plan.breaches, breach, noted))
    return plan


def _replaced(
    breaches: tuple[ServingBreach, ...], old: ServingBreach, new: ServingBreach
) -> tuple[ServingBreach, ...]:
    return tuple(new if b is old else b for b in breaches)


def _by_copies(s: Situation, plan: Plan, trigger: TriggerView) -> BetterSeen | None:
    views = s.serving.better if s.serving is not None and plan.shadow in plan.copies else ()
    found = next((t for t in views if t.which == trigger.which), None)
    if found is None or found.verdict.kind is not VerdictKind.BREACHED:
        return None
    numbers = (numbers_of(found) or EvidenceNumbers()).model_dump()
    text = (
        f"version {plan.shadow} answers the same requests better than version {plan.stable}: "
        f"{found.verdict.message}"
    )
    return BetterSeen(
        version=plan.shadow,
        by=ProvedBy.COPIES,
        seen_at=datetime.fromtimestamp(found.verdict.at, UTC),
        message=text[:MESSAGE_LENGTH],
        **(numbers | {"segments": None, "named": None}),  # they are those of the breach
    )


def _by_golden(s: Situation, plan: Plan) -> BetterSeen | None:
    if not s.model.spec.golden or not plan.shadow:
        return None
    bad, good = (recent(s.tried, version, s.now) for version in (plan.stable, plan.shadow))
    if not_better(s.tried, plan.stable, plan.shadow, s.now) or bad is None or good is None:
        return None
    asked = bad.right + bad.wrong + bad.missing
    text = (
        f"version {plan.shadow} answers golden requests right and version {plan.stable} does not: in the same five "
        f"minutes {good.right} of {good.right} rounds of it were right, and {bad.wrong} of {asked} of "
        "the other one wrong"
    )
    return BetterSeen(
        version=plan.shadow,
        by=ProvedBy.GOLDEN_REQUESTS,
        seen_at=s.now,
        message=text,
        samples=asked,
        events=bad.wrong,
        reference_samples=good.right,
        reference_events=0,
    )
