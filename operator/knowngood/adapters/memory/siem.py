"""The `Sink` port in memory: a SIEM that remembers what it was told."""

import asyncio
from collections.abc import Callable, Sequence

from knowngood.errors import SinkAway, SinkRefused
from knowngood.exporting.books import Told
from knowngood.exporting.commands import CommandRecord
from knowngood.exporting.records import Record


class MemorySink:
    """Takes records.

    Attributes:
        taken: What has come of incidents, in order; what was sent twice is there twice.
        commands: What has come of commands, likewise.
        asked: How often something was sent, also in vain.
        away: Whether it takes nothing now.
        silent: Whether it never answers.
        refused: Names of incidents, or of models, that it does not want to hear of.
        slow: Seconds that it takes to answer.
        then: Called when records have come, before the sender is told so.
    """

    def __init__(self) -> None:
        self.taken: list[Record] = []
        self.commands: list[CommandRecord] = []
        self.asked = 0
        self.away = False
        self.silent = False
        self.refused: set[str] = set()
        self.slow = 0.0
        self.then: Callable[[Sequence[Told]], None] = lambda _: None

    async def send(self, records: Sequence[Told]) -> None:
        """Take all records or none."""
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        await asyncio.sleep(self.slow)
        if self.away:
            raise SinkAway("the SIEM is away")
        if self.refused & {_about(record) for record in records}:
            raise SinkRefused("the SIEM does not want these")
        self.taken += (r for r in records if isinstance(r, Record))
        self.commands += (r for r in records if isinstance(r, CommandRecord))
        self.then(records)

    def entries(self, incident: str) -> list[int]:
        """Numbers of the entries of an incident that have come, in order."""
        mine = (r for r in self.taken if r.incident.metadata.name == incident)
        return [r.entry.seq for r in mine if r.evidence is None]


def _about(record: Told) -> str:
    about = record.incident if isinstance(record, Record) else record.model
    return about.metadata.name
