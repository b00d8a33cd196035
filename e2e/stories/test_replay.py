"""The car-loan rows, played through a real Prometheus: who is named when other people apply, and who is not.

`docs/replay.md` tells it to people.
"""

import math
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import requests

from e2e.bed import Bed, Room
from e2e.bed.loan import PORT
from e2e.bed.replaying import (
    ACCURACY,
    FEATURES,
    policy,
    replayed,
    signals,
    write_table,
)
from e2e.cluster.errors import NotOursError
from e2e.models.clock import unix_seconds
from e2e.models.data import fetch
from e2e.replay.image import NAME, loan_replay
from e2e.replay.rows import CHANGING, CHUNK, chunk, reference
from e2e.replay.table import documented
from knowngood.analysis.remembered.stretches import GRID
from knowngood.api.v1alpha1 import Containment, Phase, VerdictKind

CLEAN, CHANGED, LATER = (0, 1, 2, 3, 4), 5, (6, 7, 8, 9)
RIGHT = {trigger for trigger, feature in FEATURES.items() if feature in CHANGING}
SEED = 5
FAST, SLOW = 600.0, 80.0
"""Rows in a second. What comes slowly fills the window of a minute with what is new."""

PROGRAM = Path(sys.executable).with_name("knowngood")

_SERVING = "knowngood_serving_"


@dataclass(frozen=True)
class Line:
    """What a trigger says, in numbers; evidence is over what is asked for."""

    kind: VerdictKind
    rows: int
    distance: float
    evidence: float

    @classmethod
    def of(cls, said: Mapping[str, float]) -> "Line":
        """Read the metrics of one trigger."""
        kind = max(VerdictKind, key=lambda kind: said.get(kind, 0.0))
        rows, distance, evidence = (
            said.get(what, 0.0) for what in ("samples", "difference", "evidence")
        )
        return cls(kind, int(rows), abs(distance), evidence)


@pytest.fixture
def played(bed: Bed, room: Room, tmp_path: Path) -> Iterator[Room]:
    """A model that serves, with triggers for every feature, and the validation rows as its baseline."""
    with suppress(NotOursError):
        image = loan_replay()
        bed.cluster.set_image(NAME, image.argv, image.env)
    room.model = replayed(room.name)
    room.apply(*signals(), policy(room.name), room.model)
    room.wait_for(lambda seen: seen.stable == "1", "version 1 serves", deadline_s=60)
    table, signal_map = write_table(reference(fetch()), tmp_path)
    hand_in(bed, room, str(table), "--map", str(signal_map))
    # What serves is judged in stretches of an absolute grid, and of the one that it was promoted in nothing counts.
    began = (
        math.ceil(datetime.fromisoformat(room.record("1")["promotedAt"]).timestamp() / GRID) * GRID
    )
    room.wait_until(lambda: unix_seconds() >= began, "the first stretch begins", GRID + 5)
    yield room
    room.kubectl("delete", "csigt", *(s["metadata"]["name"] for s in signals()))


def test_the_four_features_that_change_are_named_and_nothing_else(played: Room) -> None:
    room = played
    # When people apply who are like those of the validation, their days in any order,
    for number in random.Random(SEED).sample(CLEAN, len(CLEAN)):
        play(room, number, FAST, labelled=True)
    # Then every trigger has seen them, and finds nothing.
    before = judged(room, len(CLEAN) * CHUNK)
    assert {line.kind for line in before.values()} == {VerdictKind.HEALTHY}
    assert nothing_was_done(room, breaches=0)
    assert room.record("1")["standing"] == "Probation"

    # When other people apply, and nobody knows yet what becomes of their loans,
    play(room, CHANGED, SLOW, labelled=False)
    # Then the four features that are different are named within these rows, and nothing else is.
    room.wait_until(lambda: breached(room) >= RIGHT, "the four are named", deadline_s=30)
    found = judged(room, (len(CLEAN) + 1) * CHUNK, but=RIGHT | {ACCURACY})
    assert {name for name, line in found.items() if line.kind is VerdictKind.BREACHED} == RIGHT
    took = {name: found[name].rows - before[name].rows for name in RIGHT}
    assert max(took.values()) <= CHUNK
    assert all(line.distance < 0.02 for name, line in found.items() if name not in RIGHT)

    # When it is told what became of the loans of those who came after them,
    for number in LATER:
        if ACCURACY not in breached(room):
            play(room, number, FAST, labelled=True)
    # Then the model is seen to be right less often, though it approves as many as before.
    room.wait_until(lambda: ACCURACY in breached(room), "it is less often right", deadline_s=30)
    after = lines(room)
    named = {name for name, line in after.items() if line.kind is VerdictKind.BREACHED}
    assert named == {*RIGHT, ACCURACY}
    assert nothing_was_done(room, breaches=len(named))

    # And the docs say so.
    took[ACCURACY] = after[ACCURACY].rows  # since the outcomes are worse
    assert_documented(after, took)


