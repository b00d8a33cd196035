"""What lies between those who tell of an incident and what else happens to it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.receivers import MemoryReceiver
from knowngood.adapters.memory.resources import MemoryResources
from knowngood.adapters.memory.server import Object
from knowngood.adapters.memory.siem import MemorySink
from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.control.escalations import Escalations
from knowngood.control.writing import Writer
from knowngood.errors import Refused
from knowngood.exporting.records import Activity
from knowngood.messages.escalating import Reach
from tests.control.exported import MINUTES, close, incident, lived, say
from tests.control.looked_into import states
from tests.control.process import Process, until
from tests.control.stories import turns_bad
from tests.control.test_playbook import turns_bad_and_is_held
from tests.control.test_probation import played
from tests.control.told import DEFAULT, NAMED, a_world, escalate, left_open, notes, receiver
from tests.control.virtual_time import run
from tests.control.world import Told, World


def test_a_leader_that_comes_back_does_not_write_down_less_than_was_told_meanwhile() -> None:
    world = a_world()
    left_open(world, "other-1")
    mine, theirs = MemoryFence(1), MemoryFence(2, leads=False)

    def depose(_: object) -> None:
        mine.leads = False  # what was sent just now can not be written down

    receiver(world).then = depose

    async def story(world: World) -> None:
        await until(lambda: not mine.leads)
        receiver(world).then = lambda _: None
        theirs.leads = True
        await until(lambda: notes(world, "other-1"))
        say(world, "other-1", severity="Critical")
        await until(lambda: notes(world, "other-1")["oncall"]["sent"] == 2)
        theirs.leads = False
        mine.leads, mine.number = True, 3
        await asyncio.sleep(20)

    lived(world, story, Process(world, mine), Process(world, theirs))

    assert receiver(world).why("other-1") == ["Opened", "Opened", "SeverityRaised"]
    assert len({each.key for each in receiver(world).taken}) == 2
    assert notes(world, "other-1")["oncall"]["sent"] == 2


def test_what_is_closed_while_it_is_looked_into_ends_once_for_a_siem() -> None:
    world = World()
    world.sinks = {"siem": MemorySink()}
    world.objects.hangs.add("CronJob")

    async def acts(world: World, process: Process) -> None:
        await turns_bad_and_is_held(world, process)
        await until(lambda: states(world).get("fallback-ready") == "Passed")
        (found,) = world.server.list("Incident")
        close(world, found["metadata"]["name"])
        await asyncio.sleep(40)

    played(world, 300, acts)

    ends = [r.entry.text for r in world.sinks["siem"].taken if r.activity is Activity.CLOSE]
    assert len(ends) == 1
    assert ends[0].startswith("closed as Resolved by bob")
    assert states(world)["recent-changes"] == "Failed", "what came of it stands in the incident"


def test_a_model_at_rest_lets_go_of_an_incident_as_soon_as_it_is_closed() -> None:
    async def ends(world: World) -> None:
        await turns_bad(world)
        await until(lambda: world.server.list("Incident"))
        world.error_rates["8"] = 0.0
        await asyncio.sleep(2.5 * MINUTES)
        assert world.status()["incidentRef"] == {"name": "loan-1"}
        close(world)
        await until(lambda: not world.status().get("incidentRef"), within=5)

    lived(a_world(), ends, seconds=4 * MINUTES)


def test_what_a_person_has_taken_calls_nobody_who_could_not_be_told_before() -> None:
    world = a_world(oncall=DEFAULT, channel=DEFAULT)
    left_open(world, "other-1")
    receiver(world).away = True

    async def taken(world: World) -> None:
        await until(lambda: receiver(world, "channel").taken)
        say(world, "other-1", acknowledgement={"by": "alice"})
        await asyncio.sleep(MINUTES)
        receiver(world).away = False

    lived(world, taken, seconds=3 * MINUTES)

    told = [(each.why, each.pages) for each in receiver(world).taken]
    assert told == [("Opened", False), ("Acknowledged", False)]
    assert receiver(world, "channel").taken[0].pages


def alerts_of(world: World, reach: Reach) -> MemoryReceiver:
    """A receiver that has been told of an incident, and forgets."""
    alerts = MemoryReceiver(reminded_every=60.0)
    world.receivers["alerts"] = Told(alerts, reach)
    at = "2026-03-01T12:00:00.000000Z"
    note = {"receiver": "alerts", "sent": 1, "occasion": "Opened", "at": at, "severity": "High"}
    left_open(world, "other-1", notifications=[note | {"containment": "None"}])
    return alerts


@pytest.mark.parametrize(("namespace", "times"), [("lending", 3), ("fraud", 0)])
def test_who_is_no_receiver_of_a_namespace_any_more_is_not_reminded_of_it(
    namespace: str, times: int
) -> None:
    world = World()
    alerts = alerts_of(world, Reach(default=True, namespaces=(namespace,)))

    async def waits(_: World) -> None:
        await asyncio.sleep(2.5 * MINUTES)

    lived(world, waits, seconds=2.6 * MINUTES)

    assert alerts.reminders == [("other-1",)] * times


def test_a_reminder_that_comes_through_ends_an_outage_too(caplog: pytest.LogCaptureFixture) -> None:
    """Each outage begins with short pauses, or what is new would wait for long because of those of last week."""
    world = World()
    alerts = alerts_of(world, Reach(default=True))
    process = Process(world)

    def failures() -> float:
        name = "knowngood_notification_failures_total"
        return process.metrics.registry.get_sample_value(name, {"receiver": "alerts"}) or 0.0

    async def one_outage() -> None:
        failed, reminded = failures(), len(alerts.reminders)
        alerts.away = True
        await until(lambda: failures() > failed)
        alerts.away = False
        await until(lambda: len(alerts.reminders) > reminded)

    async def outages(_: World) -> None:
        for _each in range(3):
            await one_outage()

    lived(world, outages, process, seconds=7 * MINUTES)

    said = [r.getMessage() for r in caplog.records if "receiver alerts" in r.getMessage()]
    assert len(said) == 3
    assert all("is tried again in 1 s" in text for text in said)


class Refusing(MemoryResources):
    """Takes no status of one incident."""

    async def write_status(self, kind: str, meta: ObjectMeta, status: Mapping[str, Any]) -> Object:
        if meta.name == "bad-1":
            raise Refused("it is too large")
        return await super().write_status(kind, meta, status)


def test_who_is_told_of_the_others_is_kept_although_one_incident_can_not_be_written() -> None:
    world = a_world(oncall=NAMED)
    escalate(world, ("0s", ["oncall"]))
    for name in ("bad-1", "other-1"):
        left_open(world, name)
    process = Process(world)
    writer = Writer(process.store, Refusing(world.server, process.line))
    kept = Escalations(process.store, writer, process.fence, world.clock)

    async def tells() -> None:
        for kind in ("Incident", "IncidentPolicy"):
            for body in world.server.list(kind):
                process.store.put(kind, body)
        keeping = asyncio.create_task(kept.run())
        await until(lambda: incident(world, "other-1")["status"].get("escalation"), within=60)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    run(tells())
