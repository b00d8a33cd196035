"""Harm that meets the requests of one region only is lost in all of them together, and found in its own segment."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import pytest

from knowngood.api.v1alpha1 import VerdictKind
from knowngood.control.measuring import SMALLEST, SOON
from knowngood.decisions.trigger_views import TriggerView
from tests.control.manifests import Object
from tests.control.test_kinds import labels, pods, seen_after, world_of
from tests.control.virtual_time import run
from tests.control.world import World

REGIONS: Final = {"north": 40, "south": 10, "islands": 2}
"""Requests a second of each pod."""

WORSE: Final = {"comparedTo": "Stable", "direction": "Increase", "minSamples": 100}
LIMIT: Final = {"above": "0.3", "window": "20s", "minSamples": 20}
Errors = Mapping[tuple[str, str], int]
"""Of the requests of a second, how many fail, by version and region; a tenth of those that are not named."""


def world_of_regions(test: Object, **segments: Any) -> World:
    ratio = {"events": 'answers_total{outcome="error"}', "total": "answers_total"}
    named = {"by": "region", "values": list(REGIONS), "minSamples": 50, **segments}
    return world_of(test, ratio=ratio, segments=named)


async def answering(world: World, errors: Errors, odd: Mapping[str, str] | None = None) -> None:
    counted: dict[Any, float] = {}
    while True:
        await asyncio.sleep(1.0)
        at = world.clock.now().timestamp()
        for version, pod in pods(world):
            for region, requests in REGIONS.items():
                bad = errors.get((version, region), requests // 10)
                for outcome, more in (("ok", requests - bad), ("error", bad)):
                    name = labels("answers_total", pod, region=region, outcome=outcome)
                    counted[name] = counted.get(name, 100.0) + more
            if odd is not None:
                counted[labels("answers_total", pod, **odd)] = 1.0
        world.signals.scrape(at, dict(counted))


def seen(world: World, errors: Errors, seconds: float = 40.0, **more: Any) -> TriggerView:
    return run(seen_after(world, seconds, answering(world, errors, **more)))[0]


def test_harm_in_a_small_region_is_found_there_although_nobody_would_see_it_in_all_requests() -> (
    None
):
    harm = {("8", "islands"): 1, ("8", "north"): 3}

    view = seen(world_of_regions({"proportion": WORSE}), harm)

    assert view.verdict.kind is VerdictKind.BREACHED
    assert view.verdict.message.startswith("1 of 3 segments by region breached (islands)")
    assert "named as changed" not in view.verdict.message  # names are for distributions
    found = view.verdict.evidence
    assert found is not None
    assert found.events * 2 == found.samples


def test_regions_without_harm_are_healthy() -> None:
    view = seen(world_of_regions({"proportion": WORSE}), {})

    assert view.verdict.kind is VerdictKind.HEALTHY
    assert {one.segment for one in view.verdict.segments} == set(REGIONS)


@pytest.mark.parametrize("both", [False, True])
def test_a_limit_holds_in_each_region_and_it_is_said_when_both_versions_cross_it(
    both: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    harm = {(version, "south"): 8 for version in ("7", "8") if both or version == "8"}

    view = seen(world_of_regions({"threshold": LIMIT}), harm)

    assert view.verdict.kind is VerdictKind.BREACHED
    assert "breached (south)" in view.verdict.message
    assert view.stable_breached is both


def test_requests_without_the_label_are_an_error_and_not_nothing() -> None:
    view = seen(world_of_regions({"proportion": WORSE}), {}, odd={"outcome": "error"})

    assert view.verdict.kind is VerdictKind.OBSERVER_ERROR
    assert "without the label region" in view.verdict.message


def test_what_a_trigger_sees_is_told_of_the_smallest_segment_that_is_waited_for() -> None:
    view = seen(world_of_regions({"proportion": WORSE}), {}, seconds=SOON + 20)

    assert view.measured is not None
    assert view.measured.where == SMALLEST
    assert view.measured.per_hour == pytest.approx(10 * 3600, rel=0.05)


def test_the_shares_of_a_whole_budget_are_not_spent_by_each_segment() -> None:
    whole = seen(world_of_regions({"proportion": WORSE}, values=["north"]), {})
    shared = seen(world_of_regions({"proportion": WORSE}), {})

    assert whole.verdict.evidence is not None
    assert shared.verdict.evidence is not None
    assert shared.verdict.evidence.limit == pytest.approx(3 * whole.verdict.evidence.limit)
