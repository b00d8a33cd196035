"""What changed, and which models therefore want a pass."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from knowngood.api.v1alpha1 import AIModelDeployment, IncidentPhase
from knowngood.control.ports import Key
from knowngood.control.queue import BACKGROUND, NORMAL, WorkQueue
from knowngood.control.store import Store
from knowngood.decisions.naming import MODEL_LABEL

logger = logging.getLogger(__name__)

OWNED = frozenset({"AIModelVersion", "Incident"})


class Feed:
    """Puts events into the store and models into the queue."""

    def __init__(self, store: Store, queue: WorkQueue, relisted: Callable[[str], None]) -> None:
        """Connect.

        Args:
            store: Takes the objects.
            queue: Takes the models.
            relisted: Called with a kind when the watcher lists an object that it had told of before: its watch was
                restarted, and deletions may have been missed.
        """
        self._told: set[str] = set()
        self._store = store
        self._queue = queue
        self._relisted = relisted

    def event(self, kind: str, event: str | None, body: Mapping[str, Any]) -> None:
        """Take an event of one of our own kinds; `event` is None for a listed object."""
        meta = body["metadata"]
        namespace, name = meta.get("namespace") or "", meta["name"]
        if event == "DELETED":
            self._told.discard(meta["uid"])
            changed = self._store.end(kind, namespace, name, meta["uid"])
        else:
            if event is None and meta["uid"] in self._told:
                self._relisted(kind)
            self._told.add(meta["uid"])
            changed = self._store.put(kind, body)
        broken = self._store.broken.get((kind, namespace, name))
        if broken is not None:
            logger.error(
                "%s %s/%s can not be read and is left alone: %s", kind, namespace, name, broken.why
            )
        # Who closes an incident has put it into the store already; its model has to let go of it all the same.
        if changed or (event == "MODIFIED" and _is_closed(kind, body)):
            self.touched(kind, namespace, name, meta.get("labels") or {})

    def touched(self, kind: str, namespace: str, name: str, labels: Mapping[str, str]) -> None:
        """An object of ours changed, came or went."""
        if kind == "AIModelDeployment":
            self._queue.put(Key(namespace, name))
        elif kind in OWNED:
            self.child(namespace, labels.get(MODEL_LABEL, ""))
        else:
            # A policy of a namespace speaks for its models only; everything else may speak for all.
            for model in self._models(namespace or None):
                self._queue.put(model, BACKGROUND)

    def child(self, namespace: str, model: str) -> None:
        """A Deployment, a route or an endpoint of a model changed."""
        if model:
            self._queue.put(Key(namespace, model), NORMAL)

    def service(self, namespace: str, service: str) -> None:
        """The endpoints of a Service changed that Knowngood did not make."""
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment", namespace)
        for model in models:
            if service in _services_of(model):
                self._queue.put(Key(namespace, model.metadata.name), NORMAL)

    def everything(self, namespace: str | None) -> None:
        """Something changed that is about all models, or about all of a namespace."""
        for model in self._models(namespace):
            self._queue.put(model, NORMAL)

    def route(self, namespace: str, name: str) -> None:
        """A route of somebody else changed."""
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment", namespace)
        for model in models:
            ref = model.spec.route_ref
            if ref is not None and ref.name == name:
                self._queue.put(Key(namespace, model.metadata.name), NORMAL)

    def _models(self, namespace: str | None) -> list[Key]:
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment", namespace)
        return [Key(m.metadata.namespace, m.metadata.name) for m in models]


def _is_closed(kind: str, body: Mapping[str, Any]) -> bool:
    return kind == "Incident" and (body.get("status") or {}).get("phase") == IncidentPhase.CLOSED


def _services_of(model: AIModelDeployment) -> set[str]:
    """Services that a model names and Knowngood did not make."""
    ref = model.spec.route_ref
    adopted = {ref.adopt} if ref and ref.adopt else set()
    return {one.name for one in model.spec.serving.services or ()} | adopted
