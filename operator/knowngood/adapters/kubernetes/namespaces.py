"""What is known of namespaces: their labels, for policies of the whole cluster, and whether they are ending."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from knowngood.adapters.kubernetes.api import Object
from knowngood.adapters.kubernetes.informer import Informer
from knowngood.decisions.freezing import FREEZE_ANNOTATION

NAMESPACES: Final = "/api/v1/namespaces"


@dataclass(frozen=True, slots=True)
class NamespaceView:
    """What is kept of a namespace."""

    labels: tuple[tuple[str, str], ...]
    ends: bool
    freeze: str


def reduce_namespace(body: Object) -> NamespaceView:
    """Keep the labels, whether it is being deleted, and whether people have frozen it."""
    meta = body["metadata"]
    labels = tuple(sorted((meta.get("labels") or {}).items()))
    freeze = (meta.get("annotations") or {}).get(FREEZE_ANNOTATION, "")
    return NamespaceView(labels, ends=bool(meta.get("deletionTimestamp")), freeze=freeze)


class KubernetesNamespaces:
    """The `Namespaces` port."""

    def __init__(self, namespaces: Informer[NamespaceView]) -> None:
        self._namespaces = namespaces

    def labels(self, namespace: str) -> Mapping[str, str]:
        """Labels of a namespace; empty when it is not known."""
        view = self._namespaces.get("", namespace)
        return dict(view.labels) if view else {}

    def ends(self, namespace: str) -> bool:
        """Whether a namespace is being deleted."""
        view = self._namespaces.get("", namespace)
        return view is not None and view.ends

    def freeze(self, namespace: str) -> str:
        """Why people have frozen a namespace; empty when they have not."""
        view = self._namespaces.get("", namespace)
        return view.freeze if view else ""
