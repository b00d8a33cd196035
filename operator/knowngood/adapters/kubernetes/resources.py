"""Writes to objects of our own kinds."""

from collections.abc import Awaitable, Mapping
from typing import Any, Final

from knowngood.adapters.kubernetes.answers import Conflict
from knowngood.adapters.kubernetes.api import Api, Object
from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.errors import Changed, Gone, Refused

GROUP: Final = "knowngood.dev"
VERSION: Final = "v1alpha1"
FINALIZER: Final = "knowngood.dev/cleanup"

PLURALS: Final[Mapping[str, str]] = {
    "AIModelDeployment": "aimodeldeployments",
    "AIModelVersion": "aimodelversions",
    "IncidentPolicy": "incidentpolicies",
    "ClusterIncidentPolicy": "clusterincidentpolicies",
    "ClusterSignalTemplate": "clustersignaltemplates",
    "Incident": "incidents",
}


def collection(kind: str, namespace: str | None = None) -> str:
    """Path of a collection of ours, over all namespaces when none is given."""
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"/apis/{GROUP}/{VERSION}{scope}/{PLURALS[kind]}"


class KubernetesResources:
    """The `Resources` port on the API server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def create(self, manifest: Mapping[str, Any]) -> None:
        """Create an object; one that exists already is left as it is."""
        meta = manifest["metadata"]
        try:
            await self._api.create(collection(manifest["kind"], meta.get("namespace")), manifest)
        except Conflict:
            return

    async def confirm(self, kind: str, meta: ObjectMeta) -> None:
        """Make sure that exactly this object is as it was seen."""
        found = await self._found(kind, meta)
        if found["metadata"]["resourceVersion"] != meta.resource_version:
            raise Changed(_changed(kind, meta), found)

    async def write_status(self, kind: str, meta: ObjectMeta, status: Mapping[str, Any]) -> Object:
        """Replace the status of exactly this object, as it was seen.

        Raises:
            Gone: The object was deleted, or another one has its name.
            Changed: Somebody has changed it since.
        """
        path = f"{self._path(kind, meta)}/status"
        return await self._meant(kind, meta, self._api.set_part(path, meta, "/status", status))

    async def set_labels(self, kind: str, meta: ObjectMeta, labels: Mapping[str, str]) -> Object:
        """Set labels of ours on exactly this object."""
        body = {"metadata": {"uid": meta.uid, "labels": dict(labels)}}
        return await self._meant(
            kind, meta, self._api.merge(self._path(kind, meta), body), as_seen=False
        )

    async def delete(self, kind: str, meta: ObjectMeta) -> None:
        """Delete exactly this object; one that is gone, or another one by now, is fine."""
        try:
            await self._api.delete(self._path(kind, meta), uid=meta.uid)
        except Conflict:
            return

    async def set_finalizer(self, kind: str, meta: ObjectMeta, *, present: bool) -> Object:
        """Add or remove our finalizer; other finalizers stay, because the patch is refused if the object changed."""
        others = [f for f in meta.finalizers if f != FINALIZER]
        wanted = [*others, FINALIZER] if present else others
        body = {
            "metadata": {
                "uid": meta.uid,
                "resourceVersion": meta.resource_version,
                "finalizers": wanted,
            }
        }
        return await self._meant(kind, meta, self._api.merge(self._path(kind, meta), body))

    async def _meant(
        self, kind: str, meta: ObjectMeta, write: Awaitable[Object], *, as_seen: bool = True
    ) -> Object:
        """Tell a refusal because the object is another one, or has changed, from every other one.

        The server's words do not.
        """
        try:
            return await write
        except (Conflict, Refused) as error:
            found = await self._found(kind, meta)
            if as_seen and found["metadata"]["resourceVersion"] != meta.resource_version:
                raise Changed(_changed(kind, meta), found) from error
            raise

    async def _found(self, kind: str, meta: ObjectMeta) -> Object:
        """Read exactly this object by a list: that needs no right that the views do not need anyway."""
        name = {"fieldSelector": f"metadata.name={meta.name}"}
        items, _ = await self._api.list(collection(kind, meta.namespace or None), name)
        if not items or items[0]["metadata"]["uid"] != meta.uid:
            raise Gone(f"{kind} {meta.namespace}/{meta.name} is not there, or is another one now")
        return items[0]

    def _path(self, kind: str, meta: ObjectMeta) -> str:
        return f"{collection(kind, meta.namespace or None)}/{meta.name}"


def _changed(kind: str, meta: ObjectMeta) -> str:
    return f"{kind} {meta.namespace}/{meta.name} was changed meanwhile"


class KubernetesLister:
    """The `Lister` port on the API server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(self, kind: str) -> list[Object]:
        """Return all objects of one of our kinds.

        Raises:
            ApiError: The API server did not answer, or does not know the kind.
        """
        items, _ = await self._api.list(collection(kind))
        return items
