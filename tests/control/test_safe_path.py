"""The safe path under a running operator: who is asked, who answers, and how the requests come back."""

import asyncio
from dataclasses import asdict
from typing import Any

from tests.control.differences import differences
from tests.control.ends import end_of
from tests.control.process import played, until
from tests.control.safe_paths import has_safe_path, on_safe_path, safely_answered
from tests.control.stories import answer, turns_bad, waits
from tests.control.test_approval import led
from tests.control.test_killed import play
from tests.control.test_probation import told
from tests.control.virtual_time import run
from tests.control.world import REVIEW, World

LENGTH = 130.0
"""Seconds of the story that is told again and again: its requests are given back, and the last ones answered."""


def incident(world: World) -> Any:
    body = world.server.get("Incident", "lending", "loan-1")
    assert body is not None
    return body["status"]


def states(world: World) -> list[tuple[str, str]]:
    return [(a["type"], a["state"]) for a in incident(world)["actions"]]


def weights(world: World) -> dict[str, int]:
    return {service: weight for service, weight in world.led.items() if weight}


def test_where_every_version_fails_people_are_asked_and_a_person_decides_instead() -> None:
    world = played(on_safe_path, seconds=400)

    assert weights(world) == {REVIEW: 100}
    assert world.lost == 0
    assert world.reviewed > 0
    assert states(world) == [("Hold", "Verified"), ("SafePath", "Verified")]
    status = incident(world)
    assert (status["phase"], status["containment"]) == ("Contained", "Verified")
    assert status["fallback"] == {"service": REVIEW}
    assert world.condition("Available") == "True SafePathAnswers"
    assert world.condition("Ready") == "False IncidentOpen"
    assert world.status()["versions"]["stable"] == "8"
    assert len(told(world, "SafePathTaken")) == len(told(world, "ApprovalNeeded")) == 1


def test_undo_gives_the_requests_back_at_once_and_loses_none() -> None:
    took: list[float] = []

    async def story(world: World) -> None:
        await on_safe_path(world)
        began = world.clock.monotonic()
        world.command("undo 8")
        await until(lambda: led(world) == {"8": 100})
        took.append(world.clock.monotonic() - began)
        await until(lambda: "safePath" not in world.status())
        await asyncio.sleep(30)

    world = played(story, seconds=500)

    assert took[0] < 10
    assert world.lost == 0
    assert weights(world).keys() != {REVIEW}
    assert REVIEW not in world.led, "its place in the route is gone"
    assert states(world) == [("Hold", "Verified"), ("SafePath", "Verified")]
    assert incident(world)["containment"] == "None"
    assert len(told(world, "ApprovalNeeded")) == 1, "nobody is asked again"


def test_a_rollout_waits_while_it_is_taken_and_says_why() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)
        world.want("9")
        await asyncio.sleep(20)

    world = played(story, seconds=400)

    assert weights(world) == {REVIEW: 100}
    assert world.status()["versions"]["canary"] == ""
    assert len(told(world, "RolloutFrozen")) == 1


def test_a_version_that_waited_is_rolled_out_after_it_and_no_request_is_lost() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)
        world.want("9")
        await asyncio.sleep(10)
        world.command("undo 8")
        await until(lambda: led(world) == {"9": 100})
        await asyncio.sleep(40)

    world = played(story, seconds=500)

    assert world.lost == 0
    assert REVIEW not in world.led


def test_rollback_ends_it_in_the_write_in_which_the_other_version_gets_the_requests() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)
        world.command("rollback 8")
        await until(lambda: led(world) == {"7": 100})
        await asyncio.sleep(60)

    world = played(story, seconds=500)

    assert world.lost == 0
    assert led(world) == {"7": 100}
    assert "safePath" not in world.status()
    assert states(world)[1:] == [("SafePath", "Verified"), ("Rollback", "Verified")]
    assert incident(world)["containment"] == "Verified"


def test_endpoints_that_go_while_it_is_taken_send_the_requests_to_whoever_answers() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)
        world.reviews = False
        await until(lambda: led(world) == {"8": 100})
        await asyncio.sleep(20)

    world = played(story, seconds=400)

    assert led(world) == {"8": 100}
    assert incident(world)["containment"] == "Failed"
    assert states(world)[1:] == [("SafePath", "Failed")]
    assert len(told(world, "SafePathFailed")) == 1


