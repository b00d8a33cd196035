"""Writes to objects of our own kinds, whose answers are known at once: no decision sees less than the one before."""

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol, Self, TypeVar

from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.api.v1alpha1.wire import Wire
from knowngood.control.ports import Resources
from knowngood.control.store import Store
from knowngood.errors import Changed, Gone


class Kept(Protocol):
    """An object of one of our kinds, as it was seen."""

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        ...

    @property
    def metadata(self) -> ObjectMeta:
        """Which object, and which version of it."""
        ...

    @property
    def status(self) -> Wire | None:
        """What was written last."""
        ...

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """Read an object as the API server sent it."""
        ...


Seen = TypeVar("Seen", bound=Kept)
Answer = TypeVar("Answer")


class Writer:
    """Writes through the `Resources` port and keeps the store up to date.

    All raise what the port raises. The next pass decides anew: after `Changed` the store has the object as it is now,
    after `Gone` it has none.
    """

    def __init__(self, store: Store, resources: Resources) -> None:
        self._store = store
        self._resources = resources

    async def create(self, manifest: Mapping[str, Any]) -> None:
        """Create an object; one that exists already is left as it is."""
        await self._resources.create(manifest)

    async def delete(self, seen: Kept) -> None:
        """Delete exactly this object."""
        await self._resources.delete(seen.kind, seen.metadata)

    async def confirm(self, seen: Kept) -> None:
        """Make sure that an object is as it was seen."""
        await self._told(seen, self._resources.confirm(seen.kind, seen.metadata))

    async def status(self, seen: Seen, status: Wire) -> Seen:
        """Write a status unless it is there already, and return the object as it is then."""
        if seen.status == status:
            return seen  # as most are: rendering both would take longer than all else
        body = status.wire()
        if seen.status is not None and seen.status.wire() == body:
            return seen  # they differ by what is not written: parts of seconds
        return await self._keep(seen, self._resources.write_status(seen.kind, seen.metadata, body))

    async def labels(self, seen: Seen, labels: Mapping[str, str]) -> Seen:
        """Set labels unless they are there already, and return the object as it is then."""
        if labels.items() <= seen.metadata.labels.items():
            return seen
        return await self._keep(seen, self._resources.set_labels(seen.kind, seen.metadata, labels))

    async def hold(self, seen: Seen) -> Seen:
        """Add our finalizer, and return the object as it is then."""
        return await self._keep(
            seen, self._resources.set_finalizer(seen.kind, seen.metadata, present=True)
        )

    async def release(self, seen: Kept) -> None:
        """Take our finalizer away. A deleted object is gone with it, so the answer is not kept."""
        await self._told(
            seen, self._resources.set_finalizer(seen.kind, seen.metadata, present=False)
        )

    async def _keep(self, seen: Seen, write: Awaitable[Mapping[str, Any]]) -> Seen:
        answer = await self._told(seen, write)
        self._store.put(seen.kind, answer)
        return type(seen).model_validate(answer)

    async def _told(self, seen: Kept, write: Awaitable[Answer]) -> Answer:
        meta = seen.metadata
        try:
            return await write
        except Changed as error:
            self._store.correct(seen.kind, error.found)
            raise
        except Gone:
            self._store.remove(seen.kind, meta.namespace or "", meta.name, meta.uid)
            raise
