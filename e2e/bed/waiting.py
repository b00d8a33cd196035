"""Conditions with deadlines, and conditions that must go on to hold."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

EVERY_S: Final = 0.1


class NotInTime(AssertionError):
    """A condition did not come true before its deadline."""


class ConditionLost(AssertionError):
    """A condition that must stay true became false."""


def wait_for(
    condition: Callable[[], T],
    what: str,
    *,
    deadline_s: float,
    diagnose: Callable[[], str] = str,
) -> T:
    """Return what the condition says as soon as it says something true.

    Args:
        condition: Asked again and again.
        what: What is waited for, as it reads after "not in time: ".
        deadline_s: How long to wait at most.
        diagnose: Says more when the deadline has passed.

    Raises:
        NotInTime: the deadline passed.
    """
    end = time.monotonic() + deadline_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise NotInTime(f"not in time ({deadline_s:g} s): {what}\n{diagnose()}".rstrip())
        time.sleep(EVERY_S)


def holds(
    condition: Callable[[], object],
    what: str,
    *,
    for_s: float,
    diagnose: Callable[[], str] = str,
) -> None:
    """Return when the condition was true at every look over a span of time.

    Args:
        condition: Asked again and again.
        what: What must stay so, as it reads after "did not stay so: ".
        for_s: How long.
        diagnose: Says more when it became false.

    Raises:
        ConditionLost: it became false.
    """
    began = time.monotonic()
    while (passed := time.monotonic() - began) < for_s:
        if not condition():
            said = f"did not stay so for {for_s:g} s, but for {passed:.1f} s: {what}"
            raise ConditionLost(f"{said}\n{diagnose()}".rstrip())
        time.sleep(EVERY_S)
