"""Who has taken an incident where they were paged: nobody else is called for it, and it is told once."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.resources import MemoryResources
from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.control.acknowledging import Acknowledger, Heard
from knowngood.control.writing import Writer
from knowngood.errors import NotLeader, Unavailable
from knowngood.messages.escalating import Reach
from knowngood.receivers.hooks import Said
from knowngood.receivers.pagerduty_hooks import PagerDutyHook
from tests.control.exported import MINUTES, close, incident, lived, say
from tests.control.manifests import Object
from tests.control.process import Killed, Process, until
from tests.control.stories import rolled_back
from tests.control.told import NAMED, a_world, escalate, notes, nothing_happens, receiver
from tests.control.world import World
from tests.receivers.paged import ALICE, a_file, by_pagerduty, event

TAKEN = f"acknowledged by {ALICE} (PagerDuty receiver oncall)"


def teams() -> World:
    world = a_world(oncall=NAMED, manager=NAMED)
    escalate(world, ("0s", ["oncall"]), ("15m", ["manager"]))
    return world


async def opened(world: World) -> None:
    await rolled_back(world)
    await until(lambda: notes(world) if world.server.list("Incident") else None)


def acknowledger(
    process: Process,
    resources: MemoryResources | None = None,
    reaches: Mapping[str, Reach] | None = None,
) -> Acknowledger:
    world = process.world
    writer = Writer(process.store, resources or MemoryResources(world.server, process.line))
    known = reaches or {name: told.reach for name, told in world.receivers.items()}
    return Acknowledger(known, process.store, writer, process.fence, world.clock)


def from_pagerduty(world: World, folder: Path) -> Said:
    """What comes back for the page that was sent."""
    body = event(receiver(world).taken[0].thread)
    said = PagerDutyHook("oncall", a_file(folder)).read(by_pagerduty(body), body, world.clock.now())
    assert said is not None
    return said


def texts(world: World) -> list[str]:
    return [entry["text"] for entry in incident(world)["status"]["timeline"]]


def acknowledged(world: World) -> list[str]:
    return [text for text in texts(world) if text.startswith("acknowledged by")]


def test_an_acknowledgement_in_pagerduty_at_minute_10_stops_the_step_of_minute_15(
    tmp_path: Path,
) -> None:
    process = Process(teams())
    heard: list[Heard] = []

    async def taken(world: World) -> None:
        await opened(world)
        await asyncio.sleep(10 * MINUTES)
        heard.append(await acknowledger(process).hear(from_pagerduty(world, tmp_path)))
        await asyncio.sleep(8 * MINUTES)
        close(world)

    world, _ = lived(process.world, taken, process, seconds=20 * MINUTES)

    assert heard == [Heard.TAKEN]
    assert receiver(world, "manager").asked == 0
    assert receiver(world).why("loan-1")[-2:] == ["Acknowledged", "Closed"]
    assert acknowledged(world) == [TAKEN]
    told = next(d for d in receiver(world).taken if d.why == "Acknowledged")
    assert f"is taken care of by {ALICE} (PagerDuty receiver oncall)" in told.message.title
    assert "say that you have it" not in told.message.text
    assert (incident(world)["spec"].get("acknowledgement")) is None, "it names no user"


def test_without_it_the_step_of_minute_15_is_taken() -> None:
    world, _ = lived(teams(), opened, seconds=20 * MINUTES)

    assert receiver(world, "manager").why("loan-1")[0] == "Opened"


def test_killed_between_the_write_and_the_answer_it_is_sent_again_and_told_once(
    tmp_path: Path,
) -> None:
    world = teams()
    first, second = Process(world), Process(world)
    heard: list[Heard] = []

    async def taken(world: World) -> None:
        await opened(world)
        await asyncio.sleep(MINUTES)
        first.kill_after(len(first.line.sent) + 1)
        said = from_pagerduty(world, tmp_path)
        with pytest.raises(Killed):
            await acknowledger(first).hear(said)
        assert acknowledged(world) == [TAKEN]
        running = asyncio.create_task(second.run())
        await until(lambda: second.store.count("Incident"))
        heard.append(await acknowledger(second).hear(said))
        await asyncio.sleep(20 * MINUTES)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    lived(world, taken, first, seconds=25 * MINUTES)

    assert heard == [Heard.KNOWN]
    assert acknowledged(world) == [TAKEN]
    assert receiver(world, "manager").asked == 0


def test_a_replica_that_does_not_lead_writes_nothing(tmp_path: Path) -> None:
    process = Process(teams())

    async def refused(world: World) -> None:
        await opened(world)
        assert isinstance(process.fence, MemoryFence)
        process.fence.leads = False
        with pytest.raises(NotLeader):
            await acknowledger(process).hear(from_pagerduty(world, tmp_path))
        process.fence.leads = True

    world, _ = lived(process.world, refused, process)

    assert acknowledged(world) == []


def test_what_a_pass_or_a_person_has_written_meanwhile_stays(tmp_path: Path) -> None:
    """The process has not seen yet what was written: it decides anew on that."""
    for word, outcome, entries in (
        ({"severity": "Low"}, Heard.TAKEN, [TAKEN]),
        (
            {"acknowledgement": {"by": "bob"}},
            Heard.KNOWN,
            ["acknowledged by bob (unverified)"],
        ),
    ):
        process = Process(teams())
        heard: list[Heard] = []

        async def taken(
            world: World,
            word: Object = word,
            process: Process = process,
            heard: list[Heard] = heard,
        ) -> None:
            await opened(world)
            await asyncio.sleep(MINUTES)
            said = from_pagerduty(world, tmp_path)
            say(world, **word)
            heard.append(await acknowledger(process).hear(said))
            await asyncio.sleep(MINUTES)
            say(world, acknowledgement={"by": "bob"})
            await asyncio.sleep(MINUTES)

        world, _ = lived(process.world, taken, process, seconds=6 * MINUTES)

        assert heard == [outcome]
        assert acknowledged(world) == entries
        assert incident(world)["spec"]["severity" if "severity" in word else "acknowledgement"]


class Restless(MemoryResources):
    """Somebody is always quicker."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.world.server, process.line)
        self.world = process.world
        self.asked = 0

    async def write_status(
        self, kind: str, meta: ObjectMeta, status: Mapping[str, Any]
    ) -> dict[str, Any]:
        self.asked += 1
        say(self.world, severity=["Low", "High"][self.asked % 2])
        return await super().write_status(kind, meta, status)


