"""Incidents that a newer release has written, in words that this one does not know: they are left alone and told of."""

from knowngood.api.v1alpha1 import ConditionType, Reason
from knowngood.decisions.situation import Situation
from knowngood.decisions.unlooked import Said


def unreadable(s: Situation) -> Said | None:
    """Name the incidents, the fields and the words. Present only while there are any."""
    if not s.incidents_unread:
        return None
    which = "; ".join(f"{name}: {why}" for name, why in sorted(s.incidents_unread.items()))
    text = f"left as a newer release has written it, until one that can read it is there: {which}"
    return ConditionType.INCIDENTS_READABLE, False, Reason.INCIDENT_UNREADABLE, text
