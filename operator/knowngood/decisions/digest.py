"""The digest of a version: what must not change while its name stays the same.

It is taken over what the user wrote, as the API server returns it, never over a live Deployment: the server and
later Kubernetes versions add defaults there, and a new operator must not take that for a new version.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

SCHEME: Final = "v1"


def version_digest(serving: Mapping[str, Any], uri: str | None) -> str:
    """Digest a version's meaning.

    Args:
        serving: The part of the spec that makes the version: `{"deployment": {"ports": [...], "template": {...}}}` or
            `{"service": {"name": ..., "port": ...}}`. Replicas are no part of it.
        uri: `spec.model.uri`.

    Returns:
        `v1:sha256:<hex>` over canonical JSON.
    """
    text = json.dumps(
        {"serving": serving, "uri": uri or ""},
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )
    return f"{SCHEME}:sha256:{hashlib.sha256(text.encode()).hexdigest()}"
