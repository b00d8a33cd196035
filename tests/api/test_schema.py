from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import pytest
from pydantic import BaseModel, Field

from knowngood.api.hints import cel, checked, keyed, listed, validated_by
from knowngood.api.schema import structural
from knowngood.api.v1alpha1.wire import Wire


class Leaf(Wire):
    """A leaf.

    With a second
    paragraph.
    """

    size: int = 3
    """Its size."""


class Tree(Wire):
    """A tree."""

    model_config = validated_by(cel("has(self.leaf)", "a leaf", path=".leaf"))

    leaf: Leaf | None = None
    """The first
    leaf."""
    leaves: Annotated[tuple[Leaf, ...], listed(4, 1, key="size")]
    """All leaves."""
    names: Annotated[Mapping[str, str], keyed(2)] = {}
    """Names."""
    kind: Literal["oak"] = "oak"
    """Kind."""
    anything: dict[str, object]
    """Anything."""


SIZE: Final[dict[str, Any]] = {"description": "Its size.", "type": "integer"}
LEAF: Final[dict[str, Any]] = {
    "description": "A leaf.\n\nWith a second paragraph.",
    "type": "object",
}
TREE: Final[dict[str, Any]] = {
    "description": "A tree.",
    "type": "object",
    "required": ["leaves", "anything"],
    "properties": {
        "leaf": {
            "description": "The first leaf.",
            "type": "object",
            "properties": {"size": {**SIZE, "default": 3}},
        },
        "leaves": {
            "description": "All leaves.",
            "type": "array",
            "minItems": 1,
            "maxItems": 4,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["size"],
            "items": {**LEAF, "properties": {"size": SIZE}},
        },
        "names": {
            "description": "Names.",
            "type": "object",
            "maxProperties": 2,
            "additionalProperties": {"type": "string"},
        },
        "kind": {
            "description": "Kind.",
            "type": "string",
            "enum": ["oak"],
            "default": "oak",
        },
        "anything": {
            "description": "Anything.",
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
        },
    },
    "x-kubernetes-validations": [
        {
            "rule": "has(self.leaf)",
            "message": "a leaf",
            "reason": "FieldValueInvalid",
            "fieldPath": ".leaf",
        }
    ],
}


def test_a_model_becomes_one_inline_schema() -> None:
    assert structural(Tree, defaults=True) == TREE


def test_without_defaults_there_are_none() -> None:
    assert "default" not in str(structural(Tree, defaults=False))


def test_a_default_has_no_null_for_what_may_be_absent() -> None:
    """The API server would refuse the whole definition."""

    class Inner(BaseModel):
        size: int = 3
        colour: str | None = None

    class Outer(BaseModel):
        inner: Inner = Inner()

    assert structural(Outer, defaults=True)["properties"]["inner"]["default"] == {"size": 3}


def test_rules_of_an_annotation_reach_the_field() -> None:
    class Ruled(BaseModel):
        text: Annotated[str, Field(max_length=3), checked(cel("self != ''", "not empty"))]

    field = structural(Ruled, defaults=True)["properties"]["text"]
    assert field["maxLength"] == 3
    assert field["x-kubernetes-validations"][0]["rule"] == "self != ''"


class Ring(BaseModel):
    """Contains itself."""

    next: "Ring | None" = None


class Either(BaseModel):
    """Has no single type."""

    value: int | str


class Open(BaseModel):
    """Has a bound that Kubernetes writes in another way."""

    value: Annotated[int, Field(gt=0)]


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (Ring, "Ring contains itself"),
        (Either, "Either.value: .* exactly one type"),
        (Open, "Open.value: .* no exclusiveMinimum"),
    ],
)
def test_what_a_structural_schema_can_not_say_is_an_error(model: type[BaseModel], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        structural(model, defaults=True)
