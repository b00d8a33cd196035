"""When an incident reached which point, and how long that took."""

from knowngood.api.v1alpha1.scalars import Duration
from knowngood.api.v1alpha1.wire import MicroTime, Wire


class Clocks(Wire):
    """When the incident reached which point."""

    onset: MicroTime | None = None
    """When the harm is estimated to have begun."""

    detected: MicroTime | None = None
    """When it was noticed."""

    acknowledged: MicroTime | None = None
    """When a person took it."""

    triaged: MicroTime | None = None
    """When a person decided what it is, before it was contained."""

    decided: MicroTime | None = None
    """When a person decided what becomes of it."""

    contained: MicroTime | None = None
    """When the bad version was seen to answer no more requests."""

    eradicated: MicroTime | None = None
    """When the cause was seen to be gone."""

    recovered: MicroTime | None = None
    """When the version that serves was seen to have been healthy for long enough since."""

    reopened: MicroTime | None = None
    """When the same version turned bad again last; what was reached before is not reached any more."""

    closed: MicroTime | None = None
    """When it was closed."""


class Attained(Wire):
    """How long it took."""

    rto: Duration | None = None
    """From the onset to the containment; in an incident that was opened again, from then on."""

    from_detection: Duration | None = None
    """From the detection to the containment; in an incident that was opened again, from then on."""
