"""Whether all requests can go to the version that stands by: it must be fit, and seen to do better."""

from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1 import Phase, Standby, VerdictKind
from knowngood.decisions.approving import asks_people
from knowngood.decisions.golden import not_better
from knowngood.decisions.plan import Plan
from knowngood.decisions.serving import ServingView
from knowngood.decisions.situation import Situation
from knowngood.decisions.standby import standby_of, standby_trouble
from knowngood.decisions.taking_back import why_not_brought
from knowngood.decisions.trigger_views import TriggerView

FRESH: Final = timedelta(minutes=5)
"""How old may be what is known of both versions when requests are shifted."""


def why_not_now(s: Situation, plan: Plan, trigger: TriggerView, serving: ServingView) -> str:
    """Say what keeps all requests from the version that stands by at this moment; empty where nothing does.

    It is asked when a shift begins, and again before the requests go.
    """
    if s.model.spec.traffic is None:
        return "the traffic is not Knowngood's to shift"
    return (
        one_of_many(plan)
        or by_hand(plan)
        or unfit(s, plan, serving)
        or unproved(s, plan, trigger, serving)
    )


def one_of_many(plan: Plan) -> str:
    """Say that many models turned bad at once; empty where this one is alone."""
    return next((b.common_cause for b in plan.breaches if b.common_cause and not b.closed), "")


def by_hand(plan: Plan) -> str:
    """Say that a person has set the weights; empty where nobody has."""
    return "a person has set the weights of the route by hand" if plan.override is not None else ""


def unfit(s: Situation, plan: Plan, serving: ServingView) -> str:
    """Say why no version could take the requests, whatever is proved about it; empty where one could."""
    if not plan.shadow:
        return "no version stands by (spec.shadow, and a second version that is known good)"
    trouble = standby_trouble(s, plan.shadow)
    if trouble is not None:
        return trouble.message
    return why_not_brought(s, plan, plan.shadow) or _fails_too(plan, serving)


def unseen(s: Situation, trigger: TriggerView, whom: str) -> str:
    """Say that what is said of a version was not seen lately; empty where it was."""
    if s.now.timestamp() - trigger.verdict.at <= FRESH.total_seconds():
        return ""
    return f"{whom} was not looked at for more than {FRESH.seconds // 60} minutes"


def _fails_too(plan: Plan, serving: ServingView) -> str:
    bad = next((t for t in serving.standby if t.breached), None)
    if bad is None:
        return ""
    return f"version {plan.shadow} fails trigger {bad.trigger} too, by the copies of requests that it answers"


def unproved(s: Situation, plan: Plan, trigger: TriggerView, serving: ServingView) -> str:
    """Say why it is not proved that the version which stands by would answer better; empty where it is.

    Proof is that of both answers to the same requests its own were better since the harm began: to users' requests, or
    to golden ones. That no harm of it was found is none: it gets fewer, so what breaks both is found later about it.
    """
    golden = _golden(s, plan)
    if golden == "":
        return ""
    unlike = _not_seen_better(s, plan, trigger, serving)
    return f"{unlike}; {golden}" if unlike and golden else unlike


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
    return unseen(s, better, f"version {to}")
