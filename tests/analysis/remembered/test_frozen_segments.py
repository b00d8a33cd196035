"""What is remembered of segments tells of no small group, not even hour by hour."""

import pytest

from knowngood.analysis.remembered.counts import BaselineCounts
from knowngood.analysis.remembered.frozen import frozen_segments, frozen_share, share_of
from knowngood.analysis.remembered.strata import STRATA
from knowngood.api.v1alpha1 import Baseline
from knowngood.api.v1alpha1.comparisons import Seasonality
from knowngood.signals.cells import NOTHING, Counts

LEAST = 100


def remembered(hours: dict[int, int], events: int = 1) -> Baseline:
    """Requests by hour of the week; one of each is an event."""
    strata = [NOTHING] * STRATA[Seasonality.HOUR_OF_WEEK]
    for hour, requests in hours.items():
        strata[hour] = Counts(events, requests)
    return frozen_share("errors", BaselineCounts(Seasonality.HOUR_OF_WEEK, tuple(strata), 0.0, 9.0))


@pytest.mark.parametrize(
    ("south", "season"),
    [
        ({3: 100, 27: 150}, Seasonality.HOUR_OF_WEEK),
        ({3: 60, 27: 60}, Seasonality.HOUR_OF_DAY),
        ({3: 60, 4: 60}, Seasonality.NONE),
    ],
)
def test_no_stratum_of_any_segment_is_smaller_than_the_minimum_cell(
    south: dict[int, int], season: Seasonality
) -> None:
    north = remembered({3: 5000, 27: 4000})

    found = frozen_segments({"north": north, "south": remembered(south)}, LEAST)

    assert found is not None
    assert found.seasonality is season
    assert (found.samples, found.totals) == (9000, ())
    for value, requests in (("north", 9000), ("south", sum(south.values()))):
        one = found.of_segment(value)
        assert one is not None
        assert (share_of(one).samples, share_of(one).events) == (requests, 2)
        assert len(one.totals) == STRATA[season]
        assert all(not total or total >= LEAST for total in one.totals)


def test_without_a_segment_that_is_large_enough_nothing_is_remembered() -> None:
    assert frozen_segments({}, LEAST) is None
