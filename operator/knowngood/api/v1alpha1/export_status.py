"""What an incident's status keeps of its export."""

from typing import Annotated, Final

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.scalars import DnsLabel
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import Wire

MOST_SINKS: Final = 8


class Export(Wire):
    """How far the timeline has come to one SIEM."""

    sink: DnsLabel
    """The sink, as the operator's own configuration names it."""

    seq: Count
    """Number of the last entry that it has taken."""


class Exported(Wire):
    """What is told to SIEMs, and how far it has come there."""

    exports: Annotated[tuple[Export, ...], listed(MOST_SINKS, key="sink")] = ()
    """How far the timeline has come to each SIEM; written after something has come there."""
