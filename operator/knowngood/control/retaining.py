"""Deletes incidents that nobody needs any more, once an hour, by what the store knows."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, Incident
from knowngood.api.v1alpha1.notification_status import OccasionKind
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.incidents import incidents_told
from knowngood.decisions.retaining import Retention, to_delete
from knowngood.exporting.books import IncidentBook

logger = logging.getLogger(__name__)

EVERY: Final = timedelta(hours=1)
MOST_AT_ONCE: Final = 100
"""Incidents that are deleted in one look; where there are more, the next one comes after a minute."""

_SOON: Final = timedelta(minutes=1)


class Retainer:
    """Keeps the number of incidents in bounds."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        retention: Retention,
        sinks: Collection[str] = (),
        receivers: Collection[str] = (),
    ) -> None:
        """Connect.

        Args:
            store: Where the incidents are.
            writer: Deletes them, each by its uid.
            retention: What is kept.
            sinks: Names of the SIEMs.
            receivers: Names of those who are told.
        """
        self._store, self._writer, self._retention = store, writer, retention
        self._sinks, self._receivers = sinks, receivers
        self._next: datetime | None = None

    async def look(self, now: datetime) -> None:
        """Delete what can go, unless the last look was within the hour.

        Raises:
            ApiError: The API server refuses it, or does not answer; it is tried again in an hour.
        """
        if self._next is not None and now < self._next:
            return
        self._next = now + EVERY
        found = to_delete(
            self._store.all("Incident"),
            self._models(),
            self._retention,
            now,
            lambda incident: self._is_owed(incident, now),
        )
        for incident in found[:MOST_AT_ONCE]:
            await self._writer.delete(incident)
            meta = incident.metadata
            about = {"namespace": meta.namespace, "incident": meta.name, "uid": meta.uid}
            logger.info("incident is deleted: it is beyond the retention", extra=about)
        if len(found) > MOST_AT_ONCE:
            self._next = now + _SOON

    def _models(self) -> dict[str, frozenset[str]]:
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        return {m.metadata.uid: frozenset(incidents_told(m)) for m in models}

    def _is_owed(self, incident: Incident, now: datetime) -> bool:
        """Whether a SIEM has not taken all of it, or somebody who was told of it does not know that it is over."""
        book = IncidentBook()
        if any(book.lacks(incident, sink, now) for sink in self._sinks):
            return True
        notes = incident.status.notifications if incident.status else ()
        mine = (note for note in notes if note.receiver in self._receivers)
        return any(note.occasion is not OccasionKind.CLOSED for note in mine)
