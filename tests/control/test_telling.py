"""What people are told while an incident comes, goes on and is closed."""

import asyncio

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.receivers import MemoryReceiver
from knowngood.errors import ReceiverRefused
from knowngood.messages.dispatches import Dispatch
from knowngood.messages.escalating import Reach
from tests.control.exported import MINUTES, answered, close, incident, lived, say
from tests.control.process import Process, until
from tests.control.stories import rolled_back
from tests.control.told import (
    DEFAULT,
    NAMED,
    a_world,
    left_open,
    notes,
    nothing_happens,
    receiver,
)
from tests.control.world import Told, World

WHOLE = ["Opened", "Acknowledged", "Closed"]
"""A canary is contained before the first message goes out, which says so."""


def test_people_are_told_in_order_and_once_and_what_they_know_is_written_down() -> None:
    world, _ = lived(a_world(oncall=DEFAULT, chat=DEFAULT), answered)

    for name in ("oncall", "chat"):
        assert receiver(world, name).why("loan-1") == WHOLE
        note = notes(world)[name]
        assert (note["sent"], note["occasion"]) == (3, "Closed")
        assert (note["severity"], note["containment"]) == ("High", "Verified")
    sent = [each.key for name in ("oncall", "chat") for each in receiver(world, name).taken]
    assert len(set(sent)) == len(sent) == 6
    assert {each.thread for each in receiver(world).taken} == {incident(world)["metadata"]["uid"]}
    # The head of the chain as it was, which no later edit of the status reaches.
    hashes = {entry["hash"] for entry in incident(world)["status"]["timeline"]}
    assert all(each.message.record in hashes for each in receiver(world).taken)


def test_nothing_is_written_and_nothing_sent_while_nothing_happens() -> None:
    async def story(world: World) -> None:
        await answered(world)
        await asyncio.sleep(2 * MINUTES)
        before = len(world.server.writes), receiver(world).asked
        await asyncio.sleep(10 * MINUTES)
        assert (len(world.server.writes), receiver(world).asked) == before

    lived(a_world(), story, seconds=14 * MINUTES)


def test_a_receiver_that_is_dead_delays_neither_passes_nor_other_receivers() -> None:
    def story(*dead: str) -> tuple[list[str], list[float]]:
        world = a_world(oncall=DEFAULT, pager=DEFAULT)
        for name in dead:
            receiver(world, name).silent = True
        process = Process(world)
        moments: list[float] = []
        receiver(world).then = lambda _: moments.append(world.clock.monotonic())
        lived(world, answered, process)
        assert receiver(world).why("loan-1") == WHOLE
        passes = [w for w in process.line.sent if w != "status of Incident loan-1"]
        return passes, moments

    assert story("pager") == story()


def test_an_outage_of_ten_minutes_and_a_restart_lose_nothing_of_what_goes_on() -> None:
    world = a_world()
    receiver(world).away = True
    lived(world, rolled_back, seconds=5 * MINUTES)
    assert (receiver(world).taken, notes(world)) == ([], {})

    async def comes_back(world: World) -> None:
        await asyncio.sleep(5 * MINUTES)
        receiver(world).away = False
        await until(lambda: receiver(world).taken, within=70)

    lived(world, comes_back, seconds=7 * MINUTES)

    (first,) = receiver(world).taken
    assert first.why == "Opened"
    assert str(first.message.lines[2]).startswith("Verified: yes")  # as it is now
    assert notes(world)["oncall"]["sent"] == 1


def test_what_was_opened_and_closed_while_nobody_could_be_told_calls_nobody_and_is_told() -> None:
    world = a_world()
    receiver(world).away = True
    lived(world, answered, seconds=5 * MINUTES)
    receiver(world).away = False

    lived(world, nothing_happens)

    (only,) = receiver(world).taken
    assert (only.why, only.pages) == ("Closed", False)


def test_a_receiver_that_is_away_is_asked_less_and_less_and_at_least_once_a_minute() -> None:
    world = a_world()
    receiver(world).away = True

    lived(world, rolled_back, seconds=10 * MINUTES)

    # 1, 2, 4, 8, 16, 32 seconds, and then a minute each.
    assert 11 <= receiver(world).asked <= 16


@pytest.mark.parametrize("slow", [0.01, 1.0, 7.0])
def test_a_note_and_a_pass_take_nothing_from_each_other_however_slow_somebody_is(
    slow: float,
) -> None:
    world = a_world(oncall=DEFAULT, chat=DEFAULT)
    for number, told in enumerate(world.receivers.values(), 1):
        told.receiver.slow = slow * number * 0.7

    lived(world, answered, Process(world), Process(world, MemoryFence(2)), seconds=300)

    status = incident(world)["status"]
    texts = [entry["text"] for entry in status["timeline"]]
    assert len(texts) == len(set(texts))
    assert status["resolution"] == "Resolved"
    for name in ("oncall", "chat"):
        assert notes(world)[name]["occasion"] == "Closed"
        assert list(dict.fromkeys(receiver(world, name).why("loan-1")))[-1] == "Closed"


