"""The file that says which columns are counted for which signals."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from knowngood.api.v1alpha1.scalars import ObjectName
from knowngood.cli.columns import Wanted, read_edges
from knowngood.cli.problems import Problem

_SIGNAL: TypeAdapter[str] = TypeAdapter(ObjectName)
_FIELDS = {"column", "edges", "event"}


def mapped(path: str) -> tuple[Wanted, ...]:
    """Read the file: `SIGNAL: {column: NAME, edges: [1, 2] | event: VALUE}`, or `SIGNAL: NAME` for categories.

    Raises:
        Problem: It can not be read, or a field of it is wrong.
    """
    try:
        found = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Problem(f"cannot read {path}: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict) or not found:
        raise Problem(f"{path}: SIGNAL: {{column: NAME}} is wanted, for each signal")
    return tuple(_wanted(path, signal, body) for signal, body in found.items())


def _wanted(path: str, signal: object, body: object) -> Wanted:
    where = f"{path}: {signal}"
    try:
        name = _SIGNAL.validate_python(signal)
    except ValidationError:
        raise Problem(f"{where}: not the name of a signal") from None
    if isinstance(body, str):
        return Wanted(name, body)
    if not isinstance(body, dict) or not isinstance(body.get("column"), str):
        raise Problem(f"{where}.column: the name of a column is wanted")
    unknown = sorted(str(key) for key in body.keys() - _FIELDS)
    if unknown:
        raise Problem(f"{where}.{unknown[0]}: there is no such field")
    if "edges" in body and "event" in body:
        raise Problem(f"{where}.event: edges are of a histogram and an event is of a ratio")
    return Wanted(
        name, body["column"], _edges(where, body.get("edges")), _events(where, body.get("event"))
    )


def _edges(where: str, said: Any) -> tuple[float, ...]:
    if said is None:
        return ()
    if not isinstance(said, list):
        raise Problem(f"{where}.edges: a list of numbers is wanted")
    return read_edges([str(edge) for edge in said], f"{where}.edges")


def _events(where: str, said: Any) -> tuple[str, ...]:
    if said is None:
        return ()
    values = said if isinstance(said, list) else [said]
    if not values or not all(isinstance(v, str | int) and not isinstance(v, bool) for v in values):
        raise Problem(f"{where}.event: write it in quotes, as it stands in the column")
    return tuple(map(str, values))
