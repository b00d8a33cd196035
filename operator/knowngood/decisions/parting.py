"""A model that is deleted: its requests are given back first, within bounds."""

from collections.abc import Mapping
from datetime import timedelta
from enum import IntEnum
from typing import Final

from knowngood.api.v1alpha1 import DeletionPolicy
from knowngood.decisions.adopting import DRAIN, SETTLE
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.situation import Situation

SKIP_RESTORE: Final = "knowngood.dev/skip-restore"
"""Annotation on the model: a route of somebody else stays as it is when the model is deleted."""

RESTORE_WITHIN: Final = timedelta(minutes=2)
"""How long a deletion waits until somebody else can answer."""


class Parting(IntEnum):
    """How far the requests of a route of somebody else are given back.

    Gateways learn of backends and of weights separately: a backend that is new, or that goes, in the very write that
    moves its requests can cost some of them. So whoever gets them is named before, and who gave them leaves after.
    """

    NAMING = 0
    GIVING = 1
    LEAVING = 2


LASTS: Final[Mapping[Parting, timedelta]] = {
    Parting.NAMING: SETTLE,
    Parting.GIVING: DRAIN,
    Parting.LEAVING: timedelta(0),
}
"""How long to wait after a step was seen to be done."""


def first_step(s: Situation) -> Parting:
    """Where to begin; a route that nobody claims and that leads to no version was left by an earlier process."""
    left = (
        s.route is not None
        and not s.route.claimant
        and s.route.weights.keys().isdisjoint(s.services)
    )
    return Parting.LEAVING if left else Parting.NAMING


def is_orphaned(s: Situation) -> bool:
    """Say whether everything stays when the object goes."""
    return s.model.spec.deletion_policy is DeletionPolicy.ORPHAN


def is_left_as_it_is(s: Situation) -> bool:
    """Say whether no traffic is to be given back: it is somebody else's, or a person wants it so.

    A route of our own goes whatever anybody wants: it would lead to Services that are gone.
    """
    skipped = s.model.metadata.annotations.get(SKIP_RESTORE) == "true"
    return s.model.spec.traffic is None or (skipped and s.model.spec.route_ref is not None)


def is_too_early(s: Situation) -> bool:
    """Say whether the adopted Service could not answer yet what was taken from it."""
    traffic = s.model.status.traffic if s.model.status else None
    taken = traffic is not None and traffic.original
    return bool(taken) and s.adopted_ready == 0 and not is_overdue(s)


def is_overdue(s: Situation) -> bool:
    """Say whether the deletion has waited long enough."""
    deleted = s.model.metadata.deletion_timestamp
    return deleted is not None and s.now >= deleted + RESTORE_WITHIN


def part(s: Situation, plan: Plan) -> Plan:
    """Say why a deletion waits."""
    if is_orphaned(s) or is_left_as_it_is(s) or not is_too_early(s):
        return plan
    text = (
        "the Service that answered before has no ready endpoint: the deletion waits for one, for at most "
        f"{RESTORE_WITHIN.seconds // 60} minutes"
    )
    return plan.tell(Notice("RestoreWaits", text, "RestoreWaits", warning=True))