def test_a_gateway_that_does_not_follow_sends_nobody_and_it_is_given_up() -> None:
    async def story(world: World) -> None:
        has_safe_path(world)
        await turns_bad(world)
        world.error_rates["7"] = 0.3
        await until(lambda: waits(world))
        world.routed = False
        answer(world, "alice")
        await until(lambda: bool(told(world, "SafePathFailed")))

    world = played(story, seconds=500)

    assert led(world) == {"8": 100}
    assert states(world)[1:] == [("SafePath", "Failed")]


def test_its_time_is_over_and_people_are_told_and_nothing_moves() -> None:
    async def story(world: World) -> None:
        has_safe_path(world, maxDuration="1m")
        await turns_bad(world)
        world.error_rates["7"] = 0.3
        await until(lambda: waits(world))
        answer(world, "alice")
        await until(lambda: world.condition("SafePath") == "True SafePathOverdue")
        await asyncio.sleep(20)

    world = played(story, seconds=400)

    assert weights(world) == {REVIEW: 100}
    assert "decide now" in incident(world)["nextForHuman"]
    assert len(told(world, "SafePathOverdue")) == 1
    assert incident(world)["actions"][1]["overdueAt"]


def test_at_its_end_the_requests_go_back_where_the_model_says_so() -> None:
    async def story(world: World) -> None:
        has_safe_path(world, maxDuration="1m", atEnd="Return")
        await turns_bad(world)
        world.error_rates["7"] = 0.3
        await until(lambda: waits(world))
        answer(world, "alice")
        await until(lambda: world.condition("SafePath") == "True SafePathAnswers")
        await until(lambda: led(world) == {"8": 100})
        await asyncio.sleep(10)

    world = played(story, seconds=400)

    assert incident(world)["containment"] == "None"
    assert world.lost == 0


def test_closing_the_incident_moves_nothing_and_says_how_the_requests_come_back() -> None:
    async def story(world: World) -> None:
        await on_safe_path(world)

        def close(body: Any) -> None:
            body["spec"]["close"] = {"resolution": "Resolved", "by": "alice"}

        world.server.patch("Incident", "lending", "loan-1", close)
        await until(lambda: incident(world)["phase"] == "Closed")
        await asyncio.sleep(20)

    world = played(story, seconds=400)

    assert weights(world) == {REVIEW: 100}
    assert "knowngood undo loan --version 8 -n lending" in incident(world)["nextForHuman"]
    assert world.condition("Ready") == "False SafePathAnswers"


def test_a_veto_outlasts_a_signal_that_flaps() -> None:
    async def story(world: World) -> None:
        await turns_bad(world, {"action": "ShiftToShadow", "mode": "VetoWindow", "timeout": "30s"})
        await until(lambda: waits(world))
        answer(world, "alice", "Reject")
        await until(lambda: bool(told(world, "ShiftRefused")))
        world.error_rates["8"] = 0.0
        await until(lambda: world.condition("Available") == "True Serving")
        world.error_rates["8"] = 0.3
        await until(lambda: world.condition("Available") == "False ServingBreached")
        await asyncio.sleep(60)

    world = played(story, seconds=600)

    assert led(world) == {"8": 100}
    assert len(told(world, "ApprovalNeeded")) == 1
    assert len(world.server.list("Incident")) == 1


def test_killed_after_any_write_the_next_process_ends_the_same() -> None:
    want, _, undisturbed = run(play(safely_answered, seconds=LENGTH))
    writes = undisturbed.line.sent
    first = writes.index("status of Incident loan-1") + 1

    different: dict[str, list[str]] = {}
    for number in range(first, len(writes) + 1):
        got, world, _ = run(play(safely_answered, number, want, seconds=LENGTH))
        if got != want:
            different[f"{number}: {writes[number - 1]}"] = differences(asdict(want), asdict(got))
        assert world.lost == 0, writes[number - 1]
        assert end_of(world).route == want.route

    assert different == {}
    assert len(writes) - first > 20
