"""What the pods of versions run: pods of Knowngood's Deployments, reduced to image ids."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from knowngood.adapters.kubernetes.api import Object
from knowngood.control.ports import Key
from knowngood.decisions.naming import MODEL_LABEL, VERSION_LABEL

PODS: Final = "/api/v1/pods"
_OVER: Final = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True)
class PodView:
    """What is kept of a pod.

    Attributes:
        images: Container and image id, as the node tells them; none of a pod that ends or has ended.
    """

    model: str
    version: str
    images: frozenset[tuple[str, str]]


def reduce_pod(body: Object) -> PodView:
    """Keep what the pod's containers run."""
    meta, status = body["metadata"], body.get("status") or {}
    labels = meta.get("labels") or {}
    over = meta.get("deletionTimestamp") or status.get("phase") in _OVER
    listed = (
        *(status.get("containerStatuses") or ()),
        *(status.get("initContainerStatuses") or ()),
    )
    images = {(str(one["name"]), str(one.get("imageID") or "")) for one in listed}
    known = frozenset(() if over else ((name, image) for name, image in images if image))
    return PodView(labels.get(MODEL_LABEL, ""), labels.get(VERSION_LABEL, ""), known)


class PodIndex:
    """The `Images` port: pods by model."""

    def __init__(self) -> None:
        self._pods: dict[Key, dict[str, PodView]] = defaultdict(dict)

    def changed(
        self, namespace: str, name: str, before: PodView | None, after: PodView | None
    ) -> None:
        """Take a change from the informer."""
        if before is not None:
            key = Key(namespace, before.model)
            self._pods[key].pop(name, None)
            if not self._pods[key]:
                del self._pods[key]
        if after is not None:
            self._pods[Key(namespace, after.model)][name] = after

    def images(self, key: Key) -> Mapping[str, frozenset[tuple[str, str]]]:
        """Container and image id of a model's pods, by version."""
        found: dict[str, frozenset[tuple[str, str]]] = {}
        for view in self._pods.get(key, {}).values():
            found[view.version] = found.get(view.version, frozenset()) | view.images
        return found
