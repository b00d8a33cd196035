import math
import random
from typing import Any

import pytest

from e2e.models.faults import BadFaultError, Fault, Faults

NOW = 1000.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        ({"error_rate": 0.3}, Fault(0.3, NOW)),
        ({"error_rate": 1}, Fault(1.0, NOW)),
        ({"error_rate": 0, "at": 1234.5}, Fault(0.0, 1234.5)),
        ({"error_rate": 0.3, "at": 5}, Fault(0.3, 5.0)),
    ],
)
def test_an_order_is_read(wanted: Any, fault: Fault) -> None:
    assert Fault.parse(wanted, NOW) == fault


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        [],
        {},
        {"error_rate": -0.1},
        {"error_rate": 1.1},
        {"error_rate": "0.3"},
        {"error_rate": math.nan},
        {"error_rate": 0.3, "at": "soon"},
        {"error_rate": 0.3, "at": math.inf},
        {"error_rate": 0.3, "delay": 1},
    ],
)
def test_what_makes_no_sense_is_refused(wanted: Any) -> None:
    with pytest.raises(BadFaultError, match="error_rate"):
        Fault.parse(wanted, NOW)


def test_a_fault_begins_when_it_was_ordered_for() -> None:
    clock = Clock()
    faults = Faults(0.0, clock)
    faults.order(Fault(1.0, since=NOW + 10))
    assert not faults.strikes()
    clock.now = NOW + 9.999
    assert not faults.strikes()
    clock.now = NOW + 10
    assert faults.strikes()


def test_until_then_the_one_before_goes_on() -> None:
    clock = Clock()
    faults = Faults(0.0, clock)
    faults.order(Fault(1.0, since=NOW))
    faults.order(Fault(0.0, since=NOW + 10))
    assert faults.strikes()
    clock.now = NOW + 10
    assert not faults.strikes()


def test_about_the_ordered_share_fails() -> None:
    faults = Faults(0.3, Clock(), random.Random(7))
    share = sum(faults.strikes() for _ in range(10_000)) / 10_000
    assert 0.28 < share < 0.32
