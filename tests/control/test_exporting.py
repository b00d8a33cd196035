"""What a SIEM is told while an incident comes, goes on and is closed."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.resources import MemoryResources
from knowngood.adapters.memory.server import Line, MemoryServer
from knowngood.adapters.memory.siem import MemorySink
from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.answering import heard
from knowngood.errors import Changed
from knowngood.exporting.cursors import with_cursor
from tests.control.exported import (
    MINUTES,
    a_world,
    an_incident,
    answered,
    cursors,
    incident,
    lived,
    nothing_happens,
    numbers,
    say,
)
from tests.control.manifests import Object
from tests.control.process import Process
from tests.control.stories import rolled_back
from tests.control.world import World

DAWN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_incident_is_told_in_order_and_once_and_how_far_is_written_down() -> None:
    world, sink = lived(a_world("soc", "lake"), answered)

    assert sink.entries("loan-1") == numbers(world)
    assert world.sinks["lake"].taken == sink.taken
    assert cursors(world) == dict.fromkeys(("soc", "lake"), numbers(world)[-1])
    assert len({r.uid for r in sink.taken}) == len(sink.taken)
    assert [r.evidence.id for r in sink.taken if r.evidence] == ["e1"]


def test_nothing_is_written_and_nothing_sent_while_nothing_happens() -> None:
    async def story(world: World) -> None:
        await answered(world)
        await asyncio.sleep(2 * MINUTES)
        before = len(world.server.writes), world.sinks["soc"].asked
        await asyncio.sleep(10 * MINUTES)
        assert (len(world.server.writes), world.sinks["soc"].asked) == before

    lived(a_world("soc"), story, seconds=14 * MINUTES)


def test_a_siem_that_is_dead_delays_nothing() -> None:
    def story(sinks: tuple[str, ...]) -> tuple[Object, list[str]]:
        world = a_world(*sinks)
        for sink in world.sinks.values():
            sink.silent = True
        process = Process(world)
        lived(world, rolled_back, process)
        return incident(world), process.line.sent

    assert story(("soc",)) == story(())


def test_an_outage_of_ten_minutes_and_a_restart_lose_nothing() -> None:
    """The incident is opened, taken and closed meanwhile, and nobody has written down a word of the SIEM's."""
    world = a_world("soc")
    sink = world.sinks["soc"]
    sink.away = True
    lived(world, answered, seconds=5 * MINUTES)
    assert (sink.taken, cursors(world)) == ([], {})

    async def comes_back(_: World) -> None:
        await asyncio.sleep(5 * MINUTES)
        sink.away = False

    lived(world, comes_back, seconds=7 * MINUTES)

    assert sink.entries("loan-1") == numbers(world)
    assert cursors(world) == {"soc": numbers(world)[-1]}


def test_a_siem_that_is_away_is_asked_less_and_less_and_at_least_once_a_minute() -> None:
    world = a_world("soc")
    world.sinks["soc"].away = True

    _, sink = lived(world, rolled_back, seconds=20 * MINUTES)

    # 1, 2, 4, 8, 16, 32 seconds, and then a minute each.
    assert 20 <= sink.asked <= 27


@pytest.mark.parametrize("slow", [0.0, 0.01, 0.3, 1.0, 7.0])
def test_neither_a_pass_nor_an_export_takes_away_what_the_other_one_wrote(slow: float) -> None:
    """In the very moment in which a SIEM has taken something, before that is noted, another process writes as well."""
    world = a_world("soc", "lake")
    for name, sink in world.sinks.items():
        sink.slow = slow * (1 if name == "soc" else 1.7)
    history = kept(world)
    heard_once: list[Object] = []

    def another_process(_: object) -> None:
        if not heard_once:
            say(world, acknowledgement={"by": "alice"})
            now = heard(Incident.model_validate(incident(world)), DAWN, proved=True)
            assert now is not None
            heard_once.append(now.wire())
            world.server.patch("Incident", "lending", "loan-1", write(heard_once[0]))

    world.sinks["soc"].then = another_process

    lived(world, rolled_back, Process(world), Process(world, MemoryFence(2)), seconds=200)

    texts = [entry["text"] for entry in incident(world)["status"]["timeline"]]
    assert sum("acknowledged by alice" in text for text in texts) == 1
    assert sum("was seen to give version 8 no requests" in text for text in texts) == 1
    assert incident(world)["status"]["containment"] == "Verified"
    assert cursors(world) == dict.fromkeys(("soc", "lake"), numbers(world)[-1])
    assert history == []
    for sink in world.sinks.values():
        assert sorted(set(sink.entries("loan-1"))) == numbers(world)


async def test_a_pass_that_has_not_seen_a_cursor_yet_is_refused_and_sees_it_then() -> None:
    server, store = MemoryServer(), Store()
    server.create(an_incident("loan-1"))
    (body,) = server.list("Incident")
    store.put("Incident", body)
    writer = Writer(store, MemoryResources(server, Line(MemoryFence().term)))
    seen = Incident.model_validate(body)
    exports = with_cursor(seen.status or IncidentStatus(), "soc", 1, {"soc"})
    server.patch("Incident", "lending", "loan-1", write(exports.wire()))

    told = heard(seen, DAWN, proved=True)
    assert told is not None
    with pytest.raises(Changed):
        await writer.status(seen, told)

    now: Incident | None = store.get("Incident", "lending", "loan-1")
    assert now is not None
    again = heard(now, DAWN, proved=True)
    assert again is not None
    assert (again.exports, len(again.timeline)) == (exports.exports, 1)


