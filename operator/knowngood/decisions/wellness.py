"""Whether the version that serves is seen to be well: asked again and again, because time alone proves nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import VerdictKind
from knowngood.decisions.serving import ServingView
from knowngood.decisions.trigger_views import TriggerView

FRESH: Final = timedelta(minutes=1)
"""How old what a trigger says may be, and how far two looks may be apart: else nobody has looked in between."""

Trigger = tuple[str, str]
"""Policy and name of a trigger."""


@dataclass(frozen=True, slots=True)
class Wellness:
    """What has been seen of the version that serves, look by look.

    Attributes:
        version: Its name.
        since: Since when every look found it well.
        at: The latest look.
        healthy: Triggers that say now that it is.
        says: What these say, with their numbers.
    """

    version: str
    since: datetime
    at: datetime
    healthy: frozenset[Trigger] = frozenset()
    says: tuple[TriggerView, ...] = ()

    def lasts(self, since: datetime | None) -> timedelta:
        """For how long it was well, counted from an instant at the earliest."""
        return self.at - max(self.since, since or self.since)


def looked(before: Wellness | None, view: ServingView | None, now: datetime) -> Wellness | None:
    """Take one more look; None while it is not seen to be well.

    It is when at least one trigger that acts says so, and none says otherwise or can not see. A new process begins
    anew.

    Args:
        before: What the looks before have found.
        view: What is known now; None while nobody has looked.
        now: The instant.
    """
    if view is None:
        return None
    acting = [t for t in view.triggers if t.acts]
    says = tuple(t for t in acting if _is_healthy(t, now))
    healthy = frozenset((t.policy, t.trigger) for t in says)
    if not healthy or any(t.breached or t.blind for t in acting):
        return None
    goes_on = before is not None and before.version == view.version and now - before.at <= FRESH
    since = before.since if before is not None and goes_on else now
    return Wellness(view.version, since, now, healthy, says)


def _is_healthy(t: TriggerView, now: datetime) -> bool:
    fresh = now.timestamp() - t.verdict.at <= FRESH.total_seconds()
    return fresh and t.verdict.kind is VerdictKind.HEALTHY
