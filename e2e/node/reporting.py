"""Telling the API server how a pod is."""

import asyncio
import logging
from collections.abc import Sequence

from e2e.node import clock
from e2e.node.api import Api, ApiError, Json
from e2e.node.status import ContainerStatus, PodFacts, pod_status

_LOG = logging.getLogger(__name__)
_GONE = frozenset({404, 409, 422})  # deleted, or another pod of the same name by now
_RETRY_S = 0.3


class Reporter:
    """Writes the status of one pod whenever it differs from what was written."""

    def __init__(self, api: Api, manifest: Json, containers: Sequence[ContainerStatus]) -> None:
        metadata = manifest["metadata"]
        self._api = api
        self._uid = metadata["uid"]
        self._path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/status"
        self._restart_policy = manifest["spec"].get("restartPolicy", "Always")
        self._containers = containers
        self._changed = asyncio.Event()
        self._writing = asyncio.Lock()  # an older status must not arrive after a newer one
        self._written: Json = {}
        self._transitions: dict[str, tuple[str, str]] = {}
        self.facts: PodFacts | None = None

    def changed(self) -> None:
        """Have the status written soon; many calls may end in one write."""
        self._changed.set()

    async def run(self) -> None:
        """Write whenever something changed, until the pod is gone."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.write()
            except ApiError as error:
                if error.status in _GONE:
                    return
                _LOG.warning("status: %s", error)
                await asyncio.sleep(_RETRY_S)
                self._changed.set()

    async def write(self) -> None:
        """Write the status now, if it differs.

        Raises:
            ApiError: it could not be written.
        """
        async with self._writing:
            status = pod_status(self._containers, self.facts, self._restart_policy)
            for condition in status["conditions"]:
                condition["lastTransitionTime"] = self._since(
                    condition["type"], condition["status"]
                )
            if status != self._written:
                body = {"metadata": {"uid": self._uid}, "status": status}  # uid: a precondition
                await self._api.patch(self._path, body)
                self._written = status

    def _since(self, kind: str, value: str) -> str:
        if self._transitions.get(kind, ("", ""))[0] != value:
            self._transitions[kind] = (value, clock.seconds())
        return self._transitions[kind][1]
