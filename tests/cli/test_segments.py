"""`why`: what was found in each segment of a signal."""

from dataclasses import replace

from knowngood.analysis.verdicts import SegmentFound
from knowngood.api.v1alpha1 import VerdictKind
from knowngood.cli.views.about import About
from knowngood.cli.views.why import why
from knowngood.decisions.trigger_views import TriggerView
from tests.cli.statuses import decided, flat, incident_of, printed, record
from tests.decisions.situations import NUMBERS, a_trigger

WORST = replace(
    NUMBERS, samples=512, events=90, reference_samples=4_000, statistic=812.0, limit=140.0
)
OTHER = replace(NUMBERS, samples=388, events=4, reference_samples=3_100, statistic=0.7, limit=140.0)


def found_in_segments() -> TriggerView:
    view = a_trigger(VerdictKind.BREACHED)
    segments = (
        SegmentFound("north", VerdictKind.HEALTHY, OTHER),
        SegmentFound("south", VerdictKind.BREACHED, WORST),
        SegmentFound("west", VerdictKind.INCONCLUSIVE, None),
    )
    return replace(view, verdict=replace(view.verdict, segments=segments, named=("south",)))


def lines() -> list[str]:
    model = decided("pausing", triggers=(found_in_segments(),))
    told = printed(why(About(model, "8", record("8"), incident_of(model))))
    return [flat(line) for line in told.splitlines()]


def test_each_segment_has_a_row_with_its_numbers_the_named_ones_first() -> None:
    told = lines()

    start = told.index("SEGMENT VERDICT VERSION 8 VERSION 7 DIFFERENCE EVIDENCE LIMIT NAMED")
    assert told[start + 1].startswith("south Breached 90 of 512 80 of 4000")
    assert told[start + 1].endswith("812 140 yes")
    assert told[start + 2].startswith("north Healthy 4 of 388")
    assert told[start + 2].endswith("0.7 140 -")
    assert told[start + 3] == "west Inconclusive - - - - - -"


def test_the_segments_that_have_changed_are_named_above_the_table() -> None:
    assert "changed south" in lines()


def test_without_segments_there_is_no_table() -> None:
    model = decided("pausing", triggers=(a_trigger(VerdictKind.BREACHED),))

    assert "SEGMENT" not in printed(why(About(model, "8", record("8"), incident_of(model))))
