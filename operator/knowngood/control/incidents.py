"""The incidents that a model's status names, the numbers that are taken, and how their statuses are written."""

import logging
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, Incident, IncidentStatus
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.breaches import which
from knowngood.decisions.incidents import incidents_told
from knowngood.decisions.phases import GOING_BACK, ROLLING
from knowngood.decisions.serving import ServingView

logger = logging.getLogger(__name__)

_MAY_OPEN: Final = ROLLING | GOING_BACK
"""Phases in which an incident may be opened, also where nothing is found about what serves."""

DIGITS: Final = 9
"""Digits that the number of an incident of ours may have: a name with more is somebody else's."""


class Incidents:
    """Finds the incidents of models in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def named(self, model: AIModelDeployment) -> dict[str, Incident]:
        """The incidents that the status names, by name; those of another model are left out."""
        names = incidents_told(model)
        found = {n: self._store.get("Incident", model.metadata.namespace, n) for n in names}
        return {n: i for n, i in found.items() if i and i.spec.model_ref.uid == model.metadata.uid}

    def unread(self, model: AIModelDeployment) -> dict[str, str]:
        """Incidents of a model that are there and can not be read: by name, which field and word that is for."""
        found = self._store.unreadable("Incident", model.metadata.namespace)
        return {b.name: b.why for b in found if b.model == model.metadata.uid}

    def taken(self, model: AIModelDeployment, serving: ServingView | None) -> int:
        """The highest number of an incident of this name: incidents outlive their models."""
        if model.status is None:
            return 0
        known = {which(b) for b in model.status.serving_breaches if b.incident}
        new = serving is not None and any(
            t.breached and t.which not in known for t in serving.triggers
        )
        if model.status.phase not in _MAY_OPEN and not new:
            return 0  # to look through all of a namespace's incidents takes long
        start = f"{model.metadata.name}-"
        names = (i.metadata.name for i in self._store.all("Incident", model.metadata.namespace))
        unread = (b.name for b in self._store.unreadable("Incident", model.metadata.namespace))
        numbers = (n.removeprefix(start) for n in (*names, *unread) if n.startswith(start))
        return max((int(n) for n in numbers if n.isdigit() and len(n) <= DIGITS), default=0)


def latest(model: AIModelDeployment) -> str:
    """Name the latest incident of a model; empty where there is none."""
    ref = model.status.incident_ref if model.status else None
    return ref.name if ref else ""


def model_of(store: Store, incident: Incident) -> AIModelDeployment | None:
    """The model of an incident; None where it is gone, also when another one has its name."""
    ref, namespace = incident.spec.model_ref, incident.metadata.namespace
    found: AIModelDeployment | None = store.get("AIModelDeployment", namespace, ref.name)
    return found if found is not None and found.metadata.uid == ref.uid else None


async def tell(writer: Writer, incident: Incident, status: IncidentStatus) -> None:
    """Write the status of an incident unless it is there already.

    The head of a chain that has grown goes to the log, which whoever edits the status does not reach.

    Raises:
        ApiError: As the writer does.
    """
    before = incident.status.chain if incident.status else None
    await writer.status(incident, status)
    if status.chain is not None and status.chain != before:
        meta, entry = incident.metadata, status.timeline[-1].seq
        about = {"namespace": meta.namespace, "incident": meta.name, "uid": meta.uid}
        logger.info("entry %d is told, head %s", entry, status.chain.head, extra=about)
