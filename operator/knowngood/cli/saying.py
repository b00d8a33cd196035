"""What people say of an incident, as it is written for the time since it was opened last."""

from knowngood.api.v1alpha1 import Incident
from knowngood.api.v1alpha1.wire import Wire
from knowngood.cli.cluster import Object


def this_time(found: Incident, said: Object, before: Wire | None) -> Object:
    """Say it for the time since the incident was opened last; what was said before goes, field by field."""
    times = found.status.reopened if found.status else 0
    return (
        dict.fromkeys(before.wire() if before else ()) | said | ({"round": times} if times else {})
    )
