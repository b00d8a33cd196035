"""The condition Guarded: whether somebody would notice a bad version."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from knowngood.analysis.verdicts import Finding
from knowngood.api.v1alpha1 import ConditionType, Phase, Reason, VerdictKind
from knowngood.decisions.breaches import which
from knowngood.decisions.phases import RESTING
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.seeing import sees_nothing
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import ActionKind, TriggerView
from knowngood.decisions.unlooked import Said, guarded_before

FIRST_SCRAPES: Final = timedelta(seconds=60)
"""How long the absence of data is no news: until Prometheus has found and scraped a new pod. It promotes nothing."""


SUSPENDED: Final = "spec.suspend is true: nothing is shifted or taken back"
"""Said of a suspended model."""

_MOVES: Final = frozenset({ActionKind.SHIFT, ActionKind.SAFE_PATH})


def guarded(s: Situation, plan: Plan) -> Said:
    """Say whether a bad version would be noticed and taken back, and if not, why."""
    if plan.phase is Phase.SUSPENDED:
        return ConditionType.GUARDED, False, Reason.SUSPENDED, SUSPENDED
    said = _unseen(s, plan) or guarded_before(s, plan)
    if said is not None:
        return said
    judged = [t for t in s.serving.triggers if t.acts] if s.serving else []
    bad = next((t for t in judged if t.verdict.kind is VerdictKind.BREACHED), None)
    if bad is not None:
        which = f"trigger {bad.trigger} of {bad.policy_kind} {bad.policy}"
        text = f"{which} is breached for version {plan.stable}, which serves"
        return ConditionType.GUARDED, True, Reason.SERVING_BREACHED, text
    unseen = _serving_unseen(s, judged)
    if unseen is not None:
        return unseen
    if judged:
        text = "canaries are judged, and the version that serves"
        if not any(t.serving_action in _MOVES for t in judged):
            text += "; what is found about that one moves nothing"
        text += _uncompared(judged)
        return ConditionType.GUARDED, True, Reason.WATCHED, text
    text = (
        "a canary is judged for as long as it is rolled out; no trigger that acts is for the version that serves "
        "(roles: [Stable])"
    )
    return ConditionType.GUARDED, True, Reason.CANARY_ONLY, text


def _serving_unseen(s: Situation, judged: Sequence[TriggerView]) -> Said | None:
    """Why harm of the version that serves would not be noticed; None when it would."""
    down = next((t for t in judged if t.verdict.kind is VerdictKind.OBSERVER_ERROR), None)
    if down is not None:
        return ConditionType.GUARDED, False, Reason.OBSERVER_DOWN, down.verdict.message
    quiet = next((t for t in judged if t.verdict.kind is VerdictKind.NO_DATA), None)
    if quiet is None or s.serving is None or s.now < s.serving.since + FIRST_SCRAPES:
        return None
    which = f"trigger {quiet.trigger} of {quiet.policy_kind} {quiet.policy}"
    text = f"{which} sees no fresh sample of version {s.serving.version}, which serves"
    return ConditionType.GUARDED, False, Reason.NO_DATA, text


def _uncompared(judged: Sequence[TriggerView]) -> str:
    """Say which triggers have nothing to compare with: they would find nothing, and say so nowhere else."""
    idle = (t for t in judged if t.verdict.reason == Finding.NOTHING_TO_COMPARE)
    return "".join(f"; trigger {t.trigger} compares nothing: {t.verdict.message}" for t in idle)


def tell_of_blindness(s: Situation, plan: Plan) -> Plan:
    """Tell once for each time when nobody could see harm of the version that serves."""
    if plan.phase not in RESTING or plan.phase is Phase.SUSPENDED:
        return plan
    unseen = _serving_unseen(s, [t for t in s.serving.triggers if t.acts] if s.serving else [])
    known = s.model.status.conditions if s.model.status else ()
    before = next((c for c in known if c.type == ConditionType.GUARDED), None)
    if unseen is None or (before is not None and before.status == "False"):
        return plan
    _, _, reason, text = unseen
    key = f"blind/{plan.stable}/{s.now.isoformat()}"
    return plan.tell(
        Notice(reason, f"harm would not be noticed now: {text}"[:1024], key, warning=True)
    )


def tell_of_serving(s: Situation, plan: Plan) -> Plan:
    """Tell once for each time when a trigger is breached for the version that serves, and what is done for it."""
    held = {which(b): b.held for b in plan.breaches}
    for t in s.serving.triggers if s.serving else ():
        if t.breached and s.serving and t.which in held:
            numbers = t.verdict.evidence
            began = numbers.crossed_at if numbers and numbers.crossed_at is not None else 0.0
            key = f"serving/{s.serving.version}/{t.policy_kind}/{t.policy}/{t.trigger}/{began:.0f}"
            why = held[t.which]
            what = (
                f"nothing is shifted for it, because {why}; roll back, or undo, if the version is the cause"
                if why
                else "the requests are shifted to the version that stands by"
            )
            text = f"{t.verdict.message}: {what}"
            plan = plan.tell(Notice(Reason.SERVING_BREACHED, text[:1024], key, warning=True))
    return plan


def _unseen(s: Situation, plan: Plan) -> Said | None:
    """Why a bad version would not be noticed; None when it would."""
    if s.guarded is not None:
        return ConditionType.GUARDED, False, s.guarded.reason, s.guarded.message
    if s.unread:
        return ConditionType.GUARDED, False, Reason.OBSERVER_DOWN, s.unread
    blind = [t for t in s.triggers if t.blind]
    down = next((t for t in blind if t.verdict.kind is VerdictKind.OBSERVER_ERROR), None)
    if down is not None:
        return ConditionType.GUARDED, False, Reason.OBSERVER_DOWN, down.verdict.message
    if blind and not _is_fresh(s, plan):
        # The verdict's own message tells how long ago the last sample was: it would be another one every second.
        text = f"trigger {blind[0].trigger} of {blind[0].policy_kind} {blind[0].policy} sees no fresh sample"
        return ConditionType.GUARDED, False, Reason.NO_DATA, text
    seen = sees_nothing(plan)
    if seen:
        return ConditionType.GUARDED, False, Reason.BLIND, seen
    return None


def _is_fresh(s: Situation, plan: Plan) -> bool:
    """Whether a canary has had its first requests so lately that nobody can have scraped them yet."""
    since = plan.rollout.evidence_since if plan.rollout else None
    return since is not None and s.now < since + FIRST_SCRAPES
