"""A version that was taken back is watched until its own counters show that nobody gets its answers any more.

A gateway may say that it has taken a route over and go on as before for seconds, sessions may stay with a backend whose
weight is 0, and somebody may call its pods past the gateway: no status shows that.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import DeploymentStatus, RolloutStatus
from knowngood.decisions.phases import GOING_BACK, GONE_BACK
from knowngood.decisions.plan import Notice, Plan, edge_key

WATCHED: Final = timedelta(seconds=90)
"""How long a version that was taken back is counted."""

QUIET: Final = timedelta(seconds=5)
"""How long it must have answered nobody, in two scrapes at least."""

LATE: Final = timedelta(seconds=10)
"""For how long requests may still be in flight after its share was seen to be 0."""

SPAN: Final = timedelta(seconds=10)
CELLS: Final = 3


@dataclass(frozen=True, slots=True)
class Witness:
    """What a version that was taken back was counted to answer since its share was seen to be 0.

    Attributes:
        until: Up to where the counts are complete.
        answered: Ends of the seconds in which its counters were read and had risen, ascending; a rise may be as old as
            the scrape before.
        quiet: How often its counters were read after the last of them, and had not risen.
        given: How many answers it was counted to give since the harm began; None where not all of them were for users.
    """

    until: datetime
    answered: tuple[datetime, ...]
    quiet: int
    given: int | None = None


def is_watched(status: DeploymentStatus | None, now: datetime) -> bool:
    """Say whether a version that was taken back is to be counted."""
    if status is None or status.rollout is None or status.rollout.evidence_since is None:
        return False
    if status.phase in GOING_BACK:
        return True
    began = status.rollout.step_started_at
    going = status.phase in GONE_BACK and status.rollout.silent_at is None
    return going and now < began + WATCHED


def listen(plan: Plan, witness: Witness | None) -> Plan:
    """Note when a version was counted to have answered its last request, or that it still answers some."""
    rollout = plan.rollout
    if plan.phase not in GONE_BACK or rollout is None or witness is None:
        return plan
    if rollout.silent_at is not None:
        return plan
    seen = rollout.step_started_at
    last = max(seen, *witness.answered) if witness.answered else seen
    if witness.quiet > 1 and witness.until >= last + QUIET:
        over = {"silent_at": last, "loud": False, "answered": witness.given}
        return replace(plan, rollout=rollout.model_copy(update=over))
    late = [at for at in witness.answered if at > seen + LATE]
    if rollout.loud or len(late) < CELLS or late[-1] < late[0] + SPAN:
        return plan
    return _loud(plan, rollout)


def _loud(plan: Plan, rollout: RolloutStatus) -> Plan:
    """Take the backend out of the route at once: with a weight of 0 sessions may stay with it."""
    text = (
        f"version {rollout.version} gets no requests from the route any more, and is still counted to answer: does "
        "somebody call it past the gateway?"
    )
    left = tuple(d for d in plan.draining if d.version != rollout.version)
    weights = {v: w for v, w in plan.shares.items() if v != rollout.version}
    loud = replace(
        plan,
        rollout=rollout.model_copy(update={"loud": True}),
        draining=left,
        weights=None if plan.weights is None else weights,
        why="StillAnswering",
    )
    return loud.tell(Notice("StillAnswering", text, edge_key(rollout, "loud"), warning=True))
