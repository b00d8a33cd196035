"""Conditions: what people and pipelines read. They are observations, never checkpoints, and carry no running numbers.

`Ready`, `Reconciling` and `Stalled` follow kstatus: the last two are present only while they are true.
"""

from typing import Final

from knowngood.api.v1alpha1 import (
    Condition,
    ConditionType,
    Phase,
    Reason,
    WaitingFor,
)
from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from knowngood.decisions.guarding import SUSPENDED, guarded
from knowngood.decisions.known_good_conditions import known_good
from knowngood.decisions.overriding import overridden
from knowngood.decisions.phases import GOING_BACK, RESTING, ROLLING, SERVING
from knowngood.decisions.plan import Blocked, Plan
from knowngood.decisions.resting import OVERDUE, is_rejected, is_untold, not_again
from knowngood.decisions.safe_path_conditions import answered_safely, on_safe_path, safe_path
from knowngood.decisions.situation import Situation
from knowngood.decisions.trouble import (
    harm,
    is_same,
    never_up,
    silent_stable,
    soon_stuck,
    stuck,
)
from knowngood.decisions.unlooked import Said
from knowngood.decisions.unreadable import unreadable
from knowngood.decisions.waits import WAITS
from knowngood.decisions.watching import left_alone, left_by

MESSAGE_LENGTH: Final = 1024


def conditions(s: Situation, plan: Plan) -> tuple[Condition, ...]:
    """Tell the state of a model; transition times are kept where the status of a condition stays."""
    said = [_ready(s, plan), _available(s, plan), guarded(s, plan), known_good(s, plan)]
    said += [
        c
        for c in (
            _reconciling(s, plan),
            _stalled(s, plan),
            _route(s, plan),
            _frozen(s),
            safe_path(s, plan),
            unreadable(s),
        )
        if c is not None
    ]
    before = {c.type: c for c in s.model.status.conditions} if s.model.status else {}
    generation = s.model.metadata.generation
    return tuple(
        Condition(
            type=kind,
            status="True" if true else "False",
            reason=reason,
            message=message[:MESSAGE_LENGTH],
            observed_generation=generation,
            last_transition_time=(
                before[kind].last_transition_time
                if kind in before and is_same(before[kind], true=true, reason=reason)
                else s.now
            ),
        )
        for kind, true, reason, message in sorted(said)
    )


def _ready(s: Situation, plan: Plan) -> Said:
    stopped = soon_stuck(s, plan) or _suspended(plan) or _by_hand(s, plan)
    late = stopped or (s.route.problem if s.route else None) or on_safe_path(s, plan)
    if late is not None:
        return ConditionType.READY, False, late.reason, late.message
    if plan.phase in RESTING and is_rejected(s, plan):
        text = f"version {s.desired} was {_taken_back(plan)}; version {plan.stable} answers"
        return ConditionType.READY, False, _why_not_tried(plan), text
    silent = silent_stable(s, plan)
    if silent is None and plan.phase in SERVING and s.desired == plan.stable:
        return ConditionType.READY, True, Reason.SERVING, _serving(plan)
    trouble = silent or plan.blocked or s.problem
    if trouble is not None:
        return ConditionType.READY, False, trouble.reason, trouble.message
    if is_untold(s, plan):
        text = f"version {s.desired} waits: {_untold(plan)}"
        return ConditionType.READY, False, plan.phase.value, text
    return ConditionType.READY, False, plan.phase.value, _moves(s, plan)


def _serving(plan: Plan) -> str:
    held = plan.holdback.version if plan.holdback else ""
    share = plan.shares.get(held, 0)
    if not share:
        return f"version {plan.stable} answers all requests"
    return f"version {plan.stable} is promoted and in probation; version {held} keeps {share} % of the requests"


def _reconciling(s: Situation, plan: Plan) -> Said | None:
    if plan.phase is Phase.SUSPENDED:
        return ConditionType.RECONCILING, True, Reason.SUSPENDED, SUSPENDED
    awaited = silent_stable(s, plan) or (soon_stuck(s, plan) if plan.phase in RESTING else None)
    if awaited is not None and _stalled(s, plan) is None:
        return ConditionType.RECONCILING, True, awaited.reason, awaited.message
    if plan.phase in RESTING or plan.blocked or (s.problem and plan.stable == ""):
        return None
    if never_up(s, plan) is not None:
        return None
    waits = plan.rollout.waiting_for if plan.rollout else WaitingFor.NONE
    reason = Reason.AWAITING_PROMOTION if waits is WaitingFor.PERSON else Reason(plan.phase.value)
    return ConditionType.RECONCILING, True, reason, _moves(s, plan)


