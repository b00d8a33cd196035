"""The port of what keeps the oldest entries of long timelines. Nothing that decides about models knows of it."""

from collections.abc import Mapping
from typing import Any, Protocol


class Archives(Protocol):
    """Keeps ConfigMaps that nobody changes."""

    async def keep(self, manifest: Mapping[str, Any]) -> None:
        """Create a ConfigMap; one that is there already and has the same contents is fine.

        Raises:
            Claimed: One of that name has other contents.
            Refused: It may not be created.
            Unavailable: The API server does not answer.
            NotLeader: This process may not write.
        """
        ...
