"""Incidents that nobody needs are deleted once an hour, and nothing else is."""

from datetime import timedelta

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.resources import MemoryResources
from knowngood.adapters.memory.server import Line, MemoryServer
from knowngood.api.v1alpha1 import ObjectMeta
from knowngood.control.retaining import Retainer
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.decisions.retaining import Retention
from knowngood.errors import Refused
from tests.control.manifests import Object, a_model
from tests.control.virtual_time import EPOCH, run

HOUR = timedelta(hours=1)


def a_server(count: int = 3, days: int = 400) -> MemoryServer:
    """Incidents of a model that is gone: closed so long ago, and taken by the SIEM."""
    at, server = (EPOCH - timedelta(days=days)).isoformat(), MemoryServer()
    status: Object = {
        "phase": "Closed",
        "resolution": "Resolved",
        "timeline": [{"seq": 1, "time": at, "actor": "operator", "text": "closed"}],
        "clocks": {"detected": at, "closed": at},
        "exports": [{"sink": "soc", "seq": 1}],
    }
    for number in range(1, count + 1):
        spec = {"modelRef": {"name": "gone", "uid": "u9"}, "origin": "Trigger"}
        body = {"metadata": {"name": f"gone-{number}", "namespace": "lending"}, "spec": spec}
        server.create({"apiVersion": "knowngood.dev/v1alpha1", "kind": "Incident", **body})
        say(server, f"gone-{number}", **status)
    return server


def say(server: MemoryServer, name: str, **status: object) -> None:
    def change(body: Object) -> None:
        body["status"] = {**body.get("status", {}), **status}

    server.patch("Incident", "lending", name, change)


def names(server: MemoryServer) -> set[str]:
    return {b["metadata"]["name"] for b in server.list("Incident")}


def retainer(
    server: MemoryServer, resources: type[MemoryResources] = MemoryResources, *models: Object
) -> Retainer:
    store = Store()

    def told(kind: str, _: str, body: Object) -> None:
        store.end(kind, "lending", body["metadata"]["name"], body["metadata"]["uid"])

    server.watch(told)
    for body in server.list("Incident"):
        store.put("Incident", body)
    for body in models:
        store.put("AIModelDeployment", body)
    writer = Writer(store, resources(server, Line(MemoryFence().term)))
    return Retainer(store, writer, Retention(), ("soc",), ("oncall",))


class Refuses(MemoryResources):
    """Somebody has forbidden that one of them is deleted."""

    async def delete(self, kind: str, meta: ObjectMeta) -> None:
        if meta.name == "gone-1":
            raise Refused("denied by a webhook")
        await super().delete(kind, meta)


def test_what_was_closed_a_year_ago_is_deleted_and_what_a_siem_has_not_taken_stays() -> None:
    server = a_server()
    say(server, "gone-2", exports=[{"sink": "soc", "seq": 0}])

    run(retainer(server).look(EPOCH))

    assert names(server) == {"gone-2"}


def test_what_somebody_was_not_told_the_end_of_stays_until_they_are() -> None:
    server = a_server()
    note = {"receiver": "oncall", "sent": 1, "occasion": "Opened", "at": EPOCH.isoformat()}
    say(server, "gone-1", notifications=[note])
    say(server, "gone-2", notifications=[note | {"occasion": "Closed"}])
    say(server, "gone-3", notifications=[note | {"receiver": "somebody-before"}])

    run(retainer(server).look(EPOCH))

    assert names(server) == {"gone-1"}


def test_nothing_is_written_while_everything_is_young() -> None:
    server = a_server(days=300)
    before, mine = list(server.writes), retainer(server)

    async def day() -> None:
        for number in range(24):
            await mine.look(EPOCH + number * HOUR)

    run(day())

    assert server.writes == before


def test_it_is_looked_once_an_hour_and_more_often_while_many_are_to_go() -> None:
    server = a_server(count=150)
    mine, left = retainer(server), []

    async def story() -> None:
        for seconds in (0, 30, 60, 90):
            await mine.look(EPOCH + timedelta(seconds=seconds))
            left.append(len(names(server)))

    run(story())

    assert left == [50, 50, 0, 0]


def test_one_that_may_not_be_deleted_keeps_no_other_one() -> None:
    server = a_server()

    with pytest.raises(Refused):
        run(retainer(server, Refuses).look(EPOCH))

    assert names(server) == {"gone-1"}


def its_model(**status: object) -> Object:
    body = a_model("gone")
    body["metadata"] |= {"uid": "u9", "resourceVersion": "7"}
    return body | {"status": status}


def test_of_a_model_that_can_not_be_read_all_stay() -> None:
    server = a_server()

    run(retainer(server, MemoryResources, its_model(phase="OfANewerRelease")).look(EPOCH))

    assert names(server) == {"gone-1", "gone-2", "gone-3"}


def test_the_one_for_which_a_trigger_is_silent_stays() -> None:
    server = a_server()
    silent = {
        "version": "7",
        "trigger": "errors",
        "policy": "lending",
        "policyKind": "IncidentPolicy",
        "message": "too many",
        "foundAt": EPOCH.isoformat(),
        "incident": "gone-2",
        "closed": "FalsePositive",
    }

    run(retainer(server, MemoryResources, its_model(servingBreaches=[silent])).look(EPOCH))

    assert names(server) == {"gone-1", "gone-2"}  # the other one is the newest of the model
