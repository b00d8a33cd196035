"""Incidents of which people are told."""

from collections.abc import Mapping, Sequence

from knowngood.adapters.memory.receivers import MemoryReceiver
from knowngood.messages.escalating import Reach
from tests.control.exported import incident
from tests.control.manifests import Object
from tests.control.world import Told, World

DEFAULT = Reach(default=True)
NAMED = Reach()


def a_world(**receivers: Reach) -> World:
    """A world with receivers; each is default or is not."""
    world = World()
    for name, reach in (receivers or {"oncall": DEFAULT}).items():
        world.receivers[name.replace("_", "-")] = Told(MemoryReceiver(), reach)
    return world


def receiver(world: World, name: str = "oncall") -> MemoryReceiver:
    return world.receivers[name].receiver


def escalate(world: World, *steps: tuple[str, Sequence[str]]) -> None:
    """Say in the policy who is told, after which time."""
    written = [
        {"after": after, "notify": list(names)}
        | ({} if after == "0s" else {"unless": "Acknowledged"})
        for after, names in steps
    ]

    def change(body: Object) -> None:
        body["spec"]["escalation"] = written

    world.server.patch("IncidentPolicy", "lending", "lending", change)


def notes(world: World, name: str = "loan-1") -> Mapping[str, Object]:
    """What is noted in an incident, by receiver."""
    found = (incident(world, name).get("status") or {}).get("notifications") or []
    return {note["receiver"]: note for note in found}


async def nothing_happens(_: World) -> None:
    """Somebody only looks."""


def left_open(world: World, name: str, namespace: str = "lending", **status: object) -> None:
    """Add an incident as an earlier leader has left it: found, and held."""
    world.add(
        {
            "apiVersion": "knowngood.dev/v1alpha1",
            "kind": "Incident",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "modelRef": {"name": "gone", "uid": "u9"},
                "origin": "Trigger",
                "policyRef": {"kind": "IncidentPolicy", "name": "lending", "generation": 1},
            },
        }
    )
    told = {
        "phase": "Detected",
        "severity": "High",
        "containment": "None",
        "clocks": {"detected": "2026-03-01T12:00:00Z"},
        **status,
    }
    world.server.patch("Incident", namespace, name, lambda body: body.update(status=told))
