"""Writes to objects of our own kinds."""

from collections.abc import Mapping
from typing import Any, Final

from knowngood.adapters.kubernetes.api import Api, Conflict, Object
from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.errors import Gone, Refused

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

    async def write_status(self, kind: str, meta: ObjectMeta, status: Mapping[str, Any]) -> Object:
        """Apply the whole of our status, for exactly this object.

        Raises:
            Gone: The object was deleted, or another one has its name.
        """
        body = self._body(kind, meta, {"status": status})
        try:
            return await self._api.apply(f"{self._path(kind, meta)}/status", body)
        except (Conflict, Refused) as error:
            if "uid" in str(error).lower():
                raise Gone(str(error)) from error
            raise

    async def set_labels(self, kind: str, meta: ObjectMeta, labels: Mapping[str, str]) -> None:
        """Set labels of ours on exactly this object."""
        body = {"metadata": {"uid": meta.uid, "labels": dict(labels)}}
        await self._api.merge(self._path(kind, meta), body)

    async def set_finalizer(self, kind: str, meta: ObjectMeta, *, present: bool) -> None:
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
        await self._api.merge(self._path(kind, meta), body)

    def _path(self, kind: str, meta: ObjectMeta) -> str:
        return f"{collection(kind, meta.namespace or None)}/{meta.name}"

    def _body(self, kind: str, meta: ObjectMeta, rest: Object) -> Object:
        namespace = {"namespace": meta.namespace} if meta.namespace else {}
        return {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": kind,
            "metadata": {"name": meta.name, "uid": meta.uid, **namespace},
            **rest,
        }


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