def test_what_is_refused_of_one_incident_keeps_no_other_one_back() -> None:
    world = a_world()
    left_open(world, "other-1")
    receiver(world).refused = {"other-1"}

    lived(world, answered)

    assert receiver(world).why("loan-1") == WHOLE
    assert receiver(world).why("other-1") == []
    receiver(world).refused = set()
    lived(world, nothing_happens)
    assert receiver(world).why("other-1") == ["Opened"]


def test_who_does_not_lead_tells_nobody() -> None:
    world = a_world()
    left_open(world, "other-1")

    lived(world, nothing_happens, Process(world, MemoryFence(leads=False)))

    assert receiver(world).asked == 0


def test_who_loses_the_lease_stops_at_once() -> None:
    world, fence = a_world(), MemoryFence()
    for number in range(3):
        left_open(world, f"other-{number}")

    def depose(_: object) -> None:
        fence.leads = False

    receiver(world).then = depose
    lived(world, nothing_happens, Process(world, fence))

    assert receiver(world).asked == 1


def test_who_loses_the_lease_while_somebody_refuses_a_message_sends_no_other_one() -> None:
    world, fence = a_world(), MemoryFence()

    class Deposing(MemoryReceiver):
        async def deliver(self, dispatch: Dispatch) -> None:
            self.asked += 1
            fence.leads = False
            raise ReceiverRefused(dispatch.incident)

    world.receivers["oncall"].receiver = Deposing()
    for number in range(3):
        left_open(world, f"other-{number}")

    lived(world, nothing_happens, Process(world, fence))

    assert receiver(world).asked == 1


def test_a_receiver_that_forgets_is_reminded_of_what_is_open_and_nothing_is_written() -> None:
    world = World()
    alerts = MemoryReceiver(reminded_every=60.0)
    world.receivers["alerts"] = Told(alerts)
    left_open(world, "other-1")

    async def story(world: World) -> None:
        await rolled_back(world)
        await until(lambda: world.status().get("phase") == "RolledBack")
        await asyncio.sleep(MINUTES)
        before = len(world.server.writes)
        await asyncio.sleep(5 * MINUTES)
        assert len(world.server.writes) == before
        close(world)

    lived(world, story, seconds=9 * MINUTES)

    both = [names for names in alerts.reminders if len(names) > 1]
    assert 5 <= len(both) <= 8
    assert alerts.reminders[-1] == ("other-1",)
    assert 8 <= len(alerts.reminders) <= 10


def test_only_the_namespaces_that_may_use_a_receiver_do() -> None:
    world = a_world(
        oncall=Reach(default=True, namespaces=("fraud",)),
        chat=Reach(default=True, namespaces=("lending",)),
    )

    lived(world, answered)

    assert receiver(world).asked == 0
    assert receiver(world, "chat").why("loan-1") == WHOLE


def test_who_is_not_default_is_told_nothing_that_no_policy_asks_for() -> None:
    world = a_world(oncall=DEFAULT, manager=NAMED)

    lived(world, answered)

    assert receiver(world, "manager").asked == 0


def test_a_raised_severity_calls_people_once_more() -> None:
    async def story(world: World) -> None:
        await rolled_back(world)
        await until(lambda: "oncall" in notes(world) if world.server.list("Incident") else False)
        await asyncio.sleep(30)
        say(world, severity="Critical")

    world, _ = lived(a_world(), story)

    assert receiver(world).why("loan-1") == ["Opened", "SeverityRaised"]
    last = receiver(world).taken[-1]
    assert (last.pages, last.was, last.severity) == (True, "High", "Critical")


def test_the_metrics_say_what_was_sent_what_failed_and_how_long_something_waits() -> None:
    world = a_world()
    process, shown = Process(world), list[dict[str, float]]()
    receiver(world).away = True

    def show() -> None:
        process.notifier.measure()
        found = process.metrics.registry.get_sample_value
        names = (
            "notifications_sent_total",
            "notification_failures_total",
            "notification_oldest_unsent_seconds",
        )
        shown.append({n: found(f"knowngood_{n}", {"receiver": "oncall"}) or 0.0 for n in names})

    async def watched(world: World) -> None:
        show()
        await rolled_back(world)
        await asyncio.sleep(MINUTES)
        show()
        receiver(world).away = False
        await asyncio.sleep(2 * MINUTES)
        show()

    lived(world, watched, process, seconds=5 * MINUTES)

    before, during, after = (tuple(each.values()) for each in shown)
    assert before == (0, 0, 0)
    assert (during[0], during[1] > 3, during[2] > 30) == (0, True, True)
    assert (after[0], after[2]) == (len(receiver(world).taken), 0)
    assert after[0] > 0
