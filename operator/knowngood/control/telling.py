"""Brings one receiver up to date with what incidents are.

What it has taken is written into the incident afterwards, so a process that is killed in between sends it again, with
the same key. Passes write the same status: who comes second is refused, and decides anew on what the first has written.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import Incident, IncidentPhase, IncidentStatus
from knowngood.api.v1alpha1.escalation import MOST_RECEIVERS
from knowngood.api.v1alpha1.notification_status import Notification
from knowngood.clock import Clock
from knowngood.control.escalations import KINDS, first_of, policy_steps
from knowngood.control.ports import Fence
from knowngood.control.receivers import Receiver
from knowngood.control.store import Store
from knowngood.control.waiting import Wait
from knowngood.control.writing import Writer
from knowngood.errors import ApiError, Changed, NotLeader, ReceiverAway, ReceiverRefused
from knowngood.messages.dispatches import dispatch_of, reminder_of
from knowngood.messages.escalating import Reach, heard_open, note_of, to_keep, told_from, with_note
from knowngood.messages.message import Audience
from knowngood.messages.occasions import Occasion, noted, owed
from knowngood.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

IDLE: Final = 0.5
"""Seconds between two looks at what there is to tell."""

MOST_AT_ONCE: Final = 8
"""Messages about one incident before the others have their turn."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every outbox needs.

    Attributes:
        reaches: Whose incidents each receiver is told of, by name.
    """

    reaches: Mapping[str, Reach]
    store: Store
    writer: Writer
    fence: Fence
    clock: Clock
    metrics: Metrics


class Outbox:
    """Tells one receiver."""

    def __init__(self, name: str, receiver: Receiver, audience: Audience, means: Means) -> None:
        self.name = name
        self._receiver = receiver
        self._audience = audience
        self._means = means
        self._store = means.store
        self._clock = means.clock
        self._taken: dict[str, Notification] = {}  # what is not written down yet, by uid
        self._waits: dict[str, Wait] = {}
        self._away = Wait()
        self._done: object = None
        self._until: datetime | None = None  # when the next step of an escalation comes
        self._reminded = 0.0

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._round()
                await self._remind()
            except NotLeader:
                self._done = None
            except (ReceiverAway, ReceiverRefused) as error:
                self._failed(str(error))
            except Exception:  # a bug here must not end the process that contains models
                logger.exception("%s could not be told", self.name)
                self._failed("a bug")
            await asyncio.sleep(max(IDLE, self._away.until - self._clock.monotonic()))

    def lag(self, now: datetime) -> float:
        """Seconds that the oldest message waits; 0 while none does."""
        waiting = (self._due(i, now) for i in self._incidents())
        return max(((now - at).total_seconds() for at in waiting if at and at <= now), default=0.0)

    def _failed(self, words: str) -> None:
        self._means.metrics.notifying.failures.labels(self.name).inc()
        pause = self._away.failed(self._clock.monotonic())
        logger.warning("receiver %s is tried again in %.0f s: %s", self.name, pause, words)

    async def _round(self) -> None:
        """Bring the receiver up to date with every incident that does not wait for a pause of its own."""
        state = (self._means.fence.term(), *map(self._store.revision, KINDS))
        now, moment = self._clock.now(), self._clock.monotonic()
        if state == self._done and (self._until is None or now < self._until):
            return
        waiting = [(due, i) for i in self._incidents() if (due := self._due(i, now)) is not None]
        ready = [(due, i) for due, i in waiting if due <= now]
        for _, incident in sorted(ready, key=_turn):
            if self._waits.get(incident.metadata.uid, Wait()).until <= moment:
                await self._bring_up(incident)
        if not ready:
            self._waits.clear()
            self._taken.clear()
            self._done, self._until = state, min((due for due, _ in waiting), default=None)

    async def _remind(self) -> None:
        """Tell a receiver that forgets again of all that is open. Nothing is written for that."""
        every, moment = self._receiver.reminded_every, self._clock.monotonic()
        if every is None or moment < self._reminded:
            return
        self._means.fence.term()
        self._reminded = moment + every
        reach = self._means.reaches[self.name]
        mine = [i for i in self._incidents() if _is_open(i) and reach.reaches(i.metadata.namespace)]
        dispatches = [
            reminder_of(i, self.name, self._audience, note)
            for i in mine
            if (note := note_of(i, self.name)) is not None
        ]
        if dispatches:
            await self._receiver.remind(dispatches)
            self._away.failures = 0

    def _incidents(self) -> list[Incident]:
        """All incidents, with what this receiver has taken and nobody could write down yet."""
        found: list[Incident] = self._store.all("Incident")
        return [self._view(i) for i in found] if self._taken else found

    def _view(self, incident: Incident) -> Incident:
        taken = self._taken.get(incident.metadata.uid)
        if taken is None or self._is_known(incident, taken):
            return incident
        return incident.model_copy(update={"status": self._with(incident, taken)})

    def _is_known(self, incident: Incident, taken: Notification) -> bool:
        """Whether as much is written down: by us, or by whoever has led meanwhile and has told more."""
        note = note_of(incident, self.name)
        return note is not None and note.sent >= taken.sent

    def _with(self, incident: Incident, note: Notification) -> IncidentStatus:
        status = incident.status or IncidentStatus()
        return with_note(status, note, self._means.reaches, MOST_RECEIVERS)

    def _due(self, incident: Incident, now: datetime) -> datetime | None:
        """From when on there is something to tell, or to write down; None for nothing."""
        taken, (_, due) = self._taken.get(incident.metadata.uid), self._next(incident, now)
        return taken.at if taken and (due is None or due > now) else due

    def _next(self, incident: Incident, now: datetime) -> tuple[Occasion | None, datetime | None]:
        """What is told next, and when."""
        occasion = self._owed(incident, now)
        if occasion is None:
            return None, None
        steps, told = policy_steps(self._store, incident), self._first_told(incident)
        since = told_from(incident, steps, self._means.reaches, self.name, first_told=told)
        return (occasion, max(since, occasion.at)) if since else (None, None)

    def _owed(self, incident: Incident, now: datetime) -> Occasion | None:
        told, note = self._first_told(incident), note_of(incident, self.name)
        every = self._means.reaches[self.name].every
        return owed(incident, note, now=now, parent_told=told, every=every)

    def _first_told(self, incident: Incident) -> bool:
        """Whether this receiver was told of the first incident with the same cause."""
        first = first_of(self._store, incident)
        return first is not None and heard_open(self._view(first), self.name)

    async def _bring_up(self, incident: Incident) -> None:
        """Tell what one incident is beyond what was told, and write down what that is."""
        meta = incident.metadata
        try:
            await self._tell(incident)
        except (NotLeader, ReceiverAway):
            raise
        except (ApiError, ReceiverRefused) as error:
            self._put_off(incident, f"{type(error).__name__}: {error}")
        except Exception:  # what is wrong with one incident must not keep the others back; it is loud and tried again
            logger.exception("%s/%s could not be told", meta.namespace, meta.name)
            self._put_off(incident, "a bug")
        else:
            self._waits.pop(meta.uid, None)

    def _put_off(self, incident: Incident, why: str) -> None:
        meta = incident.metadata
        self._means.metrics.notifying.failures.labels(self.name).inc()
        pause = self._waits.setdefault(meta.uid, Wait()).failed(self._clock.monotonic())
        where = f"{meta.namespace}/{meta.name}"
        logger.warning("%s is told to %s again in %.0f s: %s", where, self.name, pause, why)

    async def _tell(self, incident: Incident) -> None:
        for _ in range(MOST_AT_ONCE):
            now, seen = self._clock.now(), self._now(incident)
            due = self._due(seen, now) if seen is not None else None
            if seen is None or due is None or due > now:
                return
            (occasion, due), note = self._next(seen, now), note_of(seen, self.name)
            if occasion is not None and due is not None and due <= now:
                self._means.fence.term()
                await self._receiver.deliver(
                    dispatch_of(seen, occasion, self.name, self._audience, note)
                )
                self._away.failures = 0
                self._means.metrics.notifying.sent.labels(self.name).inc()
                taken = noted(seen, note, occasion, self.name, self._clock.now())
                self._taken[seen.metadata.uid] = taken
            await self._write_down(seen)

    def _now(self, incident: Incident) -> Incident | None:
        """The incident as it is by now."""
        meta = incident.metadata
        seen: Incident | None = self._store.get("Incident", meta.namespace, meta.name)
        return self._view(seen) if seen is not None and seen.metadata.uid == meta.uid else None

    async def _write_down(self, incident: Incident) -> None:
        meta, taken = incident.metadata, self._taken.get(incident.metadata.uid)
        seen: Incident | None = self._store.get("Incident", meta.namespace, meta.name)
        if taken is None or seen is None or seen.metadata.uid != meta.uid:
            return
        if self._is_known(seen, taken):
            self._taken.pop(meta.uid)
            return
        # Changed by a pass just now: the next round writes over what it has written.
        with suppress(Changed):
            status = self._with(seen, taken)
            # Whoever writes first keeps the steps: what is noted without them goes on without them.
            steps = to_keep(seen, policy_steps(self._store, seen)) or status.escalation
            await self._means.writer.status(seen, status.model_copy(update={"escalation": steps}))
            self._taken.pop(meta.uid, None)


def _turn(ready: tuple[datetime, Incident]) -> tuple[datetime, bool]:
    """The first of many comes before those that name it, for which nobody is called any more then."""
    return ready[0], bool(ready[1].status and ready[1].status.parent)


def _is_open(incident: Incident) -> bool:
    return incident.status is not None and incident.status.phase is not IncidentPhase.CLOSED
