"""What a SIEM is told of the commands that people give, carried out or refused."""

import asyncio

import pytest

from knowngood.adapters.memory.siem import MemorySink
from tests.control.exported import MINUTES, a_world, lived, nothing_happens
from tests.control.manifests import Object
from tests.control.process import Killed, Process, until
from tests.control.world import World


def told(sink: MemorySink) -> list[tuple[int, str, str]]:
    return [(r.number, r.command.verb, str(r.command.result)) for r in sink.commands]


def cursor(world: World) -> dict[str, int]:
    return {e["sink"]: e["seq"] for e in world.status().get("commandExports") or []}


async def commanded(world: World) -> None:
    """Two commands that are refused, one that nobody can read, and one that is carried out."""
    await until(lambda: world.status().get("phase") == "Probation")
    for number, words in enumerate(("promote 8", "retry 9", "dance 7", "undo 7"), 1):
        world.command(words, by="alice")
        await until(lambda n=number: len(world.status().get("commands") or ()) == n)  # type: ignore[misc]  # a default
        await asyncio.sleep(2)
    world.want("8")
    await until(lambda: world.status().get("phase") == "Progressing")
    world.command("abort 8", by="alice")
    await until(lambda: len(world.status()["commands"]) == 5)


ALL = [
    (1, "promote", "Refused"),
    (2, "retry", "Refused"),
    (3, "", "Refused"),
    (4, "undo", "Refused"),
    (5, "abort", "Done"),
]


def test_every_command_is_told_in_order_and_once_carried_out_or_refused() -> None:
    world = a_world("soc", "lake")
    lived(world, commanded, Process(world, people_proved=True))

    for sink in world.sinks.values():
        assert told(sink) == ALL
        assert {r.by for r in sink.commands} == {"alice"}
    assert cursor(world) == {"soc": 5, "lake": 5}
    assert world.sinks["soc"].commands[0].command.message


def test_who_is_not_proved_is_told_as_whoever_they_claim_to_be() -> None:
    _, sink = lived(a_world("soc"), commanded)

    assert {(r.by, r.command.claimed) for r in sink.commands} == {("", "alice")}


def test_nothing_is_written_and_nothing_sent_after_a_command_while_nothing_happens() -> None:
    async def story(world: World) -> None:
        await commanded(world)
        await asyncio.sleep(2 * MINUTES)
        before = len(world.server.writes), world.sinks["soc"].asked
        await asyncio.sleep(10 * MINUTES)
        assert (len(world.server.writes), world.sinks["soc"].asked) == before

    lived(a_world("soc"), story, seconds=20 * MINUTES)


def test_an_outage_of_ten_minutes_and_a_restart_lose_no_command() -> None:
    world = a_world("soc")
    sink = world.sinks["soc"]
    sink.away = True
    lived(world, commanded, seconds=5 * MINUTES)
    assert (sink.commands, cursor(world)) == ([], {})

    async def comes_back(_: World) -> None:
        await asyncio.sleep(5 * MINUTES)
        sink.away = False

    lived(world, comes_back, seconds=7 * MINUTES)

    assert told(sink) == ALL
    assert cursor(world) == {"soc": 5}


@pytest.mark.parametrize("sent", [1, 3, 5])
def test_killed_between_sending_and_noting_a_command_is_sent_twice_and_never_lost(
    sent: int,
) -> None:
    world = a_world("soc")
    sink, first, seen = world.sinks["soc"], Process(world), []

    def die(records: object) -> None:
        seen.append(records)
        if len(seen) == sent:
            first.line.broken = Killed()
            raise first.line.broken

    sink.then = die

    async def and_another_one(world: World) -> None:
        next_one = asyncio.create_task(successor())
        await commanded(world)
        await asyncio.sleep(20)
        next_one.cancel()
        await asyncio.gather(next_one, return_exceptions=True)

    async def successor() -> None:
        await until(lambda: first.line.broken)
        await asyncio.sleep(2)
        await Process(world).run()

    lived(world, and_another_one, first, seconds=200)

    uids = [r.uid for r in sink.commands]
    assert len(uids) > len(set(uids))
    assert list(dict.fromkeys(told(sink))) == ALL
    assert cursor(world) == {"soc": 5}


def test_what_makes_room_before_a_siem_has_taken_it_is_counted() -> None:
    world = a_world("soc")
    lived(world, commanded)
    sink = world.sinks["soc"]

    async def too_many(world: World) -> None:
        sink.away = True
        for number in range(30):
            world.command(f"retry {number}", by="alice")
            await until(lambda n=number: world.status()["commands"][-1]["seq"] == n + 6)  # type: ignore[misc]  # a default
        sink.away = False

    process = Process(world)
    lived(world, too_many, process, seconds=5 * MINUTES)

    assert len(world.status()["commands"]) == 24
    assert [n for n, _, _ in told(sink)] == [1, 2, 3, 4, 5, *range(12, 36)]
    lost = process.metrics.registry.get_sample_value("knowngood_export_lost_total", {"sink": "soc"})
    assert lost == 6


def test_a_pass_takes_no_cursor_away_and_no_export_a_command() -> None:
    """Both write the whole status of the model, and the SIEM answers in the middle of everything."""
    world = a_world("soc")
    world.sinks["soc"].slow = 0.3
    lost: list[object] = []
    before: dict[str, Object] = {}

    def look(kind: str, _: str, body: Object) -> None:
        status = body.get("status") or {}
        if kind != "AIModelDeployment":
            return
        known = before.get("status", {})
        seqs = [c["seq"] for c in status.get("commands", ())]
        lost.extend(c["seq"] for c in known.get("commands", ()) if c["seq"] not in seqs)
        now = {e["sink"]: e["seq"] for e in status.get("commandExports") or ()}
        lost.extend(e for e in known.get("commandExports", ()) if now.get("soc", 0) < e["seq"])
        before["status"] = status

    world.server.watch(look)
    lived(world, commanded)

    assert lost == []
    assert cursor(world) == {"soc": 5}


def test_without_a_siem_commands_are_kept_all_the_same() -> None:
    world, _ = lived(a_world(), commanded)

    assert [c["seq"] for c in world.status()["commands"]] == [1, 2, 3, 4, 5]
    assert cursor(world) == {}
    lived(world, nothing_happens)
