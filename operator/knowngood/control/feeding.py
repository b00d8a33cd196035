"""Brings one SIEM up to date with what incidents say, and with the commands that people gave to models.

What it has taken is written into the same object afterwards, so a process that is killed in between sends it again,
under the same ids. Both this and the passes replace the status of exactly the object that they have seen: whoever comes
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

from knowngood.api.v1alpha1 import AIModelDeployment, Incident, ObjectMeta
from knowngood.clock import Clock
from knowngood.control.ports import Fence
from knowngood.control.sinks import Sink
from knowngood.control.store import Store
from knowngood.control.waiting import Wait
from knowngood.control.writing import Writer
from knowngood.errors import ApiError, Changed, NotLeader, SinkAway, SinkRefused
from knowngood.exporting.books import BOOKS, Book, Told
from knowngood.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

IDLE: Final = 0.5
"""Seconds between two looks at what there is to tell."""

MOST_ENTRIES: Final = 20
"""Entries of one object that are sent at a time."""


Seen = Incident | AIModelDeployment
"""An object as it was seen."""

Owed = tuple[Book, Seen]
"""An object that says more than a sink has taken."""


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
        self._done: dict[str, object] = {}  # what was seen when nothing was lacking, by kind

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._round()
            except NotLeader:
                self._done.clear()
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
        owed = (each for book in BOOKS for each in self._behind(book, now))
        waiting = (self._waits_since(*each) for each in owed)
        return max(((now - at).total_seconds() for at in waiting if at), default=0.0)

    def _failed(self, words: str) -> None:
        self._means.metrics.export_failures.labels(self.name).inc()
        pause = self._away.failed(self._clock.monotonic())
        logger.warning("sink %s is tried again in %.0f s: %s", self.name, pause, words)

    async def _round(self) -> None:
        """Bring the sink up to date with everything that does not wait for a pause of its own."""
        term, now, moment = self._means.fence.term(), self._clock.now(), self._clock.monotonic()
        behind: list[Owed] = []
        for book in BOOKS:
            state = (term, self._store.revision(book.kind))
            if self._done.get(book.kind) == state:
                continue
            found = self._behind(book, now)
            if not found:
                self._done[book.kind] = state
            behind += found
        for book, one in sorted(behind, key=lambda each: self._waits_since(*each) or now):
            if self._waits.get(one.metadata.uid, Wait()).until <= moment:
                await self._bring_up(book, one)
        if not behind:
            self._waits.clear()
            self._taken.clear()

    def _behind(self, book: Book, now: datetime) -> list[Owed]:
        """Objects that say more than is written down about this sink; most of them do not, so that is asked first."""
        listed: list[Seen] = self._store.all(book.kind)
        return [(book, one) for one in listed if book.lacks(one, self.name, now)]

    def _waits_since(self, book: Book, one: Seen) -> datetime | None:
        return book.unsent_since(one, self._position(book, one))

    def _position(self, book: Book, one: Seen) -> int:
        """The last entry that the sink has taken, written down or not."""
        known = book.position(one, self.name, self._clock.now())
        return max(known, self._taken.get(one.metadata.uid, 0))

    async def _bring_up(self, book: Book, one: Seen) -> None:
        """Send what one object says beyond what was sent, and write down how far that is."""
        meta = one.metadata
        try:
            await self._tell(book, one)
        except (NotLeader, SinkAway):
            raise
        except (ApiError, SinkRefused) as error:
            self._put_off(meta, f"{type(error).__name__}: {error}")
        except Exception:  # what is wrong with one object must not keep the others back; it is loud and tried again
            logger.exception("%s/%s could not be exported", meta.namespace, meta.name)
            self._put_off(meta, "a bug")
        else:
            self._waits.pop(meta.uid, None)

    def _put_off(self, meta: ObjectMeta, why: str) -> None:
        self._means.metrics.export_failures.labels(self.name).inc()
        pause = self._waits.setdefault(meta.uid, Wait()).failed(self._clock.monotonic())
        where = f"{meta.namespace}/{meta.name}"
        logger.warning("%s is exported to %s again in %.0f s: %s", where, self.name, pause, why)

    async def _tell(self, book: Book, one: Seen) -> None:
        position = self._position(book, one)
        records = book.since(one, position)
        lost = records[0].number - position - 1 if records else 0
        for batch in _batches(records):
            await self._sink.send(batch)
            self._away.failures = 0
            self._taken[one.metadata.uid] = batch[-1].number
            self._means.metrics.exported.labels(self.name).inc(len(batch))
            self._tell_lost(one.metadata, records[0].number, lost)
            lost = 0
            await self._note(book, one)
        if not records:  # it was taken, and could not be written down
            await self._note(book, one)

    def _tell_lost(self, meta: ObjectMeta, first: int, lost: int) -> None:
        """Count what has made room before the sink could be told: its numbers are missing there as well."""
        if lost > 0:
            self._means.metrics.export_lost.labels(self.name).inc(lost)
            where, which = f"{meta.namespace}/{meta.name}", f"{first - lost} to {first - 1}"
            logger.warning("%s: entries %s made room before %s was told", where, which, self.name)

    async def _note(self, book: Book, one: Seen) -> None:
        """Write down what was taken, into the object as it is by now."""
        meta = one.metadata
        seen: Seen | None = self._store.get(book.kind, meta.namespace, meta.name)
        if seen is None or seen.metadata.uid != meta.uid:
            return
        status = book.noted(seen, self.name, self._position(book, seen), self._means.sinks)
        with suppress(
            Changed
        ):  # by a pass, just now; the next round writes over what it has written
            await self._means.writer.status(seen, status)
            self._taken.pop(meta.uid, None)


def _batches(records: tuple[Told, ...]) -> list[tuple[Told, ...]]:
    """Cut between entries, so that a cursor can stand there."""
    groups = [tuple(group) for _, group in groupby(records, key=lambda r: r.number)]
    parts = range(0, len(groups), MOST_ENTRIES)
    return [tuple(r for g in groups[n : n + MOST_ENTRIES] for r in g) for n in parts]
