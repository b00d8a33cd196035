"""The `Resources` and `Lister` ports in memory."""

from collections.abc import Mapping
from typing import Any, Final

from knowngood.adapters.memory.server import Line, MemoryServer, Object, copied
from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.errors import Changed, Gone

FINALIZER: Final = "knowngood.dev/cleanup"


class MemoryResources:
    """Writes to objects of our own kinds."""

    def __init__(self, server: MemoryServer, line: Line) -> None:
        self._server = server
        self._line = line

    async def create(self, manifest: Mapping[str, Any]) -> None:
        """Create an object; one that exists already is left as it is."""
        self._line.check()
        if self._server.create(manifest) is not None:
            self._line.done(f"create {manifest['kind']} {manifest['metadata']['name']}")

    async def confirm(self, kind: str, meta: ObjectMeta) -> None:
        """Make sure that an object is as it was seen."""
        self._check(kind, meta)

    async def write_status(self, kind: str, meta: ObjectMeta, status: Mapping[str, Any]) -> Object:
        """Replace an object's status; refused when the object was changed since."""
        self._check(kind, meta)
        return self._edit(kind, meta, "status", {"status": dict(status)})

    async def set_labels(self, kind: str, meta: ObjectMeta, labels: Mapping[str, str]) -> Object:
        """Set labels of ours on an object."""
        known = self._server.seen(kind, meta.namespace, meta.name) or {"metadata": {}}
        merged = {**(known["metadata"].get("labels") or {}), **labels}
        return self._edit(kind, meta, "labels", {}, labels=merged)

    async def delete(self, kind: str, meta: ObjectMeta) -> None:
        """Delete exactly this object; one that is gone, or another one by now, is fine."""
        self._line.check()
        found = self._server.seen(kind, meta.namespace, meta.name)
        if found is not None and found["metadata"]["uid"] == meta.uid:
            self._server.delete(kind, meta.namespace, meta.name, "")
            self._line.done(f"delete {kind} {meta.name}")

    async def set_finalizer(self, kind: str, meta: ObjectMeta, *, present: bool) -> Object:
        """Add or remove our finalizer; refused when the object was changed since."""
        self._check(kind, meta)
        others = [f for f in meta.finalizers if f != FINALIZER]
        wanted = [*others, FINALIZER] if present else others
        return self._edit(kind, meta, "finalizers", {}, finalizers=wanted)

    def _check(self, kind: str, meta: ObjectMeta) -> None:
        known = self._server.seen(kind, meta.namespace, meta.name)
        if known is None or known["metadata"]["uid"] != meta.uid:
            raise Gone(f"{kind} {meta.namespace}/{meta.name} with uid {meta.uid} is not there")
        if known["metadata"]["resourceVersion"] != meta.resource_version:
            raise Changed(
                f"{kind} {meta.namespace}/{meta.name} was changed meanwhile", copied(known)
            )

    def _edit(
        self, kind: str, meta: ObjectMeta, what: str, parts: Object, **in_meta: Any
    ) -> Object:
        self._line.check()

        def change(body: Object) -> None:
            body.update(parts)
            body["metadata"].update(in_meta)

        before = self._server.seen(kind, meta.namespace, meta.name)
        after = self._server.edit(kind, meta, change)
        if after != before:
            self._line.done(f"{what} of {kind} {meta.name}")
        return after


class MemoryLister:
    """Lists objects of our own kinds."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server

    async def list(self, kind: str) -> list[Object]:
        """Return all objects of one of our kinds."""
        return self._server.list(kind)
