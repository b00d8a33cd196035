"""Objects as an API server keeps them: uids, versions, finalizers, and events for whoever watches."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.errors import Gone

T = TypeVar("T")
Object = dict[str, Any]
Watcher = Callable[[str, str, Object], None]
"""Called with the kind, the event's type and the object."""

Name = tuple[str, str, str]
FIRST_VERSION: Final = 100


class MemoryServer:
    """An API server without a network.

    Attributes:
        writes: What was changed, in order, in words: a write that changes nothing is not among them.
    """

    def __init__(self) -> None:
        self._objects: dict[Name, Object] = {}
        self._versions = itertools.count(FIRST_VERSION)
        self._uids = itertools.count(1)
        self._watchers: list[Watcher] = []
        self.writes: list[str] = []

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Tell a watcher of every change from now on; the answer ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def list(self, kind: str) -> list[Object]:
        """Return all objects of a kind."""
        return [copied(o) for (k, _, _), o in sorted(self._objects.items()) if k == kind]

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """Return an object, or None."""
        return copied(self._objects.get((kind, namespace, name)))

    def seen(self, kind: str, namespace: str, name: str) -> Object | None:
        """Return an object as it is kept, to be read only; what changes an object puts another one in its place."""
        return self._objects.get((kind, namespace, name))

    def create(self, manifest: Mapping[str, Any]) -> Object | None:
        """Create an object; None when one of that name exists."""
        key = _name(manifest)
        if key in self._objects:
            return None
        body = copied(dict(manifest))
        body.pop("status", None)
        meta = body["metadata"] = dict(body["metadata"])
        meta |= {"uid": f"uid-{next(self._uids)}", "generation": 1}
        return self._store(key, body, "ADDED")

    def edit(self, kind: str, meta: ObjectMeta, change: Callable[[Object], None]) -> Object:
        """Change exactly this object; its generation rises with its spec, its version with anything.

        Raises:
            Gone: There is no such object, or another one has its name.
        """
        key = (kind, meta.namespace, meta.name)
        known = self._objects.get(key)
        if known is None or known["metadata"]["uid"] != meta.uid:
            raise Gone(f"{kind} {meta.namespace}/{meta.name} with uid {meta.uid} is not there")
        body = copied(known)
        change(body)
        if body == known:
            return body
        if body["spec"] != known["spec"]:
            body["metadata"]["generation"] += 1
        if body["metadata"].get("deletionTimestamp") and not body["metadata"].get("finalizers"):
            return self._forget(key, body)
        return self._store(key, body, "MODIFIED")

    def patch(
        self, kind: str, namespace: str, name: str, change: Callable[[Object], None]
    ) -> Object:
        """Change an object, as a person does."""
        found = self._objects[kind, namespace, name]
        return self.edit(kind, ObjectMeta.model_validate(found["metadata"]), change)

    def restore(self, kind: str, namespace: str, name: str, *, version: str) -> None:
        """Number an object as a restore from a backup does; nobody who watches is told."""
        body = self._objects[kind, namespace, name]
        meta = {**body["metadata"], "resourceVersion": version}
        self._objects[kind, namespace, name] = {**body, "metadata": meta}

    def delete(self, kind: str, namespace: str, name: str, at: str) -> None:
        """Delete an object, or mark it as deleted at `at` while finalizers hold it."""
        key = (kind, namespace, name)
        body = self._objects.get(key)
        if body is None:
            return
        if body["metadata"].get("finalizers"):
            self.patch(kind, namespace, name, lambda o: o["metadata"].update(deletionTimestamp=at))
        else:
            self._forget(key, copied(body))

    def _store(self, key: Name, body: Object, event: str) -> Object:
        body["metadata"]["resourceVersion"] = str(next(self._versions))
        self._objects[key] = body
        return self._tell(key, body, event)

    def _forget(self, key: Name, body: Object) -> Object:
        body["metadata"]["resourceVersion"] = str(next(self._versions))
        del self._objects[key]
        return self._tell(key, body, "DELETED")

    def _tell(self, key: Name, body: Object, event: str) -> Object:
        self.writes.append(f"{event} {'/'.join(key)}")
        for watcher in tuple(self._watchers):
            watcher(key[0], event, copied(body))
        return copied(body)


class Line:
    """A process' way to the outside: every write goes through here, and it can break.

    Attributes:
        broken: What every further write raises; None while all is well.
    """

    def __init__(self, fence: Callable[[], int]) -> None:
        self._fence = fence
        self.broken: BaseException | None = None
        self.sent: list[str] = []
        self.after: Callable[[int], None] = lambda _: None

    def check(self) -> None:
        """Ask whether a write may be sent.

        Raises:
            NotLeader: This process may not write.
        """
        if self.broken is not None:
            raise self.broken
        self._fence()

    def done(self, what: str) -> None:
        """Note a write that has taken effect."""
        self.sent.append(what)
        self.after(len(self.sent))


def copied(value: T) -> T:
    """Copy what JSON can say: several times quicker than `copy.deepcopy`, which must expect anything."""
    return cast("T", _copied(value))


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _name(body: Mapping[str, Any]) -> Name:
    meta = body["metadata"]
    return body["kind"], meta.get("namespace") or "", meta["name"]
