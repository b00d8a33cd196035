"""Takes what people say where they were paged: that they have an incident. Nothing else can be said so.

It is written over exactly the status that was seen, before whoever tells it is answered. A process that is killed in
between is told again, finds it written, and changes nothing.
"""

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from knowngood.api.v1alpha1 import Incident
from knowngood.api.v1alpha1.notification_status import PagedAcknowledgement
from knowngood.clock import Clock
from knowngood.control.incidents import model_of, tell
from knowngood.control.ports import Fence
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.acknowledging import taken_where_paged, with_way
from knowngood.decisions.handing_over import readable
from knowngood.errors import Changed, Gone, Unavailable
from knowngood.exporting.texts import SHORT, clean
from knowngood.messages.escalating import Reach
from knowngood.receivers.hooks import Said

logger = logging.getLogger(__name__)

TRIES: Final = 4
"""How often it is decided anew because a pass has written the incident meanwhile."""


class Heard(StrEnum):
    """What became of it."""

    TAKEN = "taken"
    KNOWN = "known"
    UNKNOWN = "unknown"


class Acknowledger:
    """Writes down who has taken an incident."""

    def __init__(
        self,
        reaches: Mapping[str, Reach],
        store: Store,
        writer: Writer,
        fence: Fence,
        clock: Clock,
    ) -> None:
        """Connect.

        Args:
            reaches: Whose incidents each receiver is told of, by name: nobody takes others by it.
            store: Where the incidents are.
            writer: Takes the statuses.
            fence: Who may write.
            clock: The time of day.
        """
        self._reaches = reaches
        self._store = store
        self._writer = writer
        self._fence = fence
        self._clock = clock

    async def hear(self, said: Said) -> Heard:
        """Write down who has taken an incident, unless somebody has it already.

        Raises:
            NotLeader: This process may not write, and another one may.
            ApiError: It could not be written: to be said again.
        """
        for _ in range(TRIES):
            self._fence.term()
            incident = self._called(said)
            if incident is None:
                words = "receiver %s: no incident that it is told of has the key %r"
                logger.warning(words, said.receiver, clean(said.uid, SHORT))
                return Heard.UNKNOWN
            at = self._clock.now()
            taken = PagedAcknowledgement(by=said.by, way=said.way, receiver=said.receiver, at=at)
            status = taken_where_paged(incident, taken, said.reopened)
            if status is None:
                return Heard.KNOWN
            # What people read is written with it: whoever is told of it next must not be asked to take it.
            status = readable(model_of(self._store, incident), incident, status)
            try:
                await tell(self._writer, incident, status)
            except (Changed, Gone):
                continue
            meta = incident.metadata
            logger.info("%s/%s is taken by %s", meta.namespace, meta.name, with_way(taken))
            return Heard.TAKEN
        raise Unavailable(f"the incident has changed {TRIES} times while it was written")

    def _called(self, said: Said) -> Incident | None:
        reach = self._reaches[said.receiver]
        incidents: list[Incident] = self._store.all("Incident")
        return next(
            (
                i
                for i in incidents
                if i.metadata.uid == said.uid and reach.reaches(i.metadata.namespace)
            ),
            None,
        )
