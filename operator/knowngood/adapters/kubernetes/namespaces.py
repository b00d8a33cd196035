"""Labels of namespaces, for policies of the whole cluster."""

from collections.abc import Mapping
from typing import Final

from knowngood.adapters.kubernetes.api import Object
from knowngood.adapters.kubernetes.informer import Informer

NAMESPACES: Final = "/api/v1/namespaces"

Labels = tuple[tuple[str, str], ...]


def reduce_namespace(body: Object) -> Labels:
    """Keep the labels."""
    return tuple(sorted((body["metadata"].get("labels") or {}).items()))


class NamespaceLabels:
    """The `Namespaces` port."""

    def __init__(self, namespaces: Informer[Labels]) -> None:
        self._namespaces = namespaces

    def labels(self, namespace: str) -> Mapping[str, str]:
        """Labels of a namespace; empty when it is not known."""
        return dict(self._namespaces.get("", namespace) or ())
