"""What is wrong with the answer to a golden request, if anything: a pure comparison of what came with what is right."""

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from knowngood.api.v1alpha1 import ExpectedField, GoldenRequest

_OK: Final = 200
_SHOWN: Final = 60
"""Characters of an answer that are repeated: it may hold what is nobody's business."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: HTTP status; 0 when nothing came.
        body: As it came.
        error: Why nothing came, in words for people; empty when something did.
    """

    status: int
    body: bytes = b""
    error: str = ""


_BUSY: Final = frozenset({429, 503, 504})
"""What a server answers that has too much to do, or a proxy before one that does not answer."""


class _AbsentError(Exception):
    """The answer has no such field."""


def fault_of(golden: GoldenRequest, answer: Answer) -> str:
    """Say what is wrong with an answer; empty when it is right.

    Args:
        golden: What was asked, and what the right answer is.
        answer: What came.
    """
    if answer.error:
        return answer.error
    expect = golden.expect
    wanted = expect.status if expect is not None and expect.status is not None else _OK
    if answer.status != wanted:
        return f"its status is {answer.status}, not {wanted}"
    if expect is None or not expect.fields:
        return ""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return "it is no JSON"
    return next(filter(None, (_fault(field, body) for field in expect.fields)), "")


def is_missing(answer: Answer) -> bool:
    """Say whether nothing was answered: none came, or that there is too much to do.

    It tells nothing of what the version would say, so it is no proof that another one says something better.
    """
    return bool(answer.error) or answer.status in _BUSY


def _fault(field: ExpectedField, body: Any) -> str:
    try:
        found = _at(body, field.pointer)
    except _AbsentError:
        return f"it has no {_name(field)}"
    if field.equals is not None:
        return _unequal(field, field.equals, found)
    number = _number(found)
    if number is None:
        return f"{_name(field)} is no number"
    if field.minimum is not None and number < Decimal(field.minimum):
        return f"{_name(field)} is {_shown(found)}, less than {field.minimum}"
    if field.maximum is not None and number > Decimal(field.maximum):
        return f"{_name(field)} is {_shown(found)}, more than {field.maximum}"
    return ""


def _unequal(field: ExpectedField, wanted: str, found: Any) -> str:
    try:
        right = json.loads(wanted)
    except (ValueError, RecursionError):
        return f"{_name(field)} can not be compared: expect.fields.equals is no JSON: {wanted[:_SHOWN]}"
    if _same(right, found):
        return ""
    return f"{_name(field)} is {_shown(found)}, not {wanted[:_SHOWN]}"


def _shown(found: Any) -> str:
    try:
        return json.dumps(found)[:_SHOWN]
    except RecursionError:  # what can just be read may be too deep to be written
        return "nested too deep"


def _same(right: Any, found: Any) -> bool:
    """Compare JSON: `1` is `1.0`, and neither is `true`."""
    if isinstance(right, bool) or isinstance(found, bool):
        return right is found
    if isinstance(right, list) and isinstance(found, list):
        return len(right) == len(found) and all(map(_same, right, found))
    if isinstance(right, dict) and isinstance(found, dict):
        return right.keys() == found.keys() and all(_same(right[k], found[k]) for k in right)
    return bool(right == found)


def _number(found: Any) -> Decimal | None:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        number = Decimal(str(found))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _at(body: Any, pointer: str) -> Any:
    """Follow a JSON pointer."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(body, dict) and key in body:
            body = body[key]
        elif isinstance(body, list) and key.isascii() and key.isdigit() and int(key) < len(body):
            body = body[int(key)]
        else:
            raise _AbsentError
    return body


def _name(field: ExpectedField) -> str:
    return f"field {field.pointer}" if field.pointer else "the body"
