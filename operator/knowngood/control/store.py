"""What this process believes to exist: the objects of our own kinds, fed by events and corrected by LISTs.

Events can be missed (a watch that restarts tells nothing of what was deleted meanwhile), so a LIST runs after every
reconnect and now and then, and removes ghosts. The answers to our own writes are taken at once, and an event that is
older than what is known is dropped: a decision never sees a state older than its own last write.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
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
from knowngood.control.broken import Broken, broken_by

KINDS: Final[Mapping[str, type[BaseModel]]] = {
    "AIModelDeployment": AIModelDeployment,
    "AIModelVersion": AIModelVersion,
    "IncidentPolicy": IncidentPolicy,
    "ClusterIncidentPolicy": ClusterIncidentPolicy,
    "ClusterSignalTemplate": ClusterSignalTemplate,
    "Incident": Incident,
}

ENDED_KEPT: Final = 1000
"""How many deleted objects are remembered: far more than can be deleted while one write is under way."""


@dataclass(slots=True)
class _Entry:
    uid: str
    version: str
    parsed: BaseModel
    sequence: int


def is_newer(version: str, than: str) -> bool:
    """Say whether a resource version of one object is newer than another one.

    They are numbers that only rise in every API server there is, and since Kubernetes 1.35 that is promised. Where
    they are not numbers, only equality can be told.
    """
    if version.isdigit() and than.isdigit():
        return int(version) > int(than)
    return version != than


class Store:
    """Objects by kind and name.

    Attributes:
        ghosts: How many objects a LIST has shown to be gone without an event.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, dict[tuple[str, str], _Entry]] = {kind: {} for kind in KINDS}
        self._listed: dict[str, dict[str | None, list[Any]]] = {kind: {} for kind in KINDS}
        self._ended: OrderedDict[str, int] = OrderedDict()
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
        listed = self._listed[kind]
        if namespace not in listed:
            # Kept until something changes: every model asks for the records of its namespace, in every look and pass.
            entries = self._kinds[kind]
            keys = sorted(k for k in entries if namespace in {None, k[0]})
            listed[namespace] = [entries[k].parsed for k in keys]
        return list(listed[namespace])

    def put(self, kind: str, body: Mapping[str, Any]) -> bool:
        """Take an object from an event, or from the answer to a write of ours.

        Args:
            kind: One of `KINDS`.
            body: As the API server sent it.

        Returns:
            Whether anything changed.
        """
        meta = body["metadata"]
        known = self._kinds[kind].get((meta.get("namespace") or "", meta["name"]))
        if meta["uid"] in self._ended:
            return False
        if (
            known
            and known.uid == meta["uid"]
            and not is_newer(meta["resourceVersion"], known.version)
        ):
            return False
        return self._keep(kind, body)

    def correct(self, kind: str, body: Mapping[str, Any]) -> None:
        """Take an object as it was read just now, whatever was known: after a restore its version may be lower."""
        if body["metadata"]["uid"] not in self._ended:
            self._keep(kind, body)

    def end(self, kind: str, namespace: str, name: str, uid: str) -> bool:
        """Take the event of a deletion: the late answer to a write must not bring the object back as a ghost."""
        self._sequence += 1
        self._ended[uid] = self._sequence
        if len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)
        return self.remove(kind, namespace, name, uid)

    def remove(self, kind: str, namespace: str, name: str, uid: str) -> bool:
        """Take an object out; one that is meant for an earlier object of the same name changes nothing."""
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
            if self._ended.pop(meta["uid"], 0) > since:
                self._ended[meta["uid"]] = self._sequence
                continue  # it ended while the LIST was under way
            known = self._kinds[kind].get(key)
            if known is not None and known.sequence > since:
                continue
            # No comparison of versions here: after a restore from a backup they start again lower.
            same = known is not None and (known.uid, known.version) == (
                meta["uid"],
                meta["resourceVersion"],
            )
            if not same and self._keep(kind, body):
                changed.append(key)
        for key, entry in list(self._kinds[kind].items()):
            if key not in listed and entry.sequence <= since:
                self.remove(kind, *key, entry.uid)
                self.ghosts += 1
                changed.append(key)
        changed += self._forget_unreadable(kind, listed, since)
        return changed

    def _forget_unreadable(
        self, kind: str, listed: set[tuple[str, str]], since: int
    ) -> list[tuple[str, str]]:
        """Forget what could not be read and is not there any more, as a LIST shows."""
        mine = [(b.namespace, b.name) for b in self.broken.values() if b.kind == kind]
        gone = [k for k in mine if k not in listed and self.broken[kind, *k].sequence <= since]
        for key in gone:
            self._changed(kind)
            del self.broken[kind, *key]
            self.ghosts += 1
        return gone

    def _keep(self, kind: str, body: Mapping[str, Any]) -> bool:
        meta = body["metadata"]
        namespace, name = meta.get("namespace") or "", meta["name"]
        self._changed(kind)
        try:
            parsed = KINDS[kind].model_validate(body)
        except ValidationError as error:
            broken = broken_by(error, kind, body, self._sequence)
            known = self.broken.get((kind, namespace, name))
            self.broken[kind, namespace, name] = broken
            gone = self._kinds[kind].pop((namespace, name), None)
            return gone is not None or known != broken
        self.broken.pop((kind, namespace, name), None)
        self._kinds[kind][namespace, name] = _Entry(
            meta["uid"], meta["resourceVersion"], parsed, self._sequence
        )
        return True

    def unreadable(self, kind: str, namespace: str) -> list[Broken]:
        """Objects of a kind in a namespace that are there, and that this operator can not read."""
        found = (b for b in self.broken.values() if (b.kind, b.namespace) == (kind, namespace))
        return sorted(found, key=lambda each: each.name)

    def _changed(self, kind: str) -> None:
        self._listed[kind].clear()
        self._sequence += 1
        self._revisions[kind] += 1
