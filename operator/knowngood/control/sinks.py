"""The port of a SIEM: where records go. It is beside `ports` because nothing that decides knows of it."""

from collections.abc import Sequence
from typing import Protocol

from knowngood.exporting.books import Told


class Sink(Protocol):
    """Takes records, at least once each."""

    async def send(self, records: Sequence[Told]) -> None:
        """Hand records over, in order; returns once all of them were taken, within a deadline of the sink's own.

        Raises:
            SinkAway: It takes nothing now. Some of the records may have come there.
            SinkRefused: It will not take these records.
        """
        ...
