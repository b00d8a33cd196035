"""A view of one kind of object, kept by LIST and watch.

Kopf is the informer of our own kinds. Kinds that change with every pod would cost it over a millisecond each, so they
come through here: nothing but the fields that are needed is kept.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

from knowngood.adapters.kubernetes.answers import Expired, NotFound
from knowngood.adapters.kubernetes.api import Api, Object
from knowngood.control.store import is_newer
from knowngood.errors import ApiError

logger = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_SECONDS: Final = 1.0
ABSENT_RETRY_SECONDS: Final = 15.0
RELIST_SECONDS: Final = 600.0


class Informer(Generic[T]):
    """Objects of one kind, reduced to what is needed, by namespace and name.

    Attributes:
        synced: Set once the first LIST is in the view, or once the kind is known to be absent from this cluster.
        absent: The API server does not know the kind.
    """

    def __init__(
        self,
        api: Api,
        path: str,
        reduce: Callable[[Object], T],
        changed: Callable[[str, str, T | None, T | None], None],
        query: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare a view.

        Args:
            api: Connection.
            path: Of the collection over all namespaces.
            reduce: Keeps what is needed of an object.
            changed: Called with namespace, name, and the reduced object before and after.
            query: Selectors.
        """
        self._api = api
        self._path = path
        self._reduce = reduce
        self._changed = changed
        self._query = dict(query or {})
        self._view: dict[tuple[str, str], T] = {}
        self._versions: dict[tuple[str, str], str] = {}
        self._gone: dict[tuple[str, str], str] = {}
        self.synced = asyncio.Event()
        self.absent = False

    def get(self, namespace: str, name: str) -> T | None:
        """Return one object, or None."""
        return self._view.get((namespace, name))

    def version(self, namespace: str, name: str) -> str:
        """Resource version at which an object was last seen; empty when it is not there."""
        return self._versions.get((namespace, name), "")

    def items(self) -> Mapping[tuple[str, str], T]:
        """Return the whole view, by namespace and name."""
        return self._view

    def put(self, body: Object) -> None:
        """Take an object from the watch or from the answer to a write of ours, whichever is newer.

        An answer that comes late brings nothing back that was seen to be deleted after it.
        """
        meta = body["metadata"]
        known = self._versions.get(_key(meta)) or self._gone.get(_key(meta), "")
        if is_newer(meta["resourceVersion"], known):
            self._set(meta, self._reduce(body))

    async def run(self) -> None:
        """Keep the view until cancelled; every failure is tried again."""
        while True:
            try:
                await self._follow()
            except NotFound:
                self.absent = True
                self.synced.set()
                await asyncio.sleep(ABSENT_RETRY_SECONDS)
            except Expired:
                continue
            except ApiError as error:
                logger.warning("view of %s: %s", self._path, error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        listed, version = await self._api.list(self._path, self._query)
        self.absent = False
        self._replace(listed)
        self.synced.set()
        until = asyncio.get_running_loop().time() + RELIST_SECONDS
        while asyncio.get_running_loop().time() < until:
            async for kind, body in self._api.watch(self._path, version, self._query):
                version = body["metadata"]["resourceVersion"]
                if kind == "DELETED":
                    self._set(body["metadata"], None)
                    self._gone[_key(body["metadata"])] = version
                elif kind != "BOOKMARK":
                    self.put(body)

    def _replace(self, bodies: list[Object]) -> None:
        seen = {_key(b["metadata"]): b for b in bodies}
        self._gone.clear()
        for namespace, name in [k for k in self._view if k not in seen]:
            self._set({"namespace": namespace, "name": name}, None)
        for body in seen.values():
            self._set(body["metadata"], self._reduce(body))

    def _set(self, meta: Mapping[str, Any], after: T | None) -> None:
        key = _key(meta)
        before = self._view.get(key)
        self._versions[key] = meta.get("resourceVersion", "")
        if after is None:
            self._versions.pop(key)
        if before == after:
            return
        if after is None:
            del self._view[key]
        else:
            self._view[key] = after
        self._changed(*key, before, after)


def _key(meta: Mapping[str, Any]) -> tuple[str, str]:
    return meta.get("namespace") or "", meta["name"]
