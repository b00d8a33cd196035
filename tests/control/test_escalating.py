"""Who is told of what nobody has taken, and after which time."""

import asyncio

import pytest

from knowngood.adapters.memory.resources import MemoryResources
from knowngood.control import telling
from knowngood.control.telling import Outbox
from knowngood.control.writing import Writer
from knowngood.messages.message import Audience
from tests.control.exported import MINUTES, close, incident, lived, say
from tests.control.process import Killed, Process, until
from tests.control.stories import rolled_back
from tests.control.told import (
    DEFAULT,
    NAMED,
    a_world,
    escalate,
    left_open,
    notes,
    nothing_happens,
    receiver,
)
from tests.control.virtual_time import run
from tests.control.world import World

STEPS = (("0s", ["oncall"]), ("3m", ["manager"]))


def teams(*steps: tuple[str, list[str]]) -> World:
    """Somebody on call, their manager, and a channel that hears of what no policy sends elsewhere."""
    world = a_world(oncall=NAMED, manager=NAMED, channel=DEFAULT)
    escalate(world, *(steps or STEPS))
    return world


async def opened(world: World) -> None:
    await rolled_back(world)
    await until(lambda: notes(world) if world.server.list("Incident") else None)


def test_what_nobody_takes_is_told_to_the_next_one_in_time() -> None:
    world = teams()
    moments: dict[str, float] = {}
    for name in world.receivers:

        def note(_: object, name: str = name) -> None:
            moments.setdefault(name, world.clock.monotonic())

        receiver(world, name).then = note

    lived(world, opened, seconds=5 * MINUTES)

    assert moments.keys() == {"oncall", "manager"}
    assert 170 <= moments["manager"] - moments["oncall"] <= 182
    (only,) = receiver(world, "manager").taken
    assert (only.why, only.pages) == ("Opened", True)


def test_what_is_acknowledged_never_escalates() -> None:
    async def taken(world: World) -> None:
        await opened(world)
        await asyncio.sleep(2 * MINUTES)
        say(world, acknowledgement={"by": "alice"})
        await asyncio.sleep(4 * MINUTES)
        close(world)

    world, _ = lived(teams(), taken, seconds=7 * MINUTES)

    assert receiver(world, "manager").asked == 0
    assert receiver(world).why("loan-1")[-1] == "Closed"


def test_an_acknowledgement_while_a_step_could_not_be_told_stops_it_too() -> None:
    world = teams()
    receiver(world, "manager").away = True

    async def taken(world: World) -> None:
        await opened(world)
        await asyncio.sleep(4 * MINUTES)
        say(world, acknowledgement={"by": "alice"})
        await asyncio.sleep(MINUTES)
        receiver(world, "manager").away = False

    lived(world, taken, seconds=7 * MINUTES)

    assert receiver(world, "manager").asked > 0
    assert receiver(world, "manager").taken == []


def test_who_was_told_once_is_told_of_the_rest_though_somebody_has_it_by_then() -> None:
    async def taken(world: World) -> None:
        await opened(world)
        await asyncio.sleep(4 * MINUTES)
        say(world, acknowledgement={"by": "alice"})
        await asyncio.sleep(MINUTES)
        close(world)

    world, _ = lived(teams(), taken, seconds=7 * MINUTES)

    assert receiver(world, "manager").why("loan-1") == ["Opened", "Acknowledged", "Closed"]


def test_a_policy_that_goes_or_changes_takes_nobody_out_of_what_is_open() -> None:
    world = teams()
    for each in ("oncall", "manager"):
        receiver(world, each).away = True

    async def deleted(world: World) -> None:
        await rolled_back(world)
        await until(lambda: world.server.list("Incident"))
        await asyncio.sleep(5)
        world.server.delete("IncidentPolicy", "lending", "lending", "2026-03-01T12:00:00Z")

    lived(world, deleted, seconds=5 * MINUTES)
    receiver(world).away = receiver(world, "manager").away = False
    lived(world, nothing_happens, seconds=7 * MINUTES)

    kept = incident(world)["status"]["escalation"]
    assert [(step["after"], step["notify"]) for step in kept] == [*STEPS]
    assert receiver(world).why("loan-1")
    assert receiver(world, "manager").why("loan-1")
    assert receiver(world, "channel").asked == 0


def test_a_policy_that_begins_to_name_somebody_changes_nothing_of_what_is_told_already() -> None:
    world = a_world(oncall=NAMED, channel=DEFAULT)

    async def edited(world: World) -> None:
        await opened(world)
        escalate(world, ("0s", ["oncall"]))
        await asyncio.sleep(5)
        close(world)

    lived(world, edited)

    assert receiver(world).asked == 0
    assert receiver(world, "channel").why("loan-1")[-1] == "Closed"
    assert not incident(world)["status"].get("escalation")


