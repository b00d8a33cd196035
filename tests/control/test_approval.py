"""A shift that people decide about, under a running operator: whatever they say, and whoever dies meanwhile."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tests.control.differences import differences
from tests.control.ends import end_of
from tests.control.manifests import Object, a_policy
from tests.control.process import Killed, Process, played, until
from tests.control.stories import answer, approved, turns_bad, waits
from tests.control.test_killed import play
from tests.control.test_probation import told
from tests.control.virtual_time import run
from tests.control.world import World

SERVES, STANDS_BY = {"8": 100}, {"7": 100}


def asks(mode: str, **more: Any) -> Object:
    return {"action": "ShiftToShadow", "mode": mode, **more}


def incident(world: World) -> Any:
    (found,) = world.server.list("Incident")
    return found["status"]


def states(world: World) -> list[tuple[str, str]]:
    return [(a["type"], a["state"]) for a in incident(world)["actions"]]


def led(world: World) -> dict[str, int]:
    return {service[5:6]: weight for service, weight in world.led.items() if weight}


def test_nothing_moves_before_a_person_has_approved_and_it_moves_at_once_then() -> None:
    took: list[float] = []

    async def story(world: World) -> None:
        await turns_bad(world, asks("Require"))
        await until(lambda: waits(world))
        await asyncio.sleep(30)
        assert led(world) == SERVES
        assert world.status()["phase"] in {"Probation", "Guarding"}
        answer(world, "alice")
        began = world.clock.monotonic()
        await until(lambda: world.status()["phase"] == "Containing")
        took.append(world.clock.monotonic() - began)
        await until(lambda: world.status()["phase"] == "Contained")

    world = played(story)

    assert took[0] < 1, "also where nothing else happens"
    assert led(world) == STANDS_BY
    assert world.lost == 0
    assert states(world)[1:] == [("ShiftToShadow", "Verified")]
    assert incident(world)["containment"] == "Verified"
    assert len(told(world, "ApprovalNeeded")) == 1


def test_a_veto_in_time_keeps_the_requests_where_they_are() -> None:
    async def story(world: World) -> None:
        await turns_bad(world, asks("VetoWindow", timeout="1m"))
        await until(lambda: waits(world))
        await asyncio.sleep(50)
        answer(world, "alice", "Reject")
        await asyncio.sleep(60)

    world = played(story)

    assert led(world) == SERVES
    assert states(world)[1:] == [("ShiftToShadow", "Rejected")]
    assert world.condition("Available") == "False ServingBreached"
    texts = [entry["text"] for entry in incident(world)["timeline"]]
    assert "nothing is shifted: alice (unverified) said no" in texts
    assert len(told(world, "ShiftRefused")) == 1


def test_a_window_that_is_over_acts_also_where_the_operator_began_anew_within_it() -> None:
    async def one_after_the_other() -> World:
        world = World()
        living = asyncio.create_task(world.live())
        first = Process(world)
        running = asyncio.create_task(first.run())
        await turns_bad(world, asks("VetoWindow", timeout="1m"))
        await until(lambda: waits(world))
        first.line.broken = Killed()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await goes_on(world)
        living.cancel()
        return world

    async def goes_on(world: World) -> None:
        asked = datetime.fromisoformat(incident(world)["actions"][1]["approval"]["askedAt"])
        second = asyncio.create_task(Process(world).run())
        await until(lambda: world.status()["phase"] == "Contained")
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        began = datetime.fromisoformat(incident(world)["actions"][1]["startedAt"])
        assert 60 <= (began - asked).total_seconds() < 75

    world = run(one_after_the_other())

    assert led(world) == STANDS_BY
    assert len(told(world, "ApprovalNeeded")) == 1


def test_nobody_decides_in_time_and_an_approval_that_comes_late_still_counts() -> None:
    async def story(world: World) -> None:
        await turns_bad(world, asks("Require", timeout="20s", people=2))
        await until(lambda: waits(world))
        answer(world, "alice")
        await asyncio.sleep(40)
        assert led(world) == SERVES
        assert waits(world)
        answer(world, "alice", "Approve", "a1")
        await asyncio.sleep(5)
        assert led(world) == SERVES
        answer(world, "bob")
        await until(lambda: world.status()["phase"] == "Contained")

    world = played(story)

    assert led(world) == STANDS_BY
    assert len(told(world, "ApprovalOverdue")) == 1
    assert incident(world)["actions"][1]["approval"]["grantedBy"] == "alice and bob (unverified)"


def test_killed_after_any_write_while_people_decide_the_next_process_ends_the_same() -> None:
    want, _, undisturbed = run(play(approved))
    writes = undisturbed.line.sent
    # What comes before and after is told by the stories of other containments.
    first = writes.index("status of Incident loan-1") + 1
    last = writes.index("event Containing") + 1

    different: dict[str, list[str]] = {}
    for number in range(first, last + 1):
        got, world, _ = run(play(approved, killed_after=number, want=want))
        if got != want:
            different[f"{number}: {writes[number - 1]}"] = differences(asdict(want), asdict(got))
        assert world.lost == 0
        assert end_of(world).route == want.route

    assert different == {}
    assert last - first > 10


def test_a_limit_keeps_a_second_shift_back_until_it_is_over() -> None:
    async def story(world: World) -> None:
        await turns_bad(world)
        limited = a_policy(**{**policy(world), "limits": {"actionsPerHour": 5, "cooldown": "4m"}})[
            "spec"
        ]
        world.server.patch("IncidentPolicy", "lending", "lending", lambda b: b.update(spec=limited))
        await until(lambda: world.status()["phase"] == "Contained")
        began.append(world.clock.monotonic())
        world.error_rates["8"] = 0.0
        await asyncio.sleep(60)
        world.command("undo 8")
        await until(lambda: world.status()["versions"]["stable"] == "8")
        await until(lambda: any(world.gateway.copied.values()))
        await asyncio.sleep(10)
        world.error_rates["8"] = 0.3
        await until(lambda: bool(told(world, "ShiftLimited")))
        held.append(world.status()["servingBreaches"][0]["held"])
        await until(lambda: world.status()["phase"] == "Contained")
        began.append(world.clock.monotonic())

    began: list[float] = []
    held: list[str] = []

    world = played(story, seconds=500)

    assert held[0].startswith("the limit cooldown: 4m of the policies is reached")
    assert began[1] - began[0] >= 230
    assert len(world.status()["shifts"]) == 2


def policy(world: World) -> Object:
    body = world.server.get("IncidentPolicy", "lending", "lending")
    assert body is not None
    spec: Object = body["spec"]
    return spec
