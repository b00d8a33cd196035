"""From a pydantic model to a structural schema, the kind of schema that the API server accepts.

Pydantic writes JSON Schema 2020-12 with references, null types and titles. Kubernetes takes a
smaller language: everything inline, one type a node, defaults only where they are meant. What has
no counterpart there is an error here, so that nothing is lost silently.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from knowngood.api.hints import PRESERVE

Node = dict[str, Any]

_KEPT: Final = (
    "description",
    "type",
    "format",
    "enum",
    "default",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-preserve-unknown-fields",
    "required",
    "properties",
    "items",
    "additionalProperties",
    "x-kubernetes-validations",
)
"""Keywords of a structural schema that we use, in the order in which they are written."""

_DROPPED: Final = frozenset({"title", "$defs"})


def structural(model: type[BaseModel], *, defaults: bool) -> Node:
    """Build the structural schema of a model.

    Args:
        model: Its docstrings, of classes and of fields, are what `kubectl explain` prints.
        defaults: Write the defaults of fields into the schema. Never inside list items: GitOps
            tools compare lists as a whole and would see a difference for ever. Those defaults are
            the operator's. A status has none.

    Raises:
        ValueError: The model has something that a structural schema can not say.
    """
    document = model.model_json_schema(by_alias=True, mode="validation")
    inlined = _inline(document, document.get("$defs", {}), ())
    return _rewrite(inlined, model.__name__, defaults=defaults)


def _inline(node: Any, definitions: Mapping[str, Node], above: tuple[str, ...]) -> Any:
    """Put definitions in the place of references."""
    if isinstance(node, list):
        return [_inline(item, definitions, above) for item in node]
    if not isinstance(node, dict):
        return node
    rest = {
        k: _inline(v, definitions, above) for k, v in node.items() if k not in {"$ref", "$defs"}
    }
    if "$ref" not in node:
        return rest
    name = node["$ref"].rsplit("/", 1)[1]
    if name in above:
        raise ValueError(f"{name} contains itself: a structural schema ends somewhere")
    return {**_inline(definitions[name], definitions, (*above, name)), **rest}


def _rewrite(node: Node, where: str, *, defaults: bool) -> Node:
    node = _map(_required(node), where)
    for children in ("properties", "items", "additionalProperties"):
        if children not in node:
            continue
        if children == "properties":
            node[children] = {
                name: _rewrite(child, f"{where}.{name}", defaults=defaults)
                for name, child in node[children].items()
            }
        else:
            node[children] = _rewrite(node[children], f"{where}[]", defaults=False)
    if not defaults or node.get("default") in (None, {}, []):
        node.pop("default", None)
    if isinstance(node.get("default"), dict):
        # The API server takes no null for a field that may be absent.
        node["default"] = {k: v for k, v in node["default"].items() if v is not None}
    if "description" in node:
        node["description"] = _flow(node["description"])
    return _ordered(node, where)


def _required(node: Node) -> Node:
    """Unwrap what may be absent: pydantic says "this or null", Kubernetes does not require it."""
    if "anyOf" not in node:
        return dict(node)
    present = [option for option in node["anyOf"] if option != {"type": "null"}]
    if len(present) != 1:
        return dict(node)
    return {**present[0], **{k: v for k, v in node.items() if k != "anyOf"}}


def _map(node: Node, where: str) -> Node:
    """Say `x-kubernetes-preserve-unknown-fields` for objects whose fields we do not know."""
    if node.get("type") == "object" and node.get("additionalProperties") is True:
        node.pop("additionalProperties")
        node[PRESERVE] = True
    if "const" in node:
        node["enum"] = [node.pop("const")]
    if "type" not in node:
        raise ValueError(f"{where}: a structural schema has exactly one type for each node: {node}")
    return node


def _flow(text: str) -> str:
    """Undo the line breaks of the source; paragraphs stay apart."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _ordered(node: Node, where: str) -> Node:
    unknown = set(node) - set(_KEPT) - _DROPPED
    if unknown:
        raise ValueError(f"{where}: a structural schema has no {', '.join(sorted(unknown))}")
    return {key: node[key] for key in _KEPT if key in node}
