"""What serves turns bad, under a running operator: requests go to the version that stands by, if that one is right."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelDeployment
from tests.control.manifests import Object, a_policy, a_trigger
from tests.control.process import Killed, Process, until
from tests.control.test_copied_standbys import copied, stands_by
from tests.control.test_probation import played, proving, told
from tests.control.test_routes_by_hand import EIGHT, SEVEN
from tests.control.world import World

SHIFT = [{"name": "shift", "when": {"roles": ["Stable"]}, "actions": [{"shiftToShadow": {}}]}]
ABOVE = {"threshold": {"above": "0.05", "window": "1m", "minSamples": 50}}
COPIES = {
    "shadow": {"standby": "Warm", "mirrorPercent": 100},
    "mirror": {"sideEffects": "None"},
}
BESIDE = {"proportion": {"comparedTo": "Shadow", "direction": "Increase", "minSamples": 50}}


def answered(world: World, test: Object, responses: list[Object]) -> None:
    """Judge what serves by one test, and say what follows."""
    trigger = {"name": "errors", "signal": {"name": "errors"}, "roles": ["Stable"], "test": test}
    spec = a_policy(triggers=[trigger], responses=responses)["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda body: body.update(spec=spec))


def story(
    turns: Callable[[World], None], test: Object = ABOVE, responses: list[Object] = SHIFT
) -> Callable[[World, Process], Any]:
    """Version 8 serves, version 7 stands by and answers copies; after a minute something turns."""

    async def acts(world: World, _: Process) -> None:
        await stands_by(world, 100)
        answered(world, test, responses)
        await until(lambda: copied(world))
        await asyncio.sleep(60)
        assert not world.server.list("Incident")
        turns(world)

    return acts


def incident(world: World) -> Any:
    (found,) = world.server.list("Incident")
    return found["status"]


def eight_turns_bad(world: World) -> None:
    world.error_rates["8"] = 0.3


@pytest.mark.parametrize("test", [ABOVE, BESIDE], ids=["by its own answers to copies", "beside it"])
def test_the_version_that_stands_by_takes_over_and_the_incident_tells_all_of_it(
    test: Object,
) -> None:
    world = World()

    played(world, 300, story(eight_turns_bad, test))

    assert world.status()["phase"] == "Contained"
    assert world.led == {SEVEN: 100}
    assert world.lost == 0
    assert world.record("8")["standing"] == "Suspect"
    assert world.record("7")["standing"] == "KnownGood"
    status = incident(world)
    assert (status["phase"], status["containment"]) == ("Contained", "Verified")
    assert status["subject"] == {"version": "8", "role": "Stable"}
    assert status["fallback"]["version"] == "7"
    assert [(a["type"], a["state"]) for a in status["actions"]] == [
        ("Hold", "Verified"),
        ("ShiftToShadow", "Verified"),
    ]
    clocks = status["clocks"]
    assert clocks["onset"] <= clocks["detected"] < clocks["contained"]
    assert status["attained"]["rto"]
    found = [(e["trigger"], e.get("better")) for e in status["evidence"]]
    assert found == [("errors", None), ("errors", "7")]
    better = status["evidence"][1]
    rate = better["events"] / better["samples"]
    assert rate > better.get("referenceEvents", 0) / better["referenceSamples"]
    assert world.condition("Available") == "True Serving"
    assert len(told(world, "Contained")) == 1


BASELINE = {
    "proportion": {
        "comparedTo": "Baseline",
        "direction": "Increase",
        "tolerance": "2pp",
        "minSamples": 50,
    }
}


@pytest.mark.parametrize("percent", [100, 20])
@pytest.mark.parametrize("rate", [0.3, 0.12])
@pytest.mark.parametrize("test", [ABOVE, BASELINE], ids=["a limit", "what is remembered"])
def test_a_feed_that_breaks_every_version_moves_nothing_and_is_told(
    test: Object, rate: float, percent: int
) -> None:
    """The version that stands by answers a part of the requests, so what is wrong with it is found later."""

    async def acts(world: World, _: Process) -> None:
        await remembered_and_copied(world, percent)
        answered(world, test, SHIFT)
        await asyncio.sleep(60)
        world.error_rates |= {"7": rate, "8": rate}

    world = World()

    played(world, 700, acts)

    assert world.led == {EIGHT: 100, SEVEN: 0}
    status = incident(world)
    assert (status["phase"], status["containment"]) == ("Detected", "None")
    (action,) = status["actions"]
    assert (action["type"], action["state"]) == ("Hold", "Verified")
    assert "version 7" in action["result"]
    assert world.condition("Available") == "False ServingBreached"


def test_a_policy_that_says_hold_opens_an_incident_and_moves_nothing() -> None:
    world = World()

    played(world, 300, story(eight_turns_bad, responses=[]))

    assert world.led == {EIGHT: 100, SEVEN: 0}
    assert incident(world)["actions"][0]["result"].startswith("the policy says hold")


@pytest.mark.parametrize("verb", ["rollback", "undo"])
def test_a_person_who_takes_back_what_is_held_answers_the_same_incident(verb: str) -> None:
    async def acts(world: World, process: Process) -> None:
        await story(eight_turns_bad, responses=[])(world, process)
        await until(lambda: world.condition("Available") == "False ServingBreached")
        world.command(f"{verb} 8")
        await until(lambda: world.status()["phase"] == "RolledBack")

    world = World()

    played(world, 300, acts)

    status = incident(world)
    assert [(a["type"], a["state"]) for a in status["actions"]] == [
        ("Hold", "Verified"),
        ("Rollback", "Verified"),
    ]
    assert (status["containment"], status["fallback"]["version"]) == ("Verified", "7")
    assert world.led == {SEVEN: 100}


def test_a_new_leader_says_nothing_again() -> None:
    async def acts(world: World, process: Process) -> None:
        await story(eight_turns_bad, responses=[])(world, process)
        await until(lambda: world.condition("Available") == "False ServingBreached")
        await asyncio.sleep(5)
        before = incident(world)
        process.line.broken = Killed()
        with suppress(TimeoutError):
            await asyncio.wait_for(Process(world).run(), 120)
        assert incident(world) == before

    world = World()

    played(world, 400, acts)

    assert len(told(world, "ServingBreached")) == 1


def test_what_is_over_and_comes_again_joins_the_incident_that_is_open() -> None:
    async def acts(world: World, process: Process) -> None:
        await story(eight_turns_bad, responses=[])(world, process)
        await until(lambda: bool(world.status().get("servingBreaches")))
        world.error_rates["8"] = 0.0
        await until(lambda: not world.status().get("servingBreaches"))
        world.error_rates["8"] = 0.3

    world = World()

    played(world, 600, acts)

    status = incident(world)
    assert [(e["trigger"], e["verdict"]) for e in status["evidence"]] == [
        ("errors", "Breached"),
        ("errors", "Healthy"),
        ("errors", "Breached"),
    ]


def test_a_contained_version_comes_back_as_a_canary_and_is_judged() -> None:
    async def acts(world: World, process: Process) -> None:
        await story(eight_turns_bad)(world, process)
        await until(lambda: world.status()["phase"] == "Contained")
        await asyncio.sleep(60)
        world.error_rates["8"] = 0.0
        world.command("undo 8")
        await until(lambda: world.status()["versions"]["stable"] == "8")

    world = World()

    played(world, 500, acts)

    assert world.lost == 0
    notes = [entry["text"] for entry in incident(world)["timeline"]]
    assert any("gave the command undo 8" in note for note in notes)


async def remembered_and_copied(world: World, percent: int) -> None:
    """Both versions have baselines of their own, and version 7 answers copies."""
    proving(world, "1m")
    world.edit(lambda body: body["spec"].update(COPIES))
    world.edit(lambda body: body["spec"]["shadow"].update(mirrorPercent=percent))
    await until(lambda: world.record("7").get("standing") == "KnownGood")
    assert world.record("7")["baselines"]
    world.want("8")
    await until(lambda: world.record("8").get("standing") == "KnownGood")
    await until(lambda: copied(world))


def test_a_standby_is_judged_by_what_is_remembered_of_itself() -> None:
    async def acts(world: World, _: Process) -> None:
        await remembered_and_copied(world, 20)
        answered(world, BASELINE, SHIFT)
        await asyncio.sleep(60)
        eight_turns_bad(world)

    world = World()

    played(world, 600, acts)

    assert world.status()["phase"] == "Contained"
    assert world.led == {SEVEN: 100}


def test_what_was_seen_of_another_standby_is_no_proof() -> None:
    views: list[int] = []

    async def acts(world: World, process: Process) -> None:
        await story(lambda _: None)(world, process)
        model: AIModelDeployment | None = process.store.get("AIModelDeployment", "lending", "loan")
        assert model is not None
        assert model.status is not None
        assert model.status.versions is not None
        names = model.status.versions.model_copy(update={"shadow": "6"})
        status = model.status.model_copy(update={"versions": names})
        for one in (model, model.model_copy(update={"status": status})):
            seen = process.judge.serving(one)
            assert seen is not None
            views.append(len(seen.standby))

    played(World(), 200, acts)

    assert views == [1, 0]


def test_what_was_contained_is_counted_until_it_answers_nobody() -> None:
    async def acts(world: World, _: Process) -> None:
        await stands_by(world, 100)
        serves = {
            "name": "errors",
            "signal": {"name": "errors"},
            "roles": ["Stable"],
            "test": ABOVE,
        }
        spec = a_policy(triggers=[serves, a_trigger()], responses=SHIFT)["spec"]
        world.server.patch("IncidentPolicy", "lending", "lending", lambda b: b.update(spec=spec))
        await until(lambda: copied(world))
        await asyncio.sleep(60)
        eight_turns_bad(world)

    world = World()

    played(world, 300, acts)

    assert world.status()["rollout"]["silentAt"]
    notes = [entry["text"] for entry in incident(world)["timeline"]]
    assert "version 8 was counted to answer nobody since" in notes
