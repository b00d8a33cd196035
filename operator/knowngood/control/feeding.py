"""Brings one SIEM up to date with what incidents say.

What it has taken is written into the incident afterwards, so a process that is killed in between sends it again, under
the same ids. Both this and the passes replace the status of exactly the incident that they have seen: whoever comes
second is refused, and decides anew on what the other one has written.
"""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from knowngood.api.v1alpha1 import Incident, IncidentStatus, ObjectMeta
from knowngood.clock import Clock
from knowngood.control.ports import Fence
from knowngood.control.sinks import Sink
from knowngood.control.store import Store
from knowngood.control.waiting import Wait
from knowngood.control.writing import Writer
from knowngood.errors import ApiError, Changed, NotLeader, SinkAway, SinkRefused
from knowngood.exporting.cursors import cursor, is_for, newest, unsent_since, with_cursor
from knowngood.exporting.records import Record, records_since
from knowngood.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

IDLE: Final = 0.5
"""Seconds between two looks at what there is to tell."""

MOST_ENTRIES: Final = 20
"""Entries of a timeline that are sent at a time."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every feed needs.

    Attributes:
        sinks: Names of all sinks that are configured.
    """

    sinks: Collection[str]
    store: Store
    writer: Writer
    fence: Fence
    clock: Clock
    metrics: Metrics


class Feed:
    """Feeds one sink."""

    def __init__(self, name: str, sink: Sink, means: Means) -> None:
        self.name = name
        self._sink = sink
        self._means = means
        self._store = means.store
        self._clock = means.clock
        self._taken: dict[str, int] = {}  # what is not written down yet, by uid
        self._waits: dict[str, Wait] = {}
        self._away = Wait()
        self._done: object = None

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._round()
            except NotLeader:
                self._done = None
            except SinkAway as error:
                self._failed(str(error))
            except (
                Exception
            ):  # a bug here must not end the process: it contains what goes wrong with models
                logger.exception("export to %s failed", self.name)
                self._failed("a bug")
            rest = self._away.until - self._clock.monotonic()
            await asyncio.sleep(max(IDLE, rest))

    def lag(self, now: datetime) -> float:
        """Seconds that the oldest entry waits; 0 while none does."""
        waiting = (unsent_since(i, self._position(i)) for i in self._behind(now))
        return max(((now - at).total_seconds() for at in waiting if at), default=0.0)

    def _failed(self, words: str) -> None:
        self._means.metrics.export_failures.labels(self.name).inc()
        pause = self._away.failed(self._clock.monotonic())
        logger.warning("sink %s is tried again in %.0f s: %s", self.name, pause, words)

    async def _round(self) -> None:
        """Bring the sink up to date with every incident that does not wait for a pause of its own."""
        state = (self._means.fence.term(), self._store.revision("Incident"))
        if state == self._done:
            return
        now, moment = self._clock.now(), self._clock.monotonic()
        behind = self._behind(now)
        for incident in sorted(behind, key=lambda i: unsent_since(i, self._position(i)) or now):
            if self._waits.get(incident.metadata.uid, Wait()).until <= moment:
                await self._bring_up(incident)
        if not behind:
            self._waits.clear()
            self._taken.clear()
            self._done = state

    def _behind(self, now: datetime) -> list[Incident]:
        """Incidents that say more than is written down about this sink; most of them do not, so that is asked first."""
        incidents: list[Incident] = self._store.all("Incident")
        return [
            i
            for i in incidents
            if newest(i) > (cursor(i, self.name) or 0) and is_for(i, self.name, now)
        ]

    def _position(self, incident: Incident) -> int:
        """The last entry that the sink has taken, written down or not."""
        known = cursor(incident, self.name) or 0
        return max(known, self._taken.get(incident.metadata.uid, 0))

    async def _bring_up(self, incident: Incident) -> None:
        """Send what one incident's timeline says beyond what was sent, and write down how far that is."""
        meta = incident.metadata
        try:
            await self._tell(incident)
        except (NotLeader, SinkAway):
            raise
        except (ApiError, SinkRefused) as error:
            self._put_off(meta, f"{type(error).__name__}: {error}")
        except Exception:  # what is wrong with one incident must not keep the others back; it is loud and tried again
            logger.exception("%s/%s could not be exported", meta.namespace, meta.name)
            self._put_off(meta, "a bug")
        else:
            self._waits.pop(meta.uid, None)

    def _put_off(self, meta: ObjectMeta, why: str) -> None:
        self._means.metrics.export_failures.labels(self.name).inc()
        pause = self._waits.setdefault(meta.uid, Wait()).failed(self._clock.monotonic())
        where = f"{meta.namespace}/{meta.name}"
        logger.warning("%s is exported to %s again in %.0f s: %s", where, self.name, pause, why)

    async def _tell(self, incident: Incident) -> None:
        position = self._position(incident)
        records = records_since(incident, position)
        if records and records[0].entry.seq > position + 1:
            lost = f"{position + 1} to {records[0].entry.seq - 1}"
            logger.warning("%s: entries %s were dropped unsent", incident.metadata.name, lost)
        for batch in _batches(records):
            await self._sink.send(batch)
            self._away.failures = 0
            self._taken[incident.metadata.uid] = batch[-1].entry.seq
            self._means.metrics.exported.labels(self.name).inc(len(batch))
            await self._note(incident)
        if not records:  # it was taken, and could not be written down
            await self._note(incident)

    async def _note(self, incident: Incident) -> None:
        """Write down what was taken, into the incident as it is by now."""
        meta = incident.metadata
        seen: Incident | None = self._store.get("Incident", meta.namespace, meta.name)
        if seen is None or seen.metadata.uid != meta.uid:
            return
        status, position = seen.status or IncidentStatus(), self._position(seen)
        with suppress(
            Changed
        ):  # by a pass, just now; the next round writes over what it has written
            await self._means.writer.status(
                seen, with_cursor(status, self.name, position, self._means.sinks)
            )
            self._taken.pop(meta.uid, None)


def _batches(records: tuple[Record, ...]) -> list[tuple[Record, ...]]:
    """Cut between entries, so that a cursor can stand there."""
    groups = [tuple(group) for _, group in groupby(records, key=lambda r: r.entry.seq)]
    parts = range(0, len(groups), MOST_ENTRIES)
    return [tuple(r for g in groups[n : n + MOST_ENTRIES] for r in g) for n in parts]
