"""The `Archives` port in memory."""

from collections.abc import Mapping
from typing import Any

from knowngood.adapters.memory.server import Line, MemoryServer
from knowngood.errors import Claimed, Refused


class MemoryArchives:
    """Keeps ConfigMaps.

    Attributes:
        asked: How often one was to be kept.
        forbidden: Why none may be created; empty where that is allowed.
    """

    def __init__(self, server: MemoryServer, line: Line, forbidden: str = "") -> None:
        self._server = server
        self._line = line
        self.forbidden = forbidden
        self.asked = 0

    async def keep(self, manifest: Mapping[str, Any]) -> None:
        """Create a ConfigMap; one that is there already and has the same contents is fine."""
        self._line.check()
        self.asked += 1
        if self.forbidden:
            raise Refused(self.forbidden)
        meta = manifest["metadata"]
        if self._server.create(manifest) is not None:
            self._line.done(f"create ConfigMap {meta['name']}")
            return
        found = self._server.get("ConfigMap", meta["namespace"], meta["name"]) or {}
        if found.get("data") != manifest["data"] or not found.get("immutable"):
            raise Claimed(f"ConfigMap {meta['namespace']}/{meta['name']} has other contents")
