"""What is known of the version that users would be sent to, also while nothing is wrong: written when it changes."""

from collections.abc import Sequence

from knowngood.api.v1alpha1 import (
    FallbackState,
    FallbackStatus,
    ProvedBy,
    Reason,
    VerdictKind,
)
from knowngood.decisions.golden import recent
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.standby import standby_trouble
from knowngood.decisions.trigger_views import TriggerView
from knowngood.decisions.unlooked import fallback_before

Known = tuple[FallbackState, ProvedBy | None, str]


def fallback_of(s: Situation, plan: Plan) -> FallbackStatus | None:
    """Say what is known of the version that stands by, and since when; None while none does."""
    if not plan.shadow:
        return None
    state, by, text = _known(s, plan)
    before = s.model.status.fallback if s.model.status else None
    same = before is not None and (before.version, before.state, before.by) == (
        plan.shadow,
        state,
        by,
    )
    since = before.since if same and before is not None else s.now
    return FallbackStatus(version=plan.shadow, state=state, by=by, since=since, message=text)


def _known(s: Situation, plan: Plan) -> Known:
    version = plan.shadow
    trouble = standby_trouble(s, version)
    if trouble is not None:
        wrong = trouble.reason == Reason.GOLDEN_REQUEST_WRONG
        state = FallbackState.WRONG if wrong else FallbackState.NOT_READY
        return state, ProvedBy.GOLDEN_REQUESTS if wrong else None, trouble.message
    before = fallback_before(s, plan)
    if before is not None:
        return before.state, before.by, before.message
    views = s.serving.standby if s.serving is not None else ()
    bad = next((t for t in views if t.breached), None)
    if bad is not None:
        text = f"version {version} fails trigger {bad.trigger} by its answers to copies"
        return FallbackState.WRONG, ProvedBy.COPIES, text
    if recent(s.tried, version, s.now) is not None:
        text = f"version {version} answers golden requests right"
        return FallbackState.RIGHT, ProvedBy.GOLDEN_REQUESTS, text
    if _is_well(s, views):
        text = f"version {version} is healthy by its answers to copies"
        return FallbackState.RIGHT, ProvedBy.COPIES, text
    return FallbackState.UNTRIED, None, f"nobody knows how version {version} answers now"


def _is_well(s: Situation, views: Sequence[TriggerView]) -> bool:
    """Whether a version is well by its answers to copies: doubt does not end that, or a quiet night would."""
    before = s.model.status.fallback if s.model.status else None
    was = before is not None and before.state is FallbackState.RIGHT
    enough = {VerdictKind.HEALTHY, *((VerdictKind.INCONCLUSIVE,) if was else ())}
    return bool(views) and {t.verdict.kind for t in views} <= enough