def test_what_changes_again_and_again_is_given_up_for_now(tmp_path: Path) -> None:
    process = Process(teams())
    restless = Restless(process)

    async def taken(world: World) -> None:
        await opened(world)
        with pytest.raises(Unavailable):
            await acknowledger(process, restless).hear(from_pagerduty(world, tmp_path))

    world, _ = lived(process.world, taken, process)

    assert 1 < restless.asked < 10
    assert acknowledged(world) == []


def test_what_is_closed_or_not_told_to_the_receiver_or_gone_is_left_alone(tmp_path: Path) -> None:
    process = Process(teams())
    heard: list[Heard] = []

    async def late(world: World) -> None:
        await opened(world)
        said = from_pagerduty(world, tmp_path)
        others = {"oncall": Reach(namespaces=("fraud",))}
        heard.append(await acknowledger(process, reaches=others).hear(said))
        close(world)
        await asyncio.sleep(5)
        heard.append(await acknowledger(process).hear(said))
        world.server.delete("Incident", "lending", "loan-1", "")
        heard.append(await acknowledger(process).hear(said))
        await asyncio.sleep(5)

    world, _ = lived(process.world, late, process)

    assert heard[:2] == [Heard.UNKNOWN, Heard.KNOWN]
    assert heard[2] in {Heard.KNOWN, Heard.UNKNOWN}
    assert world.server.list("Incident") == []


def test_an_incident_that_goes_while_it_is_written_is_gone(tmp_path: Path) -> None:
    process = Process(teams())
    heard: list[Heard] = []

    async def gone(world: World) -> None:
        await opened(world)
        said = from_pagerduty(world, tmp_path)
        world.server.delete("Incident", "lending", "loan-1", "")
        heard.append(await acknowledger(process).hear(said))

    lived(process.world, gone, process)

    assert heard == [Heard.UNKNOWN]


def test_it_holds_when_the_next_leader_looks(tmp_path: Path) -> None:
    process = Process(teams())

    async def taken(world: World) -> None:
        await opened(world)
        await acknowledger(process).hear(from_pagerduty(world, tmp_path))
        await asyncio.sleep(5)

    world, _ = lived(process.world, taken, process)
    before = incident(world)
    lived(world, nothing_happens, seconds=20 * MINUTES)

    assert incident(world)["status"]["acknowledgement"] == before["status"]["acknowledgement"]
    assert receiver(world, "manager").asked == 0
    assert acknowledged(world) == [TAKEN]
