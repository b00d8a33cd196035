"""Everything that an incident asks people at one time: each question is answered for itself, by its action."""

from typing import Final

from knowngood.api.v1alpha1 import ActionState, Incident, IncidentStatus
from knowngood.decisions.asked_incidents import question
from knowngood.decisions.feed_incidents import question_about

MOST: Final = 3
"""Questions that are told in full."""


def questions(incident: Incident, status: IncidentStatus) -> str:
    """Say what people are asked, and how they answer; empty where nothing waits for them."""
    waiting = (a for a in status.actions if a.state is ActionState.WAITING and a.feed)
    found = [question(incident, status), *(question_about(incident, a) for a in waiting)]
    asked = [one for one in found if one]
    more = f"; {len(asked) - MOST} more wait" if len(asked) > MOST else ""
    return f"{'; and '.join(asked[:MOST])}{more}"
