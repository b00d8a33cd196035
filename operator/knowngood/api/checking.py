"""What the API server would refuse about an object beyond the types of its fields.

The structural schema is the one that the CRDs are made of, so no field and no rule is forgotten here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from knowngood.api.hints import LIST_KEYS, PRESERVE, RULES, Cel
from knowngood.api.schema import Node

Holds = Callable[[Any], bool]
"""Whether a rule holds for a value, as it is written: absent fields are absent."""

_OF_A_WRONG_TYPE: Final = (TypeError, KeyError, AttributeError, ValueError)
"""What a rule raises about fields that are missing or of another type; whoever checks the types names those."""


def broken(
    schema: Node, value: Any, where: str, twin_of: Callable[[str], Holds | None]
) -> Iterator[str]:
    """Unknown fields (the API server drops them in silence), items that are there twice, and rules that do not hold.

    Args:
        schema: Of the value.
        value: As it is written.
        where: Its path.
        twin_of: The rule with this message, in Python.
    """
    yield from _broken_rules(schema, value, where, twin_of)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            child = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if child is not None:
                yield from broken(child, inner, f"{where}.{name}", twin_of)
            elif PRESERVE not in schema:
                yield f"{where}.{name}: there is no such field"
    elif isinstance(value, list):
        yield from _twice(schema, value, where)
        for number, item in enumerate(value):
            yield from broken(schema.get("items", {}), item, f"{where}[{number}]", twin_of)


def _broken_rules(
    schema: Node, value: Any, where: str, twin_of: Callable[[str], Holds | None]
) -> Iterator[str]:
    rules: list[Cel] = schema.get(RULES, [])
    for rule in rules:
        holds = twin_of(rule["message"])
        try:
            is_broken = holds is not None and not holds(value)
        except _OF_A_WRONG_TYPE:
            continue
        if is_broken:
            yield f"{where}{rule.get('fieldPath', '')}: {rule['message']}"


def _twice(schema: Node, items: list[Any], where: str) -> Iterator[str]:
    """Items of a list that is a map, with a key that an earlier one has."""
    keys = schema.get(LIST_KEYS)
    if not keys:
        return
    seen: list[Any] = []
    for number, item in enumerate(items):
        key = [item.get(name) for name in keys] if isinstance(item, Mapping) else None
        if key is not None and key in seen:
            yield f"{where}[{number}]: {', '.join(map(str, key))} is there twice"
        seen.append(key)
