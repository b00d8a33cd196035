"""Conditions with deadlines."""

import time
from collections.abc import Callable

from e2e.cluster.errors import StartError


def until(
    condition: Callable[[], bool],
    what: str,
    *,
    deadline_s: float,
    diagnose: Callable[[], str] = str,
    every_s: float = 0.05,
) -> None:
    """Return as soon as the condition holds.

    Args:
        condition: Asked again and again; may raise `StartError` to give up early.
        what: What is waited for, as it reads after "not in time: ".
        deadline_s: How long to wait at most.
        diagnose: Says more when the deadline has passed, for example the end of a log.
        every_s: Pause between two looks.

    Raises:
        StartError: the deadline passed.
    """
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise StartError(f"not in time ({deadline_s:g} s): {what}\n{diagnose()}".rstrip())
        time.sleep(every_s)
