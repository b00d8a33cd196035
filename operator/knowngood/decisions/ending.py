"""When a pause ends, what is missing before, and what becomes of one that is as long as it may be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    EndEarly,
    FailureReason,
    OnInconclusive,
    Pause,
    Phase,
    RolloutFailure,
    RolloutStatus,
    VerdictKind,
    WaitingFor,
    seconds,
)
from knowngood.decisions.exposing import blind
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

_INCONCLUSIVE: Final = frozenset({WaitingFor.SAMPLES, WaitingFor.PROOF, WaitingFor.VERDICT})
"""Waits that a longer pause would end, or not: not those for time, for data, or for a person."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing before a pause or the last gate is passed.

    Attributes:
        what: The first thing that is waited for.
        lacks: By trigger, in words without numbers.
        until: When it is over, where it is a matter of time.
    """

    what: WaitingFor
    lacks: tuple[str, ...] = ()
    until: datetime | None = None


def missing(s: Situation, rollout: RolloutStatus, pause: Pause) -> Missing | None:
    """Find what a pause still needs that all can see; None when it may end."""
    ends = _ends(s, rollout, pause)
    if ends is not None and s.now < ends:
        return Missing(WaitingFor.TIME, until=ends)
    # A closed gate comes first: doubt may be gone past, and it may not.
    breached = [t for t in _waited_for(s) if t.shut]
    if breached:
        return Missing(WaitingFor.VERDICT, tuple(f"{_name(t)} is breached" for t in breached))
    if not _has_samples(s, pause):
        return Missing(WaitingFor.SAMPLES)
    unproved = [t for t in _waited_for(s) if t.unproved]
    if unproved:
        return Missing(WaitingFor.PROOF, tuple(_not_shown(t) for t in unproved))
    return None


def missing_at_the_gate(s: Situation) -> Missing | None:
    """Find what the promotion still needs; None when every trigger that it waits for is Healthy."""
    open_ = [t for t in _waited_for(s) if t.gates and t.verdict.kind is not VerdictKind.HEALTHY]
    if not open_:
        return None
    breached = [t for t in open_ if t.verdict.kind is VerdictKind.BREACHED]
    if breached:
        return Missing(WaitingFor.VERDICT, tuple(f"{_name(t)} is breached" for t in breached))
    others = [t for t in open_ if not t.unproved]
    lacks = tuple(_not_shown(t) if t.unproved else f"{_name(t)} is not Healthy yet" for t in open_)
    return Missing(WaitingFor.SAMPLES if others else WaitingFor.PROOF, lacks)


def seen_again(s: Situation, rollout: RolloutStatus, pause: Pause) -> RolloutStatus:
    """Note for how long the signals could not be seen in a pause that may last only so long."""
    since = rollout.waiting_since
    unseen = rollout.waiting_for is WaitingFor.DATA and since is not None and not blind(s)
    if pause.max_duration is None or not unseen or since is None:
        return rollout
    total = _unseen_for(rollout) + max(timedelta(), s.now - since)
    return rollout.model_copy(update={"unseen_for": _written(total)})


def last_moment(rollout: RolloutStatus, pause: Pause) -> datetime | None:
    """When a pause is as long as it may be; None for never."""
    if pause.max_duration is None:
        return None
    longest = max(seconds(pause.max_duration), seconds(pause.duration or "0s"))
    return rollout.step_started_at + timedelta(seconds=longest) + _unseen_for(rollout)


def is_overdue(s: Situation, rollout: RolloutStatus, pause: Pause) -> bool:
    """Say whether a pause is as long as it may be.

    What was not looked at yet, or is being read again by a new leader, is not inconclusive.
    """
    last = last_moment(rollout, pause)
    if last is None or s.now < last:
        return False
    return not any(t.unjudged for t in _waited_for(s)) and s.samples is not None


def choice(pause: Pause) -> OnInconclusive:
    """What is done about a pause that is as long as it may be."""
    return pause.on_inconclusive or OnInconclusive.HOLD


def too_long(s: Situation, plan: Plan) -> RolloutFailure | None:
    """Give up on a canary that was not shown to be good enough in time, where its pause says so. It did no harm."""
    rollout, pause = plan.rollout, _pause_of(s, plan)
    if rollout is None or pause is None or rollout.waiting_for not in _INCONCLUSIVE:
        return None
    if choice(pause) is not OnInconclusive.ABORT or not is_overdue(s, rollout, pause):
        return None
    text = (
        f"the evidence for version {rollout.version} was not enough within the {pause.max_duration} of its pause: "
        f"{in_words(s, rollout, pause)}"
    )
    reason = FailureReason.INCONCLUSIVE
    return RolloutFailure(reason=reason, message=text[:1024], detected_at=s.now)


def in_words(s: Situation, rollout: RolloutStatus, pause: Pause) -> str:
    """Say what is missing."""
    found = missing(s, rollout, pause)
    if found is None:
        return "nothing"
    if found.what is WaitingFor.SAMPLES:
        return f"it answered fewer than {pause.min_samples} requests in this step"
    return "; ".join(found.lacks)


def _pause_of(s: Situation, plan: Plan) -> Pause | None:
    rollout = plan.rollout
    if rollout is None or plan.phase is not Phase.PAUSED or rollout.step >= len(s.steps):
        return None
    return s.steps[rollout.step].pause


def _ends(s: Situation, rollout: RolloutStatus, pause: Pause) -> datetime | None:
    """When the time of a pause is over, which may be earlier where all is shown already."""
    if pause.duration is None:
        return None
    ends = rollout.step_started_at + timedelta(seconds=seconds(pause.duration))
    spec = s.model.spec.rollout
    if spec is None or spec.end_early is EndEarly.NEVER or spec.min_duration is None:
        return ends
    early = rollout.step_started_at + timedelta(seconds=seconds(spec.min_duration))
    return min(ends, early) if _all_shown(s) and _has_samples(s, pause) else ends


def _all_shown(s: Situation) -> bool:
    """Whether proof is asked for, all of it is there, and nothing else that is waited for is in doubt."""
    waited = _waited_for(s)
    asked = any(t.asks for t in waited)
    return asked and not any(
        t.unproved or (t.gates and t.verdict.kind is not VerdictKind.HEALTHY) for t in waited
    )


def _has_samples(s: Situation, pause: Pause) -> bool:
    return pause.min_samples is None or (s.samples is not None and s.samples >= pause.min_samples)


def _waited_for(s: Situation) -> list[TriggerView]:
    return [t for t in s.triggers if t.acts and t.critical]


def _not_shown(t: TriggerView) -> str:
    proof = t.verdict.proof
    by = f" by {100 * proof.margin:.4g} points" if proof else " by its margin"
    return f"{_name(t)}: not shown yet not to be worse{by}"


def _name(t: TriggerView) -> str:
    return f"trigger {t.trigger} of {t.policy_kind} {t.policy}"


def _unseen_for(rollout: RolloutStatus) -> timedelta:
    return timedelta(seconds=seconds(rollout.unseen_for or "0s"))


def _written(span: timedelta) -> str:
    minutes, rest = divmod(round(span.total_seconds()), 60)
    return f"{minutes}m{rest}s"
