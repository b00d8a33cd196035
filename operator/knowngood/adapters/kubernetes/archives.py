"""The `Archives` port on the API server, whose ConfigMaps can be immutable."""

from collections.abc import Mapping
from typing import Any

from knowngood.adapters.kubernetes.answers import Conflict
from knowngood.adapters.kubernetes.api import Api
from knowngood.errors import Claimed


class KubernetesArchives:
    """Keeps ConfigMaps in the namespaces of incidents."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def keep(self, manifest: Mapping[str, Any]) -> None:
        """Create a ConfigMap; one that is there already and has the same contents is fine."""
        meta = manifest["metadata"]
        path = f"/api/v1/namespaces/{meta['namespace']}/configmaps"
        try:
            await self._api.create(path, manifest)
        except Conflict:
            found = await self._api.get(f"{path}/{meta['name']}")
            if found.get("data") != manifest["data"] or not found.get("immutable"):
                text = f"ConfigMap {meta['namespace']}/{meta['name']} has other contents"
                raise Claimed(text) from None
