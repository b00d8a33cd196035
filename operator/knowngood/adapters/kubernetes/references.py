"""Whether objects that users make are there. Their contents are not asked for: only their metadata is sent."""

from typing import Final

from knowngood.adapters.kubernetes.api import Api
from knowngood.decisions.references import Reference

_PLURALS: Final = {
    "ConfigMap": "configmaps",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "ServiceAccount": "serviceaccounts",
}


class KubernetesReferences:
    """The `References` port on the API server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def exists(self, namespace: str, reference: Reference) -> bool:
        """Say whether an object is there."""
        if not reference.can_exist:
            return False  # and its name must not become a part of a path
        plural = _PLURALS[reference.kind]
        return await self._api.exists(f"/api/v1/namespaces/{namespace}/{plural}/{reference.name}")
