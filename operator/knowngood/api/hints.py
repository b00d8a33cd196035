"""CEL rules and kinds of lists: what pydantic can not say about a Kubernetes schema by itself.

The hints ride on `json_schema_extra`; `knowngood.api.schema` turns models with hints into
structural schemas.
"""

from typing import Any, Final, Literal

from pydantic import ConfigDict, Field

DURATION_PATTERN: Final = r"^([0-9]{1,5}(h|m|s|ms)){1,4}$"
"""GEP-2257: what Go, CEL and Kubernetes gateways all read in the same way."""

RULES: Final = "x-kubernetes-validations"
PRESERVE: Final = "x-kubernetes-preserve-unknown-fields"
LIST_TYPE: Final = "x-kubernetes-list-type"
LIST_KEYS: Final = "x-kubernetes-list-map-keys"

Cel = dict[str, Any]


def cel(
    rule: str,
    message: str,
    *,
    path: str | None = None,
    reason: Literal["FieldValueInvalid", "FieldValueForbidden"] = "FieldValueInvalid",
) -> Cel:
    """Write one rule of `x-kubernetes-validations`.

    Args:
        rule: CEL over `self`, and over `oldSelf` where it is about a change.
        message: What the user reads when the rule does not hold.
        path: The field at fault, below the object that the rule stands on: `.steps`.
        reason: Forbidden for changes that are not allowed, else Invalid.
    """
    entry: Cel = {"rule": rule, "message": message, "reason": reason}
    return entry if path is None else {**entry, "fieldPath": path}


def validated_by(*rules: Cel) -> ConfigDict:
    """Configure a model to be checked by rules in the API server."""
    return ConfigDict(json_schema_extra={RULES: list(rules)})


def exactly_one(*names: str) -> Cel:
    """Rule: of these optional fields one is set and no other."""
    tests = ", ".join(f"has(self.{name})" for name in names)
    return cel(f"[{tests}].exists_one(x, x)", f"exactly one of {', '.join(names)} must be set")


def checked(*rules: Cel) -> Any:
    """Annotate a field with rules."""
    return Field(json_schema_extra={RULES: list(rules)})


def listed(
    most: int,
    least: int = 0,
    *,
    key: str | tuple[str, ...] | None = None,
    rules: tuple[Cel, ...] = (),
) -> Any:
    """Annotate a list.

    Args:
        most: Upper bound of its length; rules over an unbounded list are refused for their cost.
        least: Lower bound.
        key: Its items are known by this field, or by these together (server-side apply merges item by
            item); without it the list is replaced as a whole.
        rules: Rules over the list.
    """
    hints: dict[str, Any] = {LIST_TYPE: "atomic"}
    if key is not None:
        hints = {LIST_TYPE: "map", LIST_KEYS: [key] if isinstance(key, str) else list(key)}
    if rules:
        hints[RULES] = list(rules)
    return Field(min_length=least or None, max_length=most, json_schema_extra=hints)


def keyed(most: int, *rules: Cel) -> Any:
    """Annotate a map with string keys.

    Args:
        most: Upper bound of its size.
        rules: Rules over the map.
    """
    return Field(max_length=most, json_schema_extra={RULES: list(rules)} if rules else None)


def between(shortest: str, longest: str) -> Any:
    """Bound a duration, both ends included."""
    lower, upper = (
        f"duration(self) >= duration('{shortest}')",
        f"duration(self) <= duration('{longest}')",
    )
    # A string that is no duration is refused by its pattern; without the guard the user would be
    # told a second time, in words that do not help.
    rule = f"!self.matches('{DURATION_PATTERN}') || ({lower} && {upper})"
    return checked(cel(rule, f"must be between {shortest} and {longest}"))
