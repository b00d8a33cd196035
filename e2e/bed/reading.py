"""Reading objects of the cluster as plain values, many times a second."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException

Json = dict[str, Any]

_GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "aimodeldeployments": ("knowngood.dev", "v1alpha1"),
    "aimodelversions": ("knowngood.dev", "v1alpha1"),
    "incidents": ("knowngood.dev", "v1alpha1"),
    "httproutes": ("gateway.networking.k8s.io", "v1"),
    "deployments": ("apps", "v1"),
    "leases": ("coordination.k8s.io", "v1"),
    "horizontalpodautoscalers": ("autoscaling", "v2"),
    "poddisruptionbudgets": ("policy", "v1"),
    "events": ("events.k8s.io", "v1"),
}
_GONE: Final = 404


class Reader:
    """Reads as the administrator. Kinds are named as kubectl names them, in the plural."""

    def __init__(self, kubeconfig: Path) -> None:
        api = config.new_client_from_config(str(kubeconfig))  # type: ignore[no-untyped-call]  # it ships none
        self._objects = client.CustomObjectsApi(api)
        self._core = client.CoreV1Api(api)
        self._api = api

    def get(self, kind: str, namespace: str, name: str) -> Json | None:
        """Return an object, or None if there is none."""
        try:
            found = self._objects.get_namespaced_custom_object(
                *_GROUPS[kind], namespace, kind, name
            )
        except ApiException as error:
            if error.status == _GONE:
                return None
            raise
        return cast("Json", found)

    def all(self, kind: str, namespace: str, labels: str = "") -> list[Json]:
        """Return the objects of a namespace that carry the labels, in the order of the API."""
        found = self._objects.list_namespaced_custom_object(
            *_GROUPS[kind], namespace, kind, label_selector=labels
        )
        return cast("list[Json]", cast("Json", found)["items"])

    def pods(self, namespace: str, labels: str = "") -> list[Json]:
        """Return the pods of a namespace that carry the labels."""
        found = self._core.list_namespaced_pod(namespace, label_selector=labels)
        return [cast("Json", self._api.sanitize_for_serialization(pod)) for pod in found.items]

    def namespace_exists(self, name: str) -> bool:
        """Say whether there is such a namespace, also one that is about to go."""
        try:
            self._core.read_namespace(name)
        except ApiException as error:
            if error.status == _GONE:
                return False
            raise
        return True

    def follow(self, kind: str, namespace: str, seconds: int) -> Iterator[Json]:
        """Yield the objects of a namespace, and each again when it changes, for some seconds."""
        stream = watch.Watch().stream(  # type: ignore[no-untyped-call]  # it ships none
            self._objects.list_namespaced_custom_object,
            *_GROUPS[kind],
            namespace,
            kind,
            timeout_seconds=seconds,
        )
        for event in stream:
            yield cast("Json", event["object"])
