"""Deletes incidents that nobody needs any more, once an hour, by what the store knows."""

import logging
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, Incident
from knowngood.api.v1alpha1.notification_status import OccasionKind
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.incidents import incidents_told
from knowngood.decisions.retaining import Retention, to_delete
from knowngood.errors import Refused
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
            ApiError: The API server refuses one, or does not answer; it is tried again in an hour.
        """
        if self._next is not None and now < self._next:
            return
        self._next = now + EVERY
        found = to_delete(
            self._readable_models(self._store.all("Incident")),
            self._models(),
            self._retention,
            now,
            lambda incident: self._is_owed(incident, now),
        )
        failed: list[Refused] = []
        for incident in found[:MOST_AT_ONCE]:
            try:
                await self._delete(incident)
            except Refused as error:  # that one may not go must not keep the others for ever
                failed.append(error)
        if failed:
            raise failed[0]
        if len(found) > MOST_AT_ONCE:
            self._next = now + _SOON

    async def _delete(self, incident: Incident) -> None:
        await self._writer.delete(incident)
        meta = incident.metadata
        about = {"namespace": meta.namespace, "incident": meta.name, "uid": meta.uid}
        logger.info("incident is deleted: it is beyond the retention", extra=about)

    def _models(self) -> dict[str, frozenset[str]]:
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        return {m.metadata.uid: frozenset(_told(m)) for m in models}

    def _readable_models(self, incidents: Iterable[Incident]) -> Iterator[Incident]:
        """Leave out those of a model that is there and can not be read: nobody knows what its status tells of."""
        unread = {
            (space, name) for kind, space, name in self._store.broken if kind == "AIModelDeployment"
        }
        for incident in incidents:
            if (incident.metadata.namespace, incident.spec.model_ref.name) not in unread:
                yield incident

    def _is_owed(self, incident: Incident, now: datetime) -> bool:
        """Whether a SIEM has not taken all of it, or somebody who was told of it does not know that it is over."""
        book = IncidentBook()
        if any(book.lacks(incident, sink, now) for sink in self._sinks):
            return True
        notes = incident.status.notifications if incident.status else ()
        mine = (note for note in notes if note.receiver in self._receivers)
        return any(note.occasion is not OccasionKind.CLOSED for note in mine)


def _told(model: AIModelDeployment) -> set[str]:
    """Names of the incidents that a model's status tells of; also of one for which a trigger is silent since."""
    breaches = model.status.serving_breaches if model.status else ()
    return {*incidents_told(model), *(b.incident for b in breaches if b.incident)}
