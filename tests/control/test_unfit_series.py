"""Series that are there and cannot be judged by: a template says so before a canary answers anybody."""

from typing import Any

import pytest

from knowngood.signals.native import NativeCounts
from tests.control.manifests import a_template
from tests.control.test_reporter import watched
from tests.control.test_soundings import words
from tests.control.virtual_time import EPOCH
from tests.control.world import World

AT = EPOCH.timestamp()


def series(name: str, **labels: str) -> tuple[tuple[str, str], ...]:
    told = {"__name__": name, "namespace": "n", "pod": "p", "job": "models", **labels}
    return tuple(sorted(told.items()))


def scraped(world: World) -> World:
    """Scrape a histogram, a counter by region, and a native histogram."""
    found = [series("took_bucket", le=le) for le in ("0.25", "0.5", "+Inf")]
    found += [series("cut_bucket", le="1.0"), series("took_sum")]
    found += [series("asked_total", region=region) for region in ("north", "south")]
    found += [series("lost_total"), series("mixed_total"), series("mixed_total", region="north")]
    world.signals.scrape(AT, dict.fromkeys(found, 1.0))
    world.signals.scrape_native(AT, {series("native"): NativeCounts(1.0, (((0.5, 1.0), 1.0),))})
    return world


def said(form: dict[str, Any]) -> str:
    world = scraped(World())
    world.add(a_template("odd", **form))
    watched(world)
    assert words(world, "odd").startswith("True SignalsFound: ")  # it is judged by all the same
    return words(world, "odd", "SeriesFound")


def regions(*values: str, by: str = "region") -> dict[str, Any]:
    return {"by": by, "values": list(values)}


BOTH = {"events": "asked_total", "total": "asked_total"}
HAS = "one of them has job, namespace, pod"
UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "nobody has the label of the segments": (
        {"categories": {"counts": "lost_total", "by": "job"}, "segments": regions("eu", "us")},
        (
            f"spec.segments.by: no series of spec.categories.counts has the label region; {HAS}: "
            "name a label that the series have, or select those that have it"
        ),
    ),
    "the events lack the label of the segments": (
        {"ratio": {**BOTH, "events": "lost_total"}, "segments": regions("north", "south")},
        (
            f"spec.segments.by: no series of spec.ratio.events has the label region; {HAS}: "
            "name a label that the series have, or select those that have it"
        ),
    ),
    "no segment is there": (
        {"ratio": BOTH, "segments": regions("eu", "us")},
        (
            "spec.segments.values: in no series of spec.ratio.total is region one of eu, us; it is one of north, "
            "south: write the values as the series have them"
        ),
    ),
    "nobody has the label of the categories": (
        {"categories": {"counts": "asked_total", "by": "outcome"}},
        (
            "spec.categories.by: no series of spec.categories.counts has the label outcome; one of them has job, "
            "namespace, pod, region: name a label that the series have, or select those that have it"
        ),
    ),
    "no such edge": (
        {"ratio": {"histogram": "took_bucket", "above": "0.3"}},
        "spec.ratio.above: 0.3 is no edge of spec.ratio.histogram; its edges are 0.25, 0.5, +Inf: name one of them",
    ),
    "no bucket of all requests": (
        {"histogram": {"buckets": "cut_bucket"}},
        'spec.histogram.buckets: there is no bucket le="+Inf"; the edges are 1: select it, too',
    ),
    "no buckets": (
        {"histogram": {"buckets": "took_sum"}},
        (
            "spec.histogram.buckets: the series are no native histograms, and are read as such because the name does "
            f"not end in _bucket; {HAS}: select the buckets of a histogram by their name, NAME_bucket"
        ),
    ),
    "no buckets of which to take a share": (
        {"ratio": {"histogram": "took_sum", "above": "0.5"}},
        (
            "spec.ratio.histogram: the series are no native histograms, and are read as such because the name does "
            f"not end in _bucket; {HAS}: select the buckets of a histogram by their name, NAME_bucket"
        ),
    ),
}


@pytest.mark.parametrize("case", UNFIT)
def test_series_that_do_not_fit_are_told_before_anybody_is_judged_by_them(case: str) -> None:
    form, sentence = UNFIT[case]

    assert said(form) == f"False SeriesUnfit: {sentence}"


FIT: dict[str, dict[str, Any]] = {
    "an edge in another spelling": {"ratio": {"histogram": "took_bucket", "above": "0.50"}},
    "a histogram": {"histogram": {"buckets": "took_bucket"}},
    "a native histogram, which has no le": {"histogram": {"buckets": "native"}},
    "a share of a native histogram": {"ratio": {"histogram": "native", "above": "0.5"}},
    "one of the segments": {"ratio": BOTH, "segments": regions("north", "west")},
    "a category": {"categories": {"counts": "asked_total", "by": "region"}},
}


@pytest.mark.parametrize("case", FIT)
def test_series_that_fit_are_there(case: str) -> None:
    assert said(FIT[case]) == "True SeriesFound: there are series"


def test_some_series_without_the_label_are_a_doubt() -> None:
    found = said({"categories": {"counts": "mixed_total", "by": "region"}})

    assert found == (
        "True SeriesFound: some series of spec.categories.counts have no label region (spec.categories.by), and where "
        'they are of a version it can not be judged: leave them out with region!=""'
    )


def test_a_source_that_knows_no_native_histograms_has_nothing_said_against_its_series() -> None:
    world = World()
    world.signals.refused = {"group(histogram_count(took_sum))": "unknown function"}
    scraped(world).add(a_template("odd", histogram={"buckets": "took_sum"}))

    watched(world)

    assert words(world, "odd").startswith("True SignalsFound: ")
    assert words(world, "odd", "SeriesFound") == "True SeriesFound: there are series"


def test_a_label_of_which_not_every_value_was_seen_is_not_called_wrong() -> None:
    world = World()
    many = {series("asked_total", region=f"r{i}"): 1.0 for i in range(1000)}
    world.signals.scrape(AT, many)
    world.add(a_template("odd", ratio=BOTH, segments=regions("eu")))

    watched(world)

    assert words(world, "odd", "SeriesFound") == "True SeriesFound: there are series"
