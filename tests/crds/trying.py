"""What the API server says of objects, over one connection: a kubectl for each takes longer to start than to ask."""

import json
from pathlib import Path
from typing import Any, Final

from kubernetes import client, config

from knowngood.api.v1alpha1.resources import GROUP, RESOURCES, VERSION, Scope
from tests.crds.manifests import Manifest

_KINDS: Final = {resource.kind: resource for resource in RESOURCES}
_STRICTLY: Final[Manifest] = {
    "dry_run": "All",
    "field_validation": "Strict",
    "field_manager": "kubectl",
}
"""As kubectl does it: what is not in the schema is refused, and objects that it has applied are its own."""

_APPLY: Final = "application/apply-patch+yaml"


class Refused(Exception):
    """The API server does not take an object; the message is its own."""


class Server:
    """Tries objects of our kinds; none is kept."""

    def __init__(self, kubeconfig: Path) -> None:
        api = config.new_client_from_config(str(kubeconfig))  # type: ignore[no-untyped-call]  # it ships none
        self._objects: Any = client.CustomObjectsApi(api)

    def create(self, manifest: Manifest) -> None:
        """Try to create an object.

        Raises:
            Refused: The API server does not take it.
        """
        place = self._place(manifest)
        named = "namespaced" if "namespace" in place else "cluster"
        create = getattr(self._objects, f"create_{named}_custom_object")
        _try(create, body=manifest, **place)

    def apply(self, manifest: Manifest) -> None:
        """Try to apply an object on the server's side, whether it exists or not; raises as `create` does."""
        place = self._place(manifest) | {"name": manifest["metadata"]["name"]}
        named = "namespaced" if "namespace" in place else "cluster"
        patch = getattr(self._objects, f"patch_{named}_custom_object")
        _try(patch, body=manifest, _content_type=_APPLY, **place)

    @staticmethod
    def _place(manifest: Manifest) -> dict[str, str]:
        resource = _KINDS[manifest["kind"]]
        place = {"group": GROUP, "version": VERSION, "plural": resource.plural}
        if resource.scope is Scope.CLUSTER:
            return place
        return place | {"namespace": manifest["metadata"].get("namespace", "default")}


def _try(call: Any, **words: Any) -> None:
    try:
        call(**words, **_STRICTLY)
    except client.ApiException as error:
        raise Refused(json.loads(error.body or "{}").get("message", str(error))) from error
