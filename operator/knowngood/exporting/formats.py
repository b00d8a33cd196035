"""The formats that a record can be written in."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from knowngood.exporting.books import Told
from knowngood.exporting.cef import cef
from knowngood.exporting.command_formats import command_cef, command_ecs, command_ocsf
from knowngood.exporting.commands import CommandRecord
from knowngood.exporting.ecs import ecs
from knowngood.exporting.ocsf import ocsf

Written = dict[str, Any] | str


class Format(StrEnum):
    """How records are written: OCSF or ECS, which are JSON, or CEF, which is a line of text."""

    OCSF = "OCSF"
    ECS = "ECS"
    CEF = "CEF"


_COMMANDS: Final[Mapping[Format, Callable[[CommandRecord], Written]]] = {
    Format.OCSF: command_ocsf,
    Format.ECS: command_ecs,
    Format.CEF: command_cef,
}


def written(record: Told, form: Format, team: str) -> Written:
    """Write a record: an object for JSON, or a text.

    Args:
        record: What is told.
        form: How.
        team: Who is on call, for formats that ask who an incident belongs to.
    """
    if isinstance(record, CommandRecord):
        return _COMMANDS[form](record)
    match form:
        case Format.OCSF:
            return ocsf(record, team)
        case Format.ECS:
            return ecs(record)
        case Format.CEF:
            return cef(record)


def line(found: Written) -> str:
    """Put what was written into one line, without a line break."""
    if isinstance(found, str):
        return found
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