def assert_documented(found: Mapping[str, Line], took: Mapping[str, int]) -> None:
    """Hold the table of the docs against what was found."""
    said = documented()
    assert said.keys() == found.keys()
    assert {name for name, row in said.items() if row.named} == took.keys()
    wrong = [n for n, line in found.items() if not said[n].agrees(line.evidence, took.get(n))]
    assert wrong == [], found


def nothing_was_done(room: Room, *, breaches: int) -> bool:
    """Whether the version answers as before, so many breaches were told, and an incident says that it holds."""
    told = [event.note.partition(" ")[0] for event in room.told("ServingBreached")]
    assert len(told) == len(set(told)) == breaches, told
    if breaches:
        room.wait_until(lambda: room.says_of_incident(Containment.NONE), "an incident says so", 30)
    seen = room.seen()
    found = len(room.incidents())
    return (seen.stable, seen.phase, found) == ("1", Phase.PROBATION, 1 if breaches else 0)


def hand_in(bed: Bed, room: Room, *words: str) -> None:
    """Call the program as a person does."""
    place = ("-n", room.name, "--kubeconfig", str(bed.cluster.kubeconfig))
    command = [str(PROGRAM), "baseline", "from-csv", room.model.name, "1", *words, *place]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def play(room: Room, number: int, rate: float, *, labelled: bool) -> None:
    """Play a chunk to its end."""
    rows = chunk(number)
    order = {"rows": [rows.start, rows.stop], "rate": rate, "labelled": labelled}
    (pod,) = room.pods("1")
    url = f"http://{pod['status']['podIP']}:{PORT}"
    with requests.Session() as session:
        session.trust_env = False
        session.post(f"{url}/play", json=order, timeout=5).raise_for_status()

        def is_over() -> bool:
            return not session.get(f"{url}/played", timeout=5).json()["playing"]

        room.wait_until(is_over, f"chunk {number} is played", deadline_s=len(rows) / rate + 30)


def judged(room: Room, rows: int, but: AbstractSet[str] = frozenset()) -> Mapping[str, Line]:
    """What every trigger says once all of them have seen all rows that were played, but some."""

    def seen() -> Mapping[str, Line]:
        found = lines(room)
        few = [name for name, line in found.items() if line.rows < rows and name not in but]
        return {} if few or len(found) < len(FEATURES) + 2 else found

    try:
        return room.wait_until(seen, f"{rows} rows are judged", deadline_s=60)
    except AssertionError as error:
        raise AssertionError(f"{lines(room)}\n{error}") from error


def lines(room: Room) -> Mapping[str, Line]:
    """What the triggers say now."""
    found: dict[str, dict[str, float]] = {}
    for name, labels, value in room.operator.metrics():
        if name.startswith(_SERVING) and labels["namespace"] == room.name:
            what = labels.get("kind", name.removeprefix(_SERVING))
            found.setdefault(labels["trigger"], {})[what] = value
    return {trigger: Line.of(said) for trigger, said in found.items()}


def breached(room: Room) -> set[str]:
    return {name for name, line in lines(room).items() if line.kind is VerdictKind.BREACHED}
