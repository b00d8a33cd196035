"""What conditions say while requests go to the safe path, or are to."""

from knowngood.api.v1alpha1 import ConditionType, Phase, Reason
from knowngood.api.v1alpha1.safe_path import SAFE_PATH, SafePathStatus, SafePathStep
from knowngood.decisions.ladder import why_no_answer
from knowngood.decisions.phases import RESTING
from knowngood.decisions.plan import Blocked, Plan
from knowngood.decisions.safe_path import answers, taken_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.unlooked import Said


def safe_path(s: Situation, plan: Plan) -> Said | None:
    """Whether the safe path answers; None while it is not taken, and could be."""
    taken = taken_of(plan)
    if taken is None:
        return _not_ready(s, plan)
    if taken.step is SafePathStep.TAKEN and plan.override is not None:
        text = f"somebody has set the weights of the route by hand: the safe path ({taken.service}) does not get all"
        return ConditionType.SAFE_PATH, False, Reason.ROUTE_OVERRIDDEN, text
    if taken.step is SafePathStep.TAKEN and s.ready_of(SAFE_PATH) == 0:
        return ConditionType.SAFE_PATH, False, Reason.NO_ENDPOINTS, _silent(taken)
    if taken.overdue_at is not None:
        text = f"{_words(taken)}: it is taken for longer than it may be; {_back(s, plan)}"
        return ConditionType.SAFE_PATH, True, Reason.SAFE_PATH_OVERDUE, text
    if taken.step is not SafePathStep.TAKEN:
        text = f"the safe path ({taken.service}) gets all requests as soon as the gateway follows"
        return ConditionType.SAFE_PATH, False, Reason.SAFE_PATH_AWAITED, text
    return ConditionType.SAFE_PATH, True, Reason.SAFE_PATH_ANSWERS, _words(taken)


def _not_ready(s: Situation, plan: Plan) -> Said | None:
    """Say at rest that it could answer nobody: in an incident it is too late to find that out."""
    lacks = why_no_answer(s)
    if not lacks or plan.phase is Phase.TERMINATING:
        return None
    text = f"spec.fallback.safePath.service: {lacks}"
    return ConditionType.SAFE_PATH, False, Reason.SAFE_PATH_NOT_READY, text


def on_safe_path(s: Situation, plan: Plan) -> Blocked | None:
    """Why a model is not ready whose requests go to the safe path; None where they do not."""
    taken = taken_of(plan)
    if taken is None or taken.step is not SafePathStep.TAKEN or plan.override is not None:
        return None
    reason = Reason.INCIDENT_OPEN if taken.incident else Reason.SAFE_PATH_ANSWERS
    about = f"incident {taken.incident} is open" if taken.incident else "its incident is closed"
    answers = f"the safe path ({taken.service}) answers, and no version does"
    who = answers if s.ready_of(SAFE_PATH) > 0 else _silent(taken)
    return Blocked(reason, f"{who}; {about}; {_back(s, plan)}")


def answered_safely(s: Situation, plan: Plan) -> str:
    """Say that users are answered by the safe path; empty where they are not, or it was not seen."""
    taken = taken_of(plan)
    if taken is None or taken.taken_at is None or not answers(plan) or plan.override is not None:
        return ""
    return _words(taken) if s.shares(plan.shares) else ""


def _words(taken: SafePathStatus) -> str:
    return f"a safe path answers users, and not a model: Service {taken.service}"


def _silent(taken: SafePathStatus) -> str:
    return f"the safe path ({taken.service}) gets all requests, and has no ready endpoint"


def _back(s: Situation, plan: Plan) -> str:
    meta = s.model.metadata
    if plan.phase is Phase.SUSPENDED:
        return "no command gives the requests back while spec.suspend is true"
    # While another version is brought up, to undo is to stop that.
    verb = "undo" if plan.phase in RESTING else "restore"
    call = f"knowngood {verb} {meta.name} --version {plan.stable} -n {meta.namespace}"
    return f"`{call}` gives the requests back to version {plan.stable}"
