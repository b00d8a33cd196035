"""Moves the oldest entries of long timelines to ConfigMaps: those first, and then the status that has them no more."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.control.archives import Archives
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.archiving import Part, not_archived, part_to_move, without
from knowngood.errors import Claimed, Refused
from knowngood.exporting.cursors import cursor, newest

logger = logging.getLogger(__name__)

AGAIN: Final = timedelta(minutes=10)
"""After which it is tried again where a ConfigMap was refused."""


class Archivist:
    """Makes room in one incident at a time."""

    def __init__(
        self, store: Store, writer: Writer, archives: Archives, sinks: Collection[str] = ()
    ) -> None:
        """Connect.

        Args:
            store: Where the incidents are.
            writer: Takes the statuses.
            archives: Takes the ConfigMaps.
            sinks: Names of the SIEMs: entries wait for them while there is room.
        """
        self._store, self._writer, self._archives = store, writer, archives
        self._sinks = sinks
        self._refused: dict[str, datetime] = {}  # since when, by uid

    async def attend(self, namespace: str, name: str, now: datetime) -> None:
        """Move the oldest entries of an incident, if there are too many.

        Where they may not be kept elsewhere the incident says so, and they are left out when there is no room any more.

        Raises:
            ApiError: Something could not be written; nothing is lost by that.
        """
        incident: Incident | None = self._store.get("Incident", namespace, name)
        if incident is None or incident.status is None:
            return
        uid = incident.metadata.uid
        tried = self._refused.get(uid)
        if tried is not None and now - tried < AGAIN:
            return
        part = part_to_move(incident, self._taken(incident))
        if part is None:
            return
        status = await self._moved(incident, incident.status, part, now)
        await self._writer.status(incident, status)

    async def _moved(
        self, incident: Incident, status: IncidentStatus, part: Part, now: datetime
    ) -> IncidentStatus:
        meta = incident.metadata
        try:
            await self._archives.keep(part.manifest)
        except (Refused, Claimed) as error:
            self._refused[meta.uid] = now
            logger.warning("%s/%s: no entry can be moved: %s", meta.namespace, meta.name, error)
            return not_archived(status, str(error))
        self._refused.pop(meta.uid, None)
        about = {"namespace": meta.namespace, "incident": meta.name, "uid": meta.uid}
        logger.info("entries up to %d are moved, head %s", part.last, part.head, extra=about)
        return without(status, part)

    def _taken(self, incident: Incident) -> int:
        """The last entry that every SIEM has taken."""
        return min((cursor(incident, name) or 0 for name in self._sinks), default=newest(incident))