def kept(world: World) -> list[str]:
    """What an incident ever loses of its timeline or of its cursors, while the world lives."""
    before: dict[str, Object] = {}
    lost: list[str] = []

    def look(kind: str, _: str, body: Object) -> None:
        status = body.get("status") or {}
        if kind == "Incident" and before:
            known = before["status"]
            lost.extend(f"{e}" for e in known.get("timeline", []) if e not in status["timeline"])
            now = {e["sink"]: e["seq"] for e in status.get("exports", [])}
            then = {e["sink"]: e["seq"] for e in known.get("exports", [])}
            lost.extend(f"cursor of {n}" for n, seq in then.items() if now.get(n, 0) < seq)
        if kind == "Incident":
            before["status"] = status

    world.server.watch(look)
    return lost


def write(status: Object) -> Callable[[Object], None]:
    return lambda body: body.update(status=status)


def test_what_is_wrong_with_one_incident_keeps_no_other_one_back() -> None:
    world = a_world("soc")
    world.add(an_incident("other-1"))
    sink = world.sinks["soc"]
    sink.refused = {"other-1"}

    lived(world, answered)

    assert sink.entries("loan-1") == numbers(world)
    assert sink.entries("other-1") == []
    sink.refused = set()
    lived(world, nothing_happens)
    assert sink.entries("other-1") == [1]


def test_who_does_not_lead_tells_nobody() -> None:
    world = a_world("soc")
    world.sinks["soc"].away = True
    lived(world, answered)
    asked = world.sinks["soc"].asked
    world.sinks["soc"].away = False

    _, sink = lived(world, nothing_happens, Process(world, MemoryFence(leads=False)))

    assert (sink.taken, sink.asked) == ([], asked)


def test_a_long_timeline_is_told_in_parts_each_of_which_is_noted() -> None:
    world = a_world("soc")
    world.sinks["soc"].away = True
    world.add(an_incident("other-1"))
    lived(world, nothing_happens)
    entry = {"time": "2026-03-01T12:00:00Z", "csf": "DE.AE", "actor": "operator", "text": "more"}

    def grow(body: Object) -> None:
        body["status"]["timeline"] = [entry | {"seq": n} for n in range(1, 51)]

    world.server.patch("Incident", "lending", "other-1", grow)
    seen: list[dict[str, int]] = []
    sink = world.sinks["soc"]
    sink.away, sink.then = False, lambda _: seen.append(cursors(world, "other-1"))

    lived(world, nothing_happens)

    assert sink.entries("other-1") == list(range(1, 51))
    assert seen == [{}, {"soc": 20}, {"soc": 40}]


def test_who_loses_the_lease_stops_at_once() -> None:
    world, fence = a_world("soc"), MemoryFence()
    for number in range(3):
        world.add(an_incident(f"other-{number}"))
    world.sinks["soc"].away = True
    lived(world, nothing_happens)

    def depose(_: object) -> None:
        fence.leads = False

    world.sinks["soc"].away, world.sinks["soc"].then = False, depose
    _, sink = lived(world, nothing_happens, Process(world, fence))

    assert len({r.incident.metadata.name for r in sink.taken}) == 1


def test_a_new_siem_begins_with_what_is_open_and_what_was_closed_within_a_day() -> None:
    world, _ = lived(a_world("soc"), answered)
    world.add(an_incident("other-1"))
    lived(world, nothing_happens)
    world.sinks = {"late": MemorySink()}
    lived(world, nothing_happens)
    assert {r.incident.metadata.name for r in world.sinks["late"].taken} == {"loan-1", "other-1"}

    def long_ago(body: Object) -> None:
        body["status"]["clocks"]["closed"] = "2026-02-01T00:00:00Z"

    world.server.patch("Incident", "lending", "loan-1", long_ago)
    world.sinks = {"later": MemorySink()}
    lived(world, nothing_happens)

    assert {r.incident.metadata.name for r in world.sinks["later"].taken} == {"other-1"}


def test_the_metrics_say_what_was_sent_what_failed_and_how_long_something_waits() -> None:
    world = a_world("soc")
    sink, process = world.sinks["soc"], Process(world)
    sink.away = True
    shown: list[dict[str, float]] = []

    def show() -> None:
        process.exporter.measure()
        found = process.metrics.registry.get_sample_value
        names = ("records_total", "failures_total", "oldest_unsent_seconds")
        shown.append({n: found(f"knowngood_export_{n}", {"sink": "soc"}) or 0.0 for n in names})

    async def watched(world: World) -> None:
        show()
        await answered(world)
        await asyncio.sleep(30)
        show()
        sink.away = False
        await asyncio.sleep(2 * MINUTES)
        show()

    lived(world, watched, process, seconds=5 * MINUTES)

    before, during_it, after = shown
    assert before == {"records_total": 0, "failures_total": 0, "oldest_unsent_seconds": 0}
    assert during_it["failures_total"] > 3
    assert during_it["oldest_unsent_seconds"] > 30
    assert after["records_total"] == len(sink.taken)
    assert after["oldest_unsent_seconds"] == 0
