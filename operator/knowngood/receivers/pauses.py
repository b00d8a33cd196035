"""After how long those whose business it is get an update of what is open."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator

from knowngood.api.v1alpha1 import Severity
from knowngood.api.v1alpha1.scalars import seconds
from knowngood.messages.updates import Every
from knowngood.sources.source import Entry

SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(hours=24)


def _pause(text: object) -> timedelta | None:
    """Read a time of the configuration; defaults come as they are."""
    if text is None or isinstance(text, timedelta):
        return text
    try:
        found = timedelta(seconds=seconds(text if isinstance(text, str) else ""))
    except ValueError:
        raise ValueError("write a time like 30m or 4h, or 0s for never") from None
    if found and not SHORTEST <= found <= LONGEST:
        raise ValueError("write a time of 5m to 24h, or 0s for never")
    return found or None


Pause = Annotated[timedelta | None, BeforeValidator(_pause)]


class UpdateEvery(Entry):
    """After how long those whose business it is get an update, by severity.

    Attributes:
        critical: A time of 5m to 24h; None for never, written as 0s.
        high: The same.
        medium: The same.
        low: The same.
    """

    critical: Pause = timedelta(minutes=30)
    high: Pause = timedelta(hours=1)
    medium: Pause = timedelta(hours=4)
    low: Pause = None

    @property
    def by_severity(self) -> Every:
        """Those that there are."""
        pauses = {s: getattr(self, s.value.lower()) for s in Severity}
        return {severity: pause for severity, pause in pauses.items() if pause is not None}