def _stalled(s: Situation, plan: Plan) -> Said | None:
    if s.problem is not None:
        return ConditionType.STALLED, True, s.problem.reason, s.problem.message
    if plan.blocked is not None:
        return ConditionType.STALLED, True, plan.blocked.reason, plan.blocked.message
    if plan.rollout and s.now >= plan.rollout.step_started_at + OVERDUE and is_untold(s, plan):
        text = f"{_untold(plan)}: the operator's log says why"
        return ConditionType.STALLED, True, Reason.INCIDENT_NOT_RECORDED, text
    late = stuck(s, plan) or never_up(s, plan) or on_safe_path(s, plan)
    if late is not None and plan.phase not in ROLLING:
        return ConditionType.STALLED, True, late.reason, late.message
    if plan.phase in RESTING and is_rejected(s, plan):
        return ConditionType.STALLED, True, _why_not_tried(plan), not_again(s, plan)
    return None


def _available(s: Situation, plan: Plan) -> Said:
    held = {w.version: w.weight for w in plan.override.weights} if plan.override else plan.shares
    answering = [v for v, weight in held.items() if weight > 0]
    silent = [v for v in answering if s.ready_of(v) == 0]
    if not answering or plan.stable == "":
        return ConditionType.AVAILABLE, False, Reason.NOT_SERVING, "no version answers users yet"
    if silent:
        text = f"no endpoint of {', '.join(map(_named, silent))} is ready"
        return ConditionType.AVAILABLE, False, Reason.NO_ENDPOINTS, text
    safe = answered_safely(s, plan)
    harmed = None if safe else harm(s, plan)
    if harmed is not None:
        return ConditionType.AVAILABLE, False, harmed.reason, harmed.message
    reason = Reason.SAFE_PATH_ANSWERS if safe else Reason.SERVING
    return ConditionType.AVAILABLE, True, reason, safe or "users are answered"


def _named(version: str) -> str:
    return "the safe path" if version == SAFE_PATH else f"version {version}"


def _route(s: Situation, plan: Plan) -> Said | None:
    if s.route is None or not any(plan.shares.values()):
        return None
    hand = _by_hand(s, plan)
    if hand is not None:
        return ConditionType.ROUTE_PROGRAMMED, False, hand.reason, hand.message
    if s.does(plan.shares, plan.copies, plan.tested):
        return (
            ConditionType.ROUTE_PROGRAMMED,
            True,
            Reason.PROGRAMMED,
            "the gateway splits the requests as asked",
        )
    text = s.route.message or "the gateway has not taken the weights over yet"
    return ConditionType.ROUTE_PROGRAMMED, False, Reason.NOT_PROGRAMMED, text


def _frozen(s: Situation) -> Said | None:
    """Present only while it is so."""
    return (ConditionType.ROLLOUTS_FROZEN, True, Reason.FROZEN, s.frozen) if s.frozen else None


def _moves(s: Situation, plan: Plan) -> str:
    if plan.phase in GOING_BACK:
        return _going_back(plan)
    version = plan.rollout.version if plan.rollout and plan.phase not in RESTING else s.desired
    waits = plan.rollout.waiting_for if plan.rollout else WaitingFor.NONE
    if waits is WaitingFor.PERSON and plan.rollout and (alone := left_by(s, plan)):
        return left_alone(plan.rollout.version, alone)
    lacks = plan.rollout.lacks if plan.rollout else ()
    why = f" ({'; '.join(lacks)})" if lacks else ""
    return f"version {version} {WAITS[waits] or 'is on its way'}{why}"


def _by_hand(s: Situation, plan: Plan) -> Blocked | None:
    if plan.override is None:
        return None
    return Blocked(Reason.ROUTE_OVERRIDDEN, overridden(s, plan.override))


def _suspended(plan: Plan) -> Blocked | None:
    return Blocked(Reason.SUSPENDED, SUSPENDED) if plan.phase is Phase.SUSPENDED else None


def _going_back(plan: Plan) -> str:
    version = plan.rollout.version if plan.rollout else plan.canary
    stable = (plan.rollout.returning if plan.rollout else None) or plan.stable
    return (
        f"version {version} goes back: version {stable} answers everybody once the gateway follows"
    )


def _why_not_tried(plan: Plan) -> Reason:
    """A version that was contained waits for people to answer its incident."""
    failure = plan.rollout.failure if plan.rollout else None
    is_open = plan.phase is Phase.CONTAINED and failure is not None and failure.incident
    return Reason.INCIDENT_OPEN if is_open else Reason.VERSION_REJECTED


def _taken_back(plan: Plan) -> str:
    return "contained" if plan.phase is Phase.CONTAINED else "rejected"


def _untold(plan: Plan) -> str:
    failure = plan.rollout.failure if plan.rollout else None
    name = failure.incident if failure else plan.incident
    return f"incident {name} is not written yet, and nothing is rolled out before it is"
