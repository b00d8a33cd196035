"""The past of the small world, as it is kept: its objects, and what was counted."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from knowngood.control.ports import Signals
from knowngood.rehearsal.rehearsing import rehearse
from knowngood.rehearsal.scene import scene
from knowngood.rehearsal.told import Asked, Rehearsed
from knowngood.signals.planning import Query, QueryKind
from knowngood.signals.series import RawSeries
from tests.control.manifests import Object
from tests.control.test_contained import ABOVE, SHIFT, eight_turns_bad, story
from tests.control.test_probation import played
from tests.control.virtual_time import EPOCH, run
from tests.control.world import World

HOUR = timedelta(hours=1)
SPAN = timedelta(seconds=150)
KEPT = (
    "AIModelDeployment",
    "AIModelVersion",
    "IncidentPolicy",
    "ClusterIncidentPolicy",
    "ClusterSignalTemplate",
)
BEGINS = EPOCH + timedelta(minutes=1)


def a_bad_day() -> World:
    """Version 8 serves, version 7 stands by; after two minutes 8 turns bad, and the operator shifts to 7."""
    world = World()
    played(world, 300, story(eight_turns_bad, ABOVE, SHIFT))
    return world


def a_good_day() -> World:
    """The same, and nothing turns bad."""
    world = World()
    played(world, 300, story(lambda _: None, ABOVE, SHIFT))
    return world


def objects(world: World) -> list[Object]:
    """What somebody finds afterwards, who reads the API server."""
    return [body for kind in KEPT for body in world.server.list(kind)]


def incident(world: World) -> Any:
    """What the operator has written down."""
    (found,) = world.server.list("Incident")
    return found["status"]


def replayed(
    found: list[Object], signals: Signals, *, begins: datetime = BEGINS, **asked: str
) -> Rehearsed:
    """Replay two minutes and a half."""
    wanted = Asked("lending", "loan", begins, begins + SPAN, **asked)
    return rehearse(scene(found, wanted), signals, lambda _: None)


def everything(world: World) -> str:
    """All that was counted, as a process that knows the times shows it."""
    query = Query("errors", QueryKind.TOTAL, "requests_total[100000s]", (BEGINS + HOUR).timestamp())
    found = run(world.signals.read("default", query))
    lines = [
        f"requests_total{{{_text(one.labels)}}} {value:g} {round(at * 1000)}"
        for one in found
        if isinstance(one, RawSeries)
        for at, value in one.samples
    ]
    return "\n".join([*lines, ""])


def _text(labels: Mapping[str, str]) -> str:
    return ",".join(f"{k}={json.dumps(v)}" for k, v in labels.items() if k != "__name__")
