"""Every incident that is open: what people say to it, how far it is, and when nobody needs it any more.

It hangs on no pass: an incident is heard whether or not it is its model's latest one, and also when the model is gone.
One is looked at when it or its model has changed, or when its time has come; thousands that rest cost nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Incident,
    IncidentPhase,
    IncidentStatus,
)
from knowngood.control.archiving import Archivist
from knowngood.control.arms import Span
from knowngood.control.incidents import model_of, tell
from knowngood.control.ports import Key
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.affected import spans_counted, with_counted
from knowngood.decisions.answering import heard
from knowngood.decisions.declaring import taken_up
from knowngood.decisions.expiring import expired, expires_at
from knowngood.decisions.exposed_again import exposed_again
from knowngood.decisions.handing_over import readable
from knowngood.decisions.progress import awaits_wellness, progressed
from knowngood.decisions.serving import ServingView
from knowngood.decisions.wellness import Wellness, looked
from knowngood.errors import ApiError, NotLeader

logger = logging.getLogger(__name__)

AUTO_CLOSE_AFTER: Final = timedelta(hours=168)
LOOKED_EVERY: Final = timedelta(seconds=5)
"""How often it is looked whether the version that serves is well, where an incident waits for that."""

View = Callable[[AIModelDeployment], ServingView | None]
Answered = Callable[[Key, str, str, Span], int | None]
"""How many answers a version that serves has given in a span, by a signal; None while nobody knows."""


class Docket:
    """Writes what follows for an incident from people's words, from its model's status, and from time."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        view: View,
        *,
        people_proved: bool = False,
        auto_close_after: timedelta = AUTO_CLOSE_AFTER,
        archivist: Archivist | None = None,
        answered: Answered = lambda *_: None,
    ) -> None:
        """Connect.

        Args:
            store: Where the objects are.
            writer: Takes the statuses.
            view: What is known of the version that serves; None while nobody has looked.
            people_proved: The API server lets nobody speak in another name than their own.
            archivist: Makes room in long timelines; None where nobody does.
            answered: Counts what a version that serves has answered.
            auto_close_after: How long nothing is told in an incident before it is closed without anybody's word.
        """
        self._store = store
        self._writer = writer
        self._view = view
        self._people_proved = people_proved
        self._after = auto_close_after
        self._archivist = archivist
        self._answered = answered
        self._revisions: tuple[int, int] | None = None
        self._seen: dict[str, tuple[str, str]] = {}
        self._due: dict[str, datetime] = {}
        self._well: dict[str, Wellness | None] = {}

    async def look(self, now: datetime) -> None:
        """Look at the incidents for which something may have changed.

        Raises:
            ApiError: A status could not be written; the others were, and the next look tries again.
        """
        revisions = self._store.revision("Incident"), self._store.revision("AIModelDeployment")
        changed = revisions != self._revisions
        due = {uid for uid, at in self._due.items() if at <= now}
        if not changed and not due:
            return
        failed: list[ApiError] = []
        incidents: list[Incident] = self._store.all("Incident")
        for incident in incidents:
            uid = incident.metadata.uid
            if uid not in due and not (changed and self._seen.get(uid) != self._state(incident)):
                continue
            try:
                await self._attend(incident, now)
            except ApiError as error:
                failed.append(error)
            except NotLeader:
                raise
            except Exception:  # one must not keep the others back; it is loud, and tried again
                logger.exception("%s/%s could not be followed", *_name(incident))
                self._due.pop(uid, None)  # when something has changed, and not in each look
        self._forget({i.metadata.uid for i in incidents})
        if failed:
            raise failed[0]
        self._revisions = revisions

    def _state(self, incident: Incident) -> tuple[str, str]:
        model = model_of(self._store, incident)
        version = model.metadata.resource_version if model is not None else ""
        return incident.metadata.resource_version, version

    async def _attend(self, listed: Incident, now: datetime) -> None:
        meta = listed.metadata
        # A pass may have written it while others were told: what is decided on an old view would be refused.
        incident: Incident | None = self._store.get("Incident", meta.namespace, meta.name)
        if incident is None or incident.metadata.uid != meta.uid:
            return
        state, model = self._state(incident), model_of(self._store, incident)
        before = incident.status or IncidentStatus()
        if before.phase is not IncidentPhase.CLOSED:
            status = self._followed(model, incident, before, now)
            if status.timeline:
                await tell(self._writer, incident, readable(model, incident, status))
            self._plan(model, incident, status, now)
            if self._archivist is not None:
                await self._archivist.attend(meta.namespace, meta.name, now)
        self._seen[meta.uid] = state

    def _followed(
        self,
        model: AIModelDeployment | None,
        incident: Incident,
        status: IncidentStatus,
        now: datetime,
    ) -> IncidentStatus:
        proved = self._people_proved
        status = taken_up(model, incident, status, now, proved=proved)
        said = heard(incident.model_copy(update={"status": status}), now, proved=proved) or status
        if said.phase is IncidentPhase.CLOSED:
            return said
        said = exposed_again(model, incident, said, now)
        told = progressed(model, incident, said, self._wellness(model, incident, said, now), now)
        return expired(model, incident, self._counted(model, told, now), self._after, now)

    def _counted(
        self, model: AIModelDeployment | None, status: IncidentStatus, now: datetime
    ) -> IncidentStatus:
        """Note how many answers are in doubt, as soon as that is known."""
        signal = next((e.signal for e in status.evidence if e.signal), None)
        if model is None or signal is None or status.subject is None:
            return status
        key = Key(model.metadata.namespace, model.metadata.name)
        for since, until in spans_counted(status, now):
            span = since.timestamp(), until.timestamp()
            answers = self._answered(key, status.subject.version, signal, span)
            status = with_counted(status, answers)
        return status

    def _wellness(
        self,
        model: AIModelDeployment | None,
        incident: Incident,
        status: IncidentStatus,
        now: datetime,
    ) -> Wellness | None:
        uid = incident.metadata.uid
        if model is None or not awaits_wellness(model, status):
            self._well.pop(uid, None)
            return None
        found = self._well[uid] = looked(self._well.get(uid), self._view(model), now)
        return found

    def _plan(
        self,
        model: AIModelDeployment | None,
        incident: Incident,
        status: IncidentStatus,
        now: datetime,
    ) -> None:
        """Note when it is to be looked at again although nothing else happens."""
        self._due.pop(incident.metadata.uid, None)
        if status.phase is IncidentPhase.CLOSED:
            return
        at = expires_at(model, incident, status, self._after)
        waits = awaits_wellness(model, status) or bool(spans_counted(status, now))
        again = now + LOOKED_EVERY if waits else None
        known = [each for each in (at, again) if each is not None]
        if known:
            self._due[incident.metadata.uid] = min(known)

    def _forget(self, there: set[str]) -> None:
        for known in (self._seen, self._due, self._well):
            for uid in known.keys() - there:
                del known[uid]


def _name(incident: Incident) -> tuple[str, str]:
    return incident.metadata.namespace or "", incident.metadata.name
