"""An incident that a newer release has written is known to be there, is told of, and is never written."""

from collections.abc import Callable

import pytest

from knowngood.control.store import Store
from tests.control.exported import a_world, incident, lived, nothing_happens
from tests.control.manifests import Object
from tests.control.process import Process, until
from tests.control.stories import rolled_back
from tests.control.world import World


def newer(body: Object) -> None:
    """A later release takes another action, which this one has no word for."""
    body["status"]["actions"] = [
        {"id": "a9", "type": "Teleport", "state": "Started", "startedAt": "2026-03-01T12:00:00Z"}
    ]


async def rolled_back_by_a_newer_one(world: World) -> None:
    await rolled_back(world)
    await until(lambda: world.status().get("phase") == "RolledBack")
    world.server.patch("Incident", "lending", "loan-1", newer)
    await until(lambda: world.condition("IncidentsReadable"))


def test_the_model_says_which_incident_field_and_word_it_is_and_nobody_writes_it() -> None:
    world = a_world("soc")
    process = Process(world)
    lived(world, rolled_back_by_a_newer_one, process)

    assert world.condition("IncidentsReadable") == "False IncidentUnreadable"
    (said,) = (c for c in world.status()["conditions"] if c["type"] == "IncidentsReadable")
    assert "loan-1: status.actions.0.type: 'Teleport'" in said["message"]
    before = incident(world)

    again = Process(world)
    lived(world, nothing_happens, again)

    assert incident(world) == before
    assert [w for w in again.line.sent if "loan-1" in w] == []


def test_its_number_is_not_given_again_and_the_model_goes_on() -> None:
    """Also where the model's status was lost, which knows the number otherwise."""
    world = a_world()
    lived(world, rolled_back_by_a_newer_one)

    async def another_bad_one(world: World) -> None:
        world.error_rates["9"] = 0.9
        world.edit(lambda body: body["status"].update(incidents=0))
        world.want("9")
        await until(lambda: world.server.get("Incident", "lending", "loan-2"))

    lived(world, another_bad_one, seconds=200)

    assert incident(world, "loan-2")["spec"]["modelRef"]["name"] == "loan"
    assert incident(world)["status"]["actions"][0]["type"] == "Teleport"


def test_the_condition_goes_when_the_incident_can_be_read_again() -> None:
    world = a_world()
    lived(world, rolled_back_by_a_newer_one)

    world.server.patch("Incident", "lending", "loan-1", lambda b: b["status"].update(actions=[]))
    lived(world, nothing_happens)

    assert world.condition("IncidentsReadable") == ""


HOSTILE: dict[str, Callable[[Object], None]] = {
    "no spec": lambda b: b.pop("spec"),
    "a list for a spec": lambda b: b.update(spec=[1]),
    "a number for a model": lambda b: b["spec"].update(modelRef=7),
    "an unknown origin": lambda b: b["spec"].update(origin="Drill"),
    "a long word": lambda b: b.update(status={"phase": "x" * 10_000}),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=list(HOSTILE))
def test_whatever_stands_in_an_incident_the_store_goes_on(change: Callable[[Object], None]) -> None:
    store = Store()
    spec = {"modelRef": {"name": "loan", "uid": "u1"}, "origin": "Trigger"}
    meta = {"name": "loan-1", "namespace": "lending", "uid": "i1", "resourceVersion": "1"}
    body: Object = {"kind": "Incident", "metadata": meta, "spec": spec}
    change(body)

    assert store.put("Incident", body) is True
    assert store.put("Incident", body) is False, "the same is no news"

    (broken,) = store.unreadable("Incident", "lending")
    assert broken.model in {"", "u1"}
    assert len(broken.why) < 1000
    assert store.unreadable("Incident", "elsewhere") == []
