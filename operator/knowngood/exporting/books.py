"""What SIEMs are told of objects of each kind, and how far they have come: the same questions of both."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Protocol

from knowngood.api.v1alpha1 import AIModelDeployment, Incident, IncidentStatus
from knowngood.api.v1alpha1.wire import Wire
from knowngood.exporting import cursors
from knowngood.exporting.commands import (
    CommandRecord,
    command_position,
    commands_since,
    given,
    with_command_export,
)
from knowngood.exporting.records import Record, records_since

Told = Record | CommandRecord
"""Whatever a SIEM is told."""


class Book(Protocol):
    """What is told of objects of one kind. Each object is one of that kind."""

    @property
    def kind(self) -> str:
        """The kind of the objects."""
        ...

    def position(self, one: Any, sink: str, now: datetime) -> int:
        """Number of the last entry that a sink has taken, or is not to be told of."""
        ...

    def lacks(self, one: Any, sink: str, now: datetime) -> bool:
        """Whether a sink is to be told more. Most objects have nothing, so this is quick."""
        ...

    def unsent_since(self, one: Any, seq: int) -> datetime | None:
        """Since when the first entry beyond a number waits; None where there is none."""
        ...

    def since(self, one: Any, seq: int) -> tuple[Told, ...]:
        """All that is to be told beyond a number, in order."""
        ...

    def noted(self, one: Any, sink: str, seq: int, sinks: Collection[str]) -> Wire:
        """The status of the object in which a sink has come so far."""
        ...


class IncidentBook:
    """The timelines of incidents."""

    kind: Final = "Incident"

    def position(self, one: Incident, sink: str, now: datetime) -> int:  # noqa: ARG002  - other books need the time
        """Number of the last entry that a sink has taken."""
        return cursors.cursor(one, sink) or 0

    def lacks(self, one: Incident, sink: str, now: datetime) -> bool:
        """Whether a sink is to be told more."""
        more = cursors.newest(one) > (cursors.cursor(one, sink) or 0)
        return more and cursors.is_for(one, sink, now)

    def unsent_since(self, one: Incident, seq: int) -> datetime | None:
        """Since when the first entry beyond a number waits."""
        return cursors.unsent_since(one, seq)

    def since(self, one: Incident, seq: int) -> tuple[Told, ...]:
        """Entries of the timeline, and the evidence that they tell of."""
        return records_since(one, seq)

    def noted(self, one: Incident, sink: str, seq: int, sinks: Collection[str]) -> Wire:
        """The status of the incident in which a sink has come so far."""
        return cursors.with_cursor(one.status or IncidentStatus(), sink, seq, sinks)


class CommandBook:
    """The commands that were given to models."""

    kind: Final = "AIModelDeployment"

    def position(self, one: AIModelDeployment, sink: str, now: datetime) -> int:
        """Number of the last command that a sink has taken, or is not to be told of."""
        return command_position(one, sink, now)

    def lacks(self, one: AIModelDeployment, sink: str, now: datetime) -> bool:
        """Whether a sink is to be told more."""
        told = given(one)
        return bool(told) and told[-1].seq > command_position(one, sink, now)

    def unsent_since(self, one: AIModelDeployment, seq: int) -> datetime | None:
        """Since when the first command beyond a number waits."""
        return next((c.time for c in given(one) if c.seq > seq), None)

    def since(self, one: AIModelDeployment, seq: int) -> tuple[Told, ...]:
        """Commands, carried out or refused."""
        return commands_since(one, seq)

    def noted(self, one: AIModelDeployment, sink: str, seq: int, sinks: Collection[str]) -> Wire:
        """The status of the model in which a sink has come so far."""
        return with_command_export(one, sink, seq, sinks)


BOOKS: Final[tuple[Book, ...]] = (IncidentBook(), CommandBook())
