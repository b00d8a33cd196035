"""The version that serves against the one that stands by and answers copies: told what is found, and nothing moves."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from knowngood.api.v1alpha1 import AIModelDeployment, VerdictKind
from knowngood.decisions.trigger_views import TriggerView
from tests.control.manifests import a_policy
from tests.control.process import Process, until
from tests.control.test_copied_standbys import copied, stands_by
from tests.control.test_probation import played, proving, told
from tests.control.test_routes_by_hand import EIGHT, SEVEN
from tests.control.world import World

WORSE = {"comparedTo": "Shadow", "direction": "Increase", "minSamples": 50}


def compared(world: World) -> None:
    """Judge what serves by what stands by."""
    trigger = {
        "name": "worse-than-shadow",
        "signal": {"name": "errors"},
        "roles": ["Stable"],
        "test": {"proportion": WORSE},
    }
    spec = a_policy(triggers=[trigger])["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda body: body.update(spec=spec))


def says(process: Process) -> TriggerView:
    model: AIModelDeployment | None = process.store.get("AIModelDeployment", "lending", "loan")
    assert model is not None
    view = process.judge.serving(model)
    assert view is not None
    (trigger,) = view.triggers
    return trigger


def guarded(world: World) -> str:
    found = [c for c in world.status()["conditions"] if c["type"] == "Guarded"]
    return f"{found[0]['status']} {found[0]['reason']}: {found[0]['message']}"


def story(
    then: Callable[[World], Awaitable[None]], *, percent: int = 100
) -> Callable[[World, Process], Any]:
    """Version 8 serves, version 7 stands by and gets copies; then."""

    async def acts(world: World, _: Process) -> None:
        await stands_by(world, percent)
        compared(world)
        if percent:
            await until(lambda: copied(world))
        await then(world)

    return acts


def test_harm_of_the_version_that_serves_is_found_by_copies_and_moves_nothing() -> None:
    async def turns_bad(world: World) -> None:
        await asyncio.sleep(60)
        assert not told(world, "ServingBreached")
        world.error_rates["8"] = 0.3

    world = World()
    process = played(world, 240, story(turns_bad))

    found = says(process)
    assert found.verdict.kind is VerdictKind.BREACHED
    assert "version 7 (by copies)" in found.verdict.message
    assert len(told(world, "ServingBreached")) == 1
    assert guarded(world).startswith("True ServingBreached")
    (breach,) = world.status()["servingBreaches"]
    assert breach["trigger"] == "worse-than-shadow"
    assert (world.led, copied(world)) == ({EIGHT: 100, SEVEN: 0}, {SEVEN: 100})
    (incident,) = world.server.list("Incident")
    assert [a["type"] for a in incident["status"]["actions"]] == ["Hold"]
    assert world.record("8")["standing"] == "Suspect"


def test_harm_that_both_share_is_none() -> None:
    async def feed_breaks(world: World) -> None:
        await asyncio.sleep(30)
        world.error_rates |= {"7": 0.3, "8": 0.3}

    world = World()
    process = played(world, 240, story(feed_breaks))

    assert says(process).verdict.kind is VerdictKind.HEALTHY
    assert not told(world, "ServingBreached")


def test_a_new_leader_comes_to_the_same_verdict() -> None:
    async def turns_bad(world: World) -> None:
        world.error_rates["8"] = 0.3

    world = World()
    process = played(world, 200, story(turns_bad))
    before = says(process).verdict
    again = played(world, 40)

    after = says(again).verdict
    assert before.kind is after.kind is VerdictKind.BREACHED
    assert before.evidence is not None
    assert after.evidence is not None
    assert after.evidence.onset == before.evidence.onset


def test_without_copies_nothing_is_compared_it_says_so_and_holds_nothing() -> None:
    async def serves_badly(world: World) -> None:
        world.error_rates["8"] = 0.3

    world = World()
    proving(world, "2m")
    process = played(world, 400, story(serves_badly, percent=0))

    found = says(process).verdict
    assert (found.kind, found.reason) == (VerdictKind.INCONCLUSIVE, "NothingToCompare")
    assert "spec.shadow.mirrorPercent" in found.message
    assert "worse-than-shadow compares nothing" in guarded(world)
    assert world.record("8")["standing"] == "KnownGood"


def test_what_a_shadow_answers_is_no_answer_of_the_version_that_serves() -> None:
    async def standby_fails(world: World) -> None:
        world.error_rates["7"] = 1.0

    world = World()
    proving(world, "2m")
    process = played(world, 400, story(standby_fails))

    assert says(process).verdict.kind is VerdictKind.HEALTHY
    (baseline,) = world.record("8")["baselines"]
    assert sum(baseline["events"]) == 0
    assert world.record("8")["standing"] == "KnownGood"
