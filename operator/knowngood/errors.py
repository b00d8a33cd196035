"""Errors that cross a layer.

    KnowngoodError
    ├── ObserverError        a signal could not be read; says why; the caller holds
    │   ├── SourceUnknown    nobody has configured the source that it names
    │   └── QueryRefused     the source is well and does not take the query; carries its words
    ├── ApiError             the Kubernetes API refused or did not answer
    │   ├── Gone             the object that a write was meant for is not there any more (or is another one)
    │   ├── Refused          permanent: the same request will be refused again; says what the API said
    │   └── Unavailable      passing: try again later
    │       └── Changed      the object is not as it was seen; carries how it is now
    ├── SinkError            a SIEM has not taken what it was sent; says why; it is sent again
    │   ├── SinkAway         it takes nothing now
    │   └── SinkRefused      it is well and does not take these records
    ├── ReceiverError        a receiver has not taken what it was sent; says why; it is sent again
    │   ├── ReceiverAway     it takes nothing now
    │   └── ReceiverRefused  it is well and does not take this message
    ├── Claimed              an object of that name exists and is not ours; it is left alone
    └── NotLeader            this process may not write now

Adapters translate foreign exceptions into these at the border and keep the cause.
"""

from collections.abc import Mapping
from typing import Any


class KnowngoodError(Exception):
    """Anything that Knowngood itself raises."""


class ObserverError(KnowngoodError):
    """A signal could not be read; the text says why and is shown to people."""


class SourceUnknown(ObserverError):
    """A signal names a source that the operator was not told of."""


class QueryRefused(ObserverError):
    """A source answers, and says that the query is wrong."""


class ApiError(KnowngoodError):
    """The Kubernetes API refused a request or did not answer."""


class Gone(ApiError):
    """The object that a write was meant for does not exist any more, or another one has its name."""


class Refused(ApiError):
    """The same request would be refused again: the fault is in what was asked."""


class Unavailable(ApiError):
    """The API server is away, busy or in conflict: the next pass tries again."""


class Changed(Unavailable):
    """Somebody changed the object after it was seen: what was decided about it may be out of date.

    Attributes:
        found: The object as it is now.
    """

    def __init__(self, text: str, found: Mapping[str, Any]) -> None:
        super().__init__(text)
        self.found = found


class SinkError(KnowngoodError):
    """A SIEM has not taken what it was sent; the text says why and holds no secret."""


class SinkAway(SinkError):
    """It does not answer, or takes nothing from us now: whatever it is sent has to wait."""


class SinkRefused(SinkError):
    """It takes others, but not these records."""


class ReceiverError(KnowngoodError):
    """A receiver of messages has not taken one; the text says why and holds no secret."""


class ReceiverAway(ReceiverError):
    """It does not answer, or takes nothing from us now: whatever it is sent has to wait."""


class ReceiverRefused(ReceiverError):
    """It takes others, but not this message."""


class Claimed(KnowngoodError):
    """An object of the wanted name exists and belongs to somebody else."""


class NotLeader(KnowngoodError):
    """This process does not hold the Lease, so it must not write."""
