"""`knowngood replay`, on what a real Prometheus has recorded."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml

from knowngood.cli.main import main
from knowngood.cli.views.rehearsal import replayed_json
from tests.cli.program import Ended, run
from tests.control.world import World
from tests.rehearsal.past import BEGINS, SPAN, incident, objects, replayed

SINCE = f"{BEGINS:%Y-%m-%dT%H:%M:%SZ}"
LASTS = f"{SPAN.seconds}s"


async def replay(url: str, *words: str) -> Ended:
    where = ("loan", "-n", "lending", "--offline", "--prometheus", url)
    given = words if "--from" in words else ("--from", SINCE, "--for", LASTS, *words)
    return await asyncio.to_thread(run, "replay", *where, *given)


def in_memory(world: World) -> object:
    return json.loads(json.dumps(replayed_json(replayed(objects(world), world.signals))))


async def test_a_real_prometheus_tells_the_same_as_was_found_then(
    prometheus: str, kept: Path, bad: World
) -> None:
    got = await replay(prometheus, "-f", str(kept), "-o", "json")

    assert (got.code, got.err) == (0, "")
    found, before = json.loads(got.out), await asyncio.to_thread(in_memory, bad)
    assert found == before
    assert found["incident"]["status"]["clocks"]["onset"] == incident(bad)["clocks"]["onset"]


async def test_people_read_what_would_have_been_done_and_where_it_ends(
    prometheus: str, kept: Path
) -> None:
    got = await replay(prometheus, "-f", str(kept))

    text = " ".join(got.out.split())
    assert (got.code, got.err) == (0, "")
    for words in (
        "loan in lending, replayed; nothing is moved",
        "found: trigger errors of IncidentPolicy lending: Breached",
        "would hold: incident loan-2 is opened",
        "would do: all requests begin to be shifted to version 7",
        "What was done",
        "after it began (estimated 2026-03-01 12:01:5",
        "what follows is not replayed",
    ):
        assert words in text
    assert max(len(line) for line in got.lines) <= 80 + len("    -> ")


async def test_a_policy_in_a_later_file_takes_the_place_of_the_one_before(
    prometheus: str, kept: Path, bad: World, tmp_path: Path
) -> None:
    (policy,) = [o for o in objects(bad) if o["kind"] == "IncidentPolicy"]
    policy["spec"]["triggers"][0]["test"]["threshold"]["above"] = "0.5"
    edited = tmp_path / "edited.yaml"
    edited.write_text(yaml.safe_dump(policy))

    got = await replay(prometheus, "-f", str(kept), "-f", str(edited))

    assert got.code == 0
    assert "nothing would have been done" in got.out


async def test_a_query_that_prometheus_refuses_is_named(
    prometheus: str, kept: Path, bad: World, tmp_path: Path
) -> None:
    (template,) = [o for o in objects(bad) if o["kind"] == "ClusterSignalTemplate"]
    template["spec"] = {"value": {"query": "sum by (namespace) (requests_total"}}
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(template))

    got = await replay(prometheus, "-f", str(kept), "-f", str(broken))

    assert got.code == 2
    assert "signal errors: source default: " in got.err
    assert "parse error" in got.err


WRONG = [
    (("--from", "2026-03-05T12:00Z"), "there is nothing of errors in namespace lending between"),
    (("--from", "2026-03-01T12:00"), "names no time zone"),
    (("--from", "2106-03-01T12:00Z"), "only what has passed can be replayed"),
    (("--from", SINCE, "--stable", "9"), "version 9 has no AIModelVersion; known are: 7, 8"),
    (("--from", SINCE, "--shadow", "8"), "version 8 does not stand by"),
    (("--from", SINCE, "--rollout", "5"), "version 5 has no AIModelVersion, and the spec does not"),
    (("--from", SINCE, "--for", "1m", "--to", SINCE), "give one of them"),
]


async def test_what_can_not_be_replayed_is_named(
    prometheus: str, kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process: to start a program for each of them takes longer than what it does."""
    given = ["replay", "loan", "--offline", "--prometheus", prometheus, "-f", str(kept)]
    for words, said in WRONG:
        monkeypatch.setattr("sys.argv", ["knowngood", *given, *words])

        code = await asyncio.to_thread(main)

        out, err = capsys.readouterr()
        assert (code, out) == (2, "")
        assert said in err
        assert len(err.splitlines()) == 1
