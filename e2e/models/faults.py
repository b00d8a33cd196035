"""Faults on purpose: a share of the answers becomes an error, now or from a given moment on."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class BadFaultError(ValueError):
    """The wanted fault makes no sense."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Errors that are ordered.

    Attributes:
        error_rate: Share of the answers, 0 to 1.
        since: From when on, in Unix seconds.
    """

    error_rate: float
    since: float = 0.0

    @classmethod
    def parse(cls, wanted: Any, now: float) -> "Fault":
        """Read `{"error_rate": 0.3, "at": 1767225600.0}`; without `at` it begins now.

        Raises:
            BadFaultError: it is anything else.
        """
        match wanted:
            case {"error_rate": int() | float() as rate, **rest} if 0 <= rate <= 1:
                at = rest.pop("at", now)
                if not rest and isinstance(at, int | float) and math.isfinite(at):
                    return cls(float(rate), float(at))
        raise BadFaultError('want {"error_rate": 0 to 1, "at": Unix seconds (default: now)}')


class Faults:
    """Decides answer by answer; a new fault takes over when its time has come."""

    def __init__(
        self, base_rate: float, clock: Callable[[], float], dice: random.Random | None = None
    ) -> None:
        self._fault = self._next = Fault(base_rate)
        self._clock = clock
        self._dice = dice or random.Random()

    @property
    def ordered(self) -> Fault:
        """The fault that was ordered last."""
        return self._next

    def order(self, fault: Fault) -> None:
        """Let a fault take over from the present one when its time comes."""
        self._fault, self._next = self._current(), fault

    def strikes(self) -> bool:
        """Tell whether the next answer is to fail."""
        return self._dice.random() < self._current().error_rate

    def _current(self) -> Fault:
        return self._next if self._clock() >= self._next.since else self._fault
