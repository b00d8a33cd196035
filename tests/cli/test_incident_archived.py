"""`incident verify` and `show --all` on a real API server, where the oldest entries are in ConfigMaps."""

import json

import pytest

from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.decisions.archiving import part_to_move, without
from knowngood.decisions.timeline import extend_timeline
from tests.cli.stage import Json, Stage
from tests.cli.statuses import flat
from tests.cli.test_incident_answered import call
from tests.decisions.states import NOW


def write(stage: Stage, status: IncidentStatus) -> None:
    def change(seen: Json) -> None:
        seen.clear()
        seen.update(status.wire())

    stage.forge("loan-1", change)


@pytest.fixture
def long(stage: Stage) -> Stage:
    """An incident in which so much happened that its beginning is in two ConfigMaps."""
    stage.model()
    stage.incident(stage.status("rolling back"))
    for batch in range(2):
        live = stage.found("loan-1")
        entries = [(NOW, "DE.AE", f"event {batch}/{n}") for n in range(150)]
        status = extend_timeline(
            live, live.status or IncidentStatus(), *entries[: 150 - 90 * batch]
        )
        part = part_to_move(live.model_copy(update={"status": status}), 10**6)
        assert part is not None
        stage.kubectl("create", "-f", "-", stdin=json.dumps(part.manifest))
        write(stage, without(status, part))
    return stage


def parts(stage: Stage) -> list[str]:
    uid = stage.found("loan-1").metadata.uid
    return [f"incident-{uid}-1-50", f"incident-{uid}-51-100"]


def first_head(incident: Incident, stage: Stage) -> str:
    found = json.loads(stage.kubectl("get", "cm", parts(stage)[0], "-o", "json"))
    entries: list[Json] = json.loads(found["data"]["timeline.json"])["entries"]
    assert incident.status is not None
    return str(entries[6]["hash"])


def test_the_whole_chain_is_verified_and_told_from_its_first_entry(long: Stage) -> None:
    head = first_head(long.found("loan-1"), long)

    got = call(long, "verify", "loan-1", "--head", head)
    assert (got.code, got.err) == (0, "")
    assert "is whole: up to entry 7 it is as it was; told since: 206" in flat(got.out)
    assert "213 entries, 100 of them in ConfigMaps, 0 older ones left out" in flat(got.out)

    short, everything = (flat(call(long, "show", "loan-1", *w).out) for w in ((), ("--all",)))
    assert "100 older entries are in ConfigMaps; --all tells them" in short
    assert "event 0/0" not in short
    assert "event 0/0" in everything
    assert "event 1/59" in everything
    assert "older entries are in ConfigMaps" not in everything


def test_a_part_that_somebody_has_taken_away_or_put_in_its_place_is_found_out(long: Stage) -> None:
    name = parts(long)[1]
    body = json.loads(long.kubectl("get", "cm", name, "-o", "json"))
    long.kubectl("delete", "cm", name)

    got = call(long, "verify", "loan-1")
    assert got.code == 1
    assert f"entry 51: ConfigMap {name}, which has it, is not there" in flat(got.out)

    kept = json.loads(body["data"]["timeline.json"])
    kept["entries"][3]["text"] = "nothing happened"
    meta = {"name": name}
    forged = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta,
              "data": {"timeline.json": json.dumps(kept)}}  # fmt: skip
    long.kubectl("create", "-f", "-", stdin=json.dumps(forged))

    got = call(long, "verify", "loan-1")
    assert got.code == 1
    assert "is not whole: entry 54: it was changed" in flat(got.out)
