"""What is ordered of the feed of features, and when it is delivered."""

import math
from typing import Any

import pytest

from e2e.models.feed import BadFeedError, Delivery, Feed, Unit
from tests.e2e_parts.test_faults import NOW, Clock


@pytest.mark.parametrize(
    ("wanted", "delivery"),
    [
        ({"driver_tenure": "months"}, Delivery(Unit.MONTHS, NOW)),
        ({"driver_tenure": "years", "at": 1234.5}, Delivery(Unit.YEARS, 1234.5)),
        ({"driver_tenure": "months", "at": 5}, Delivery(Unit.MONTHS, 5.0)),
    ],
)
def test_an_order_is_read(wanted: Any, delivery: Delivery) -> None:
    assert Delivery.parse(wanted, NOW) == delivery


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        [],
        {},
        {"driver_tenure": "days"},
        {"driver_tenure": 12},
        {"driver_tenure": "months", "at": "soon"},
        {"driver_tenure": "months", "at": math.nan},
        {"driver_tenure": "months", "salary": "cents"},
    ],
)
def test_what_makes_no_sense_is_refused(wanted: Any) -> None:
    with pytest.raises(BadFeedError, match="driver_tenure"):
        Delivery.parse(wanted, NOW)


def test_a_delivery_begins_when_it_was_ordered_for_and_can_be_taken_back() -> None:
    clock = Clock()
    feed = Feed(clock)
    feed.order(Delivery(Unit.MONTHS, since=NOW + 10))

    def delivered(at: float) -> str:
        clock.now = at
        return feed.tenure.value

    assert [delivered(NOW), delivered(NOW + 10)] == ["years", "months"]
    feed.order(Delivery(Unit.YEARS, since=NOW + 20))
    assert [delivered(NOW + 19.9), delivered(NOW + 20)] == ["months", "years"]
