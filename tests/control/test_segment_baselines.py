"""What each segment showed is remembered apart, and what serves is held against it segment by segment."""

import asyncio
from typing import Any

import pytest

from knowngood.api.v1alpha1 import Baseline, BaselineSource, VerdictKind
from tests.control.features import FEATURES, MOVED, Drifts, observing, world_of_features
from tests.control.manifests import a_policy
from tests.control.process import Process, during
from tests.control.test_baselines import says
from tests.control.test_probation import MINUTES, proving
from tests.control.virtual_time import run
from tests.control.world import World

HELD = {
    "comparedTo": "Baseline",
    "above": "0.1",
    "window": "1m",
    "minSamples": 100,
    "falseAlarms": {"onceIn": "10y"},
}


def world_that_proves(**segments: Any) -> World:
    world = world_of_features("Act", **segments)
    proving(world)
    return world


def held(world: World) -> None:
    trigger = {
        "name": "drift",
        "signal": {"name": "signal"},
        "roles": ["Stable"],
        "test": {"distribution": HELD},
    }
    spec = a_policy(triggers=[trigger])["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda body: body.update(spec=spec))


def played(world: World, drifts: dict[str, dict[str, tuple[int, int]]], *later: Any) -> Process:
    async def play() -> Process:
        process = Process(world)
        watching = asyncio.create_task(observing(world, drifts))
        acting = [asyncio.create_task(one(world, drifts)) for one in later]
        await during(world, process, seconds=(5 + 3 * len(later)) * MINUTES)
        watching.cancel()
        for one in acting:
            await one
        return process

    return run(play())


def baseline_of(world: World) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = world.record("7")["baselines"]
    return found


def test_each_feature_of_a_version_that_is_known_good_is_remembered_with_its_own_bins() -> None:
    world = world_that_proves()

    played(world, {})

    found = baseline_of(world)
    assert found["counts"] == []
    segments = {one["segment"]: one for one in found["segments"]}
    assert list(segments) == list(FEATURES)
    assert segments["age"]["edges"] == ["30.0", "+Inf"]
    assert segments["income"]["edges"] == ["1000.0", "5000.0", "+Inf"]
    for one in segments.values():
        low, *_, high = one["counts"]
        assert low == 4 * high
        assert one["samples"] == sum(one["counts"]) == found["samples"] > 0


def test_a_small_segment_is_not_remembered() -> None:
    world = world_that_proves(minSamples=5000)

    played(world, {"7": {"age": (0, 1), "sex": (1, 0)}})

    assert {one["segment"] for one in baseline_of(world)["segments"]} == {
        "income",
        "debt",
        "region",
    }


@pytest.mark.parametrize(
    ("drifts", "kind"), [({}, VerdictKind.HEALTHY), ({"income": MOVED}, VerdictKind.BREACHED)]
)
def test_what_serves_is_held_against_what_is_remembered_of_each_segment(
    drifts: dict[str, tuple[int, int]], kind: VerdictKind
) -> None:
    async def go_on(world: World, present: dict[str, dict[str, tuple[int, int]]]) -> None:
        await asyncio.sleep(5 * MINUTES)
        assert world.record("7")["standing"] == "KnownGood"
        held(world)
        present["7"] = drifts

    found = says(played(world_that_proves(), {}, go_on))

    assert found.verdict.kind is kind, found.verdict.message
    assert found.verdict.named == tuple(drifts)
    assert found.verdict.evidence is not None
    ten_years = 10 * 365.25 * 24 * 60
    assert found.verdict.evidence.limit == pytest.approx(ten_years * len(FEATURES))


def test_what_is_remembered_of_all_requests_says_nothing_of_segments() -> None:
    async def go_on(world: World, _: Drifts) -> None:
        await asyncio.sleep(5 * MINUTES)
        held(world)
        segments = baseline_of(world)["segments"]

        def change(body: dict[str, Any]) -> None:
            (one,) = body["status"]["baselines"]
            del one["segments"]
            one.update(edges=segments[0]["edges"], counts=segments[0]["counts"])

        record = next(b for b in world.server.list("AIModelVersion"))
        world.server.patch("AIModelVersion", "lending", record["metadata"]["name"], change)

    found = says(played(world_that_proves(), {}, go_on))

    assert found.verdict.reason == "NothingToCompare"


def test_a_baseline_of_segments_is_none_of_all_requests() -> None:
    whole = Baseline.model_validate(_whole() | {"segments": [_segment("a"), _segment("b")]})

    of_one = whole.of_segment("b")

    assert whole.parts == 2
    assert whole.of_segment("c") is None
    assert of_one is not None
    assert (of_one.counts, of_one.edges, of_one.segments) == ((3, 4), ("1", "+Inf"), None)
    assert (of_one.signal, of_one.source) == ("drift", BaselineSource.OBSERVED)


def _segment(value: str) -> dict[str, Any]:
    span = {"from": "2026-01-01T00:00:00.000000Z", "to": "2026-02-01T00:00:00.000000Z"}
    return {"segment": value, "edges": ["1", "+Inf"], "counts": [3, 4], "samples": 7, **span}


def _whole() -> dict[str, Any]:
    span = {"from": "2026-01-01T00:00:00.000000Z", "to": "2026-02-01T00:00:00.000000Z"}
    return {"signal": "drift", "source": "Observed", "samples": 7, **span}
