from typing import Any

from tests.control.manifests import a_cluster_policy, a_model, a_policy, a_template, a_trigger
from tests.control.process import Process, during
from tests.control.virtual_time import run
from tests.control.world import World


def told(world: World, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
    body = world.server.get(kind, namespace, name)
    assert body is not None
    conditions = {c["type"]: (c["status"], c["reason"]) for c in body["status"]["conditions"]}
    return {"models": body["status"].get("selectedModels"), **conditions}


def ready(world: World, kind: str, name: str, namespace: str = "") -> str:
    body = world.server.get(kind, namespace, name)
    assert body is not None
    found = next(c for c in body["status"]["conditions"] if c["type"] == "Ready")
    return str(found["message"])


def watched(world: World, seconds: float = 5.0) -> Process:
    async def play() -> Process:
        process = Process(world)
        await during(world, process, seconds=seconds)
        return process

    return run(play())


def test_a_policy_says_how_many_models_it_watches_and_that_its_signals_are_there() -> None:
    world = World()
    world.add(a_model("card"))
    world.add(a_cluster_policy(namespaceSelector={"matchLabels": {"kind": "test"}}))

    watched(world)

    found = ("True", "SignalsFound")
    assert told(world, "IncidentPolicy", "lending", "lending") == {
        "models": 2,
        "Ready": found,
        "SignalsResolved": found,
    }
    assert told(world, "ClusterIncidentPolicy", "everybody")["models"] == 0
    assert told(world, "ClusterSignalTemplate", "errors")["Ready"] == found
    assert "no model is selected (spec.selector)" in ready(
        world, "ClusterIncidentPolicy", "everybody"
    )
    assert "no model" not in ready(world, "IncidentPolicy", "lending", "lending")


def test_a_policy_whose_signal_is_missing_says_so_until_it_comes() -> None:
    world = World()
    world.add(a_policy("later", triggers=[a_trigger(signal="later")]))
    watched(world)
    assert told(world, "IncidentPolicy", "later", "lending")["Ready"] == ("False", "SignalNotFound")

    world.add(a_template("later"))
    watched(world)

    assert told(world, "IncidentPolicy", "later", "lending")["Ready"] == ("True", "SignalsFound")


def test_a_status_is_written_on_change_only() -> None:
    world = World()
    first = watched(world, 60)
    assert sum("IncidentPolicy" in write for write in first.line.sent) == 1

    second = watched(world, 60)

    assert [w for w in second.line.sent if "Policy" in w or "Template" in w] == []


def test_people_are_heard_at_every_incident_also_without_its_model() -> None:
    world = World()
    for number in (1, 2):
        world.add(
            {
                "apiVersion": "knowngood.dev/v1alpha1",
                "kind": "Incident",
                "metadata": {"name": f"gone-{number}", "namespace": "lending"},
                "spec": {
                    "modelRef": {"name": "gone", "uid": "u9"},
                    "origin": "Manual",
                    "acknowledgement": {"by": "alice"},
                    "close": {"by": "alice", "resolution": "Resolved"},
                },
            }
        )

    process = watched(world)

    closed = [body["status"]["phase"] for body in world.server.list("Incident")]
    assert closed == ["Closed", "Closed"]
    assert sum("Incident gone" in write for write in process.line.sent) == 2
