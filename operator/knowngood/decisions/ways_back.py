"""Where a person can send the users of the version that serves: to the known good one that stands by, or to the last.

`rollback` takes the first where there is one, because it is known good; `undo` reverses the promotion, whatever was
known of the version from before.
"""

from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    DeploymentStatus,
    FallbackState,
    Phase,
    ProvedBy,
    Standing,
    Undo,
    UndoneAction,
    VersionNames,
)
from knowngood.decisions.calling import order
from knowngood.decisions.phases import SERVING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.standby import standby_trouble
from knowngood.decisions.taking_back import before_promotion

NEVER_GOOD: Final = "which was never known good"
NOWHERE: Final = (
    "no other version is known to be good, so there is nothing to go back to; to return to an earlier version, set "
    "spec.model.version to it"
)
_LEAVES: Final = SERVING | {Phase.ROLLED_BACK}
"""Phases in which a version serves that may be left for the one that stands by."""


def rollback_target(s: Situation, plan: Plan) -> str:
    """Name the version that `rollback` of the one that serves sends all users to; empty where there is none.

    Who is held back gets everything first: it answers users already.
    """
    stands_by = plan.phase in _LEAVES and plan.holdback is None and s.model.spec.traffic is not None
    if stands_by and plan.shadow and standby_trouble(s, plan.shadow) is None:
        return plan.shadow
    return before_promotion(s, plan)


def never_good(s: Situation, version: str) -> bool:
    """Say whether a version was never known good, as far as its record tells."""
    record = s.versions.get(version)
    if record is None or record.status is None:
        return True
    status = record.status
    if status.known_good_since is not None or s.standing_of(version) is Standing.KNOWN_GOOD:
        return False
    return all(change.standing is not Standing.KNOWN_GOOD for change in status.transitions)


def where_to(s: Situation, plan: Plan) -> str:
    """Say what a `rollback` of the version that serves does; empty where it does nothing."""
    to = rollback_target(s, plan)
    if not to:
        return ""
    if to == plan.shadow:
        return f"version {to}, which is known good and stands by, gets all requests"
    doubt = f", {NEVER_GOOD}," if never_good(s, to) else ""
    return f"version {to}{doubt} was there before the promotion and gets all requests"


def ways_in_words(model: AIModelDeployment, version: str) -> str:
    """Name the commands that send users elsewhere than to a version that serves; empty where there is none."""
    status = model.status or DeploymentStatus()
    back = order(model, "rollback", f"--version {version}")
    undo = status.undo
    if undo is None or undo.action is not UndoneAction.PROMOTION or undo.version != version:
        undo = None
    good = _stands_by(status)
    if not good:
        return f"send them to version {undo.to}{_doubt(undo)} ({back})" if undo else ""
    known = f": {status.fallback.message}" if status.fallback else ""
    text = f"send them to version {good}, which is known good and stands by{known} ({back})"
    if undo is None or undo.to == good:
        return text
    other = order(model, "undo", f"--version {version}")
    return f"{text}, or to version {undo.to} from before the promotion{_doubt(undo)} ({other})"


def _stands_by(status: DeploymentStatus) -> str:
    """The version that `rollback` takes, told from the model's status alone."""
    names, known = status.versions or VersionNames(desired=""), status.fallback
    if status.phase not in _LEAVES or status.holdback is not None or known is None:
        return ""
    wrong = known.state is FallbackState.WRONG and known.by is ProvedBy.GOLDEN_REQUESTS
    lame = wrong or known.state is FallbackState.NOT_READY
    return "" if lame or known.version != names.shadow else names.shadow


def _doubt(undo: Undo) -> str:
    return f", {NEVER_GOOD}" if NEVER_GOOD in undo.what else ""
