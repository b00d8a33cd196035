"""The CustomResourceDefinition of a kind."""

from typing import Any, Final

from knowngood.api.hints import RULES
from knowngood.api.schema import Node, structural
from knowngood.api.v1alpha1.resources import GROUP, VERSION, Column, Resource
from knowngood.api.v1alpha1.wire import Wire

CATEGORY: Final = "knowngood"

_TYPE_META: Final[dict[str, Node]] = {
    "apiVersion": {"description": "Version of the schema of this object.", "type": "string"},
    "kind": {"description": "Kind of this object.", "type": "string"},
    "metadata": {"type": "object"},  # the API server describes it itself and refuses more
}


def definition(resource: Resource) -> dict[str, Any]:
    """Build the CustomResourceDefinition that a kind is installed with."""
    version = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}, **_scale(resource)},
        "additionalPrinterColumns": [_column(column) for column in resource.columns],
        "schema": {"openAPIV3Schema": _root(resource.model)},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": resource.crd},
        "spec": {
            "group": GROUP,
            "names": {
                "kind": resource.kind,
                "listKind": f"{resource.kind}List",
                "plural": resource.plural,
                "singular": resource.kind.lower(),
                "shortNames": [resource.short],
                "categories": [CATEGORY],
            },
            "scope": resource.scope.value,
            "versions": [version],
        },
    }


def _scale(resource: Resource) -> dict[str, Any]:
    if resource.scaled is None:
        return {}
    paths = {
        "specReplicasPath": resource.scaled.wanted,
        "statusReplicasPath": resource.scaled.there,
        "labelSelectorPath": resource.scaled.selector,
    }
    return {"scale": paths}


def _root(model: type[Wire]) -> Node:
    """Put the parts together: the spec with its defaults, the status without any."""
    whole = structural(model, defaults=False)
    specified = structural(model, defaults=True)["properties"]["spec"]
    root: Node = {
        "description": whole["description"],
        "type": "object",
        "required": ["spec"],
        "properties": {
            **_TYPE_META,
            "spec": specified,
            "status": whole["properties"]["status"],
        },
    }
    if RULES in whole:
        root[RULES] = whole[RULES]
    return root


def _column(column: Column) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": column.name, "type": column.kind, "jsonPath": column.path}
    return {**shown, "priority": 1} if column.wide else shown
