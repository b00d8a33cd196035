"""What this process believes to exist: the objects of our own kinds, fed by events and corrected by LISTs.

Events can be missed (a watch that restarts tells nothing of what was deleted meanwhile), so a LIST runs after every
reconnect and now and then, and removes ghosts. Our own writes come back as events; until the echo of a write has come,
older events about that object are dropped, so that a decision never sees a state older than its own last write.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    ClusterIncidentPolicy,
    ClusterSignalTemplate,
    Incident,
    IncidentPolicy,
)

KINDS: Final[Mapping[str, type[BaseModel]]] = {
    "AIModelDeployment": AIModelDeployment,
    "AIModelVersion": AIModelVersion,
    "IncidentPolicy": IncidentPolicy,
    "ClusterIncidentPolicy": ClusterIncidentPolicy,
    "ClusterSignalTemplate": ClusterSignalTemplate,
    "Incident": Incident,
}

ECHO_TIMEOUT: Final = 10.0
"""Seconds after which the echo of a write is given up."""


@dataclass(slots=True)
class _Entry:
    uid: str
    version: str
    parsed: BaseModel
    sequence: int


@dataclass(frozen=True, slots=True)
class Broken:
    """An object that this operator cannot read."""

    kind: str
    namespace: str
    name: str
    why: str


class Store:
    """Objects by kind and name.

    Attributes:
        ghosts: How many objects a LIST has shown to be gone without an event.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._kinds: dict[str, dict[tuple[str, str], _Entry]] = {kind: {} for kind in KINDS}
        self._echoes: dict[str, tuple[str, float]] = {}
        self._sequence = 0
        self._revisions: dict[str, int] = dict.fromkeys(KINDS, 0)
        self.ghosts = 0
        self.broken: dict[tuple[str, str, str], Broken] = {}

    @property
    def sequence(self) -> int:
        """Rises with every change; note it before a LIST starts."""
        return self._sequence

    def revision(self, kind: str) -> int:
        """Rises whenever an object of the kind changes, comes or goes."""
        return self._revisions[kind]

    def count(self, kind: str) -> int:
        """How many objects of a kind there are."""
        return len(self._kinds[kind])

    def get(self, kind: str, namespace: str, name: str) -> Any | None:
        """Return an object, or None."""
        entry = self._kinds[kind].get((namespace, name))
        return entry.parsed if entry else None

    def all(self, kind: str, namespace: str | None = None) -> list[Any]:
        """Return the objects of a kind, in the order of their names."""
        entries = self._kinds[kind]
        return [entries[k].parsed for k in sorted(entries) if namespace in {None, k[0]}]

    def put(self, kind: str, body: Mapping[str, Any], *, listed: bool = False) -> bool:
        """Take an object from an event.

        Args:
            kind: One of `KINDS`.
            body: As the API server sent it.
            listed: It comes from a LIST, so it is newer than any write whose answer we have.

        Returns:
            Whether anything changed.
        """
        meta = body["metadata"]
        if self._is_older_than_our_write(meta, listed=listed):
            return False
        known = self._kinds[kind].get((meta.get("namespace") or "", meta["name"]))
        if known and known.uid == meta["uid"] and known.version == meta["resourceVersion"]:
            return False
        return self._keep(kind, body)

    def wrote(self, kind: str, body: Mapping[str, Any]) -> None:
        """Take the answer to a write of ours, and ignore older events until its echo comes."""
        meta = body["metadata"]
        self._echoes[meta["uid"]] = (meta["resourceVersion"], self._monotonic() + ECHO_TIMEOUT)
        self._keep(kind, body)

    def remove(self, kind: str, namespace: str, name: str, uid: str) -> bool:
        """Take a deletion; one that is meant for an earlier object of the same name changes nothing."""
        self._echoes.pop(uid, None)
        self.broken.pop((kind, namespace, name), None)
        entry = self._kinds[kind].get((namespace, name))
        if entry is None or entry.uid != uid:
            return False
        self._changed(kind)
        del self._kinds[kind][namespace, name]
        return True

    def reconcile(
        self, kind: str, bodies: Iterable[Mapping[str, Any]], since: int
    ) -> list[tuple[str, str]]:
        """Correct the store by a whole LIST of one kind.

        Args:
            kind: One of `KINDS`.
            bodies: Every object of that kind.
            since: `sequence` before the LIST started; what changed later is left alone.

        Returns:
            Namespace and name of the objects that changed or went.
        """
        changed: list[tuple[str, str]] = []
        listed: set[tuple[str, str]] = set()
        for body in bodies:
            meta = body["metadata"]
            key = (meta.get("namespace") or "", meta["name"])
            listed.add(key)
            known = self._kinds[kind].get(key)
            if (known is None or known.sequence <= since) and self.put(kind, body, listed=True):
                changed.append(key)
        for key, entry in list(self._kinds[kind].items()):
            if key not in listed and entry.sequence <= since:
                self.remove(kind, *key, entry.uid)
                self.ghosts += 1
                changed.append(key)
        return changed

    def _is_older_than_our_write(self, meta: Mapping[str, Any], *, listed: bool) -> bool:
        echo = self._echoes.get(meta["uid"])
        if echo is None:
            return False
        awaited, until = echo
        if listed or meta["resourceVersion"] == awaited or self._monotonic() > until:
            del self._echoes[meta["uid"]]
            return False
        return True

    def _keep(self, kind: str, body: Mapping[str, Any]) -> bool:
        meta = body["metadata"]
        namespace, name = meta.get("namespace") or "", meta["name"]
        self._changed(kind)
        try:
            parsed = KINDS[kind].model_validate(body)
        except ValidationError as error:
            why = "; ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3]
            )
            self.broken[kind, namespace, name] = Broken(kind, namespace, name, why)
            return self._kinds[kind].pop((namespace, name), None) is not None
        self.broken.pop((kind, namespace, name), None)
        self._kinds[kind][namespace, name] = _Entry(
            meta["uid"], meta["resourceVersion"], parsed, self._sequence
        )
        return True

    def _changed(self, kind: str) -> None:
        self._sequence += 1
        self._revisions[kind] += 1