@pytest.mark.parametrize("names", [["oncal"], ["oncal", "oncall"]])
def test_a_name_that_nobody_has_stands_for_those_who_are_told_by_default(names: list[str]) -> None:
    world = teams(("0s", names))

    lived(world, opened)

    assert receiver(world, "channel").why("loan-1")
    assert bool(receiver(world).taken) == ("oncall" in names)


def test_a_receiver_of_another_namespace_is_a_name_that_nobody_has() -> None:
    world = teams(("0s", ["manager"]))
    world.receivers["manager"].reach = type(NAMED)(namespaces=("fraud",))

    lived(world, opened)

    assert receiver(world, "manager").asked == 0
    assert receiver(world, "channel").why("loan-1")


def test_killed_between_sending_and_writing_that_down_it_is_sent_twice_under_one_key() -> None:
    for deaths in (1, 2, 3):
        world = teams()
        first = Process(world)
        keys: list[str] = []

        def die(
            _: object, first: Process = first, keys: list[str] = keys, deaths: int = deaths
        ) -> None:
            keys.append("sent")
            if len(keys) == deaths:
                first.line.broken = Killed()
                raise first.line.broken

        receiver(world).then = die

        async def story(world: World, first: Process = first) -> None:
            next_one = asyncio.create_task(successor(world, first))
            await opened(world)
            await asyncio.sleep(5)
            say(world, acknowledgement={"by": "alice"})
            await asyncio.sleep(20)
            close(world)
            await asyncio.sleep(20)
            next_one.cancel()
            await asyncio.gather(next_one, return_exceptions=True)

        async def successor(world: World, first: Process) -> None:
            await until(lambda: first.line.broken)
            await asyncio.sleep(2)
            await Process(world).run()

        lived(world, story, first)

        sent = [(each.why, each.key) for each in receiver(world).taken]
        once = list(dict.fromkeys(sent))
        assert [why for why, _ in once] == ["Opened", "Acknowledged", "Closed"]
        assert len(sent) == len(once) + 1
        assert notes(world)["oncall"]["sent"] == 3


def test_many_models_with_one_cause_call_somebody_once() -> None:
    world = a_world()
    left_open(world, "first-1")
    for number in range(3):
        left_open(world, f"other-{number}", parent="lending/first-1")

    lived(world, nothing_happens)

    calls = {each.incident: each.pages for each in receiver(world).taken}
    assert calls == {"first-1": True, "other-0": False, "other-1": False, "other-2": False}


def test_a_policy_says_whether_everybody_is_there_whom_it_names() -> None:
    def said(*names: str) -> tuple[str, str, str]:
        world = a_world(oncall=NAMED, fraud=type(NAMED)(namespaces=("fraud",)))
        if names:
            escalate(world, ("0s", names))
        lived(world, nothing_happens, seconds=5)
        body = world.server.get("IncidentPolicy", "lending", "lending")
        assert body is not None
        found = [c for c in body["status"]["conditions"] if c["type"] == "ReceiversFound"]
        return (
            tuple(found[0][key] for key in ("status", "reason", "message")) if found else ("",) * 3
        )

    assert said() == ("", "", "")
    assert said("oncall")[:2] == ("True", "ReceiversFound")
    status, reason, message = said("oncall", "oncal", "fraud")
    assert (status, reason) == ("False", "ReceiverUnknown")
    assert message.startswith("spec.escalation: fraud, oncal: not configured")


def test_a_note_that_is_written_before_anything_else_brings_the_steps_with_it() -> None:
    """Receivers and whoever keeps the steps run side by side: neither may be the first by luck."""
    world = teams()
    left_open(world, "other-1")
    process = Process(world)
    means = telling.Means(
        {name: told.reach for name, told in world.receivers.items()},
        process.store,
        Writer(process.store, MemoryResources(world.server, process.line)),
        process.fence,
        world.clock,
        process.metrics,
    )
    alone = Outbox("oncall", receiver(world), Audience.OPERATIONS, means)

    async def tells() -> None:
        for kind in ("Incident", "IncidentPolicy"):
            for body in world.server.list(kind):
                process.store.put(kind, body)
        telling_it = asyncio.create_task(alone.run())
        await until(lambda: notes(world, "other-1"))
        telling_it.cancel()
        await asyncio.gather(telling_it, return_exceptions=True)

    run(tells())

    kept = incident(world, "other-1")["status"]["escalation"]
    assert [(step["after"], step["notify"]) for step in kept] == [*STEPS]
