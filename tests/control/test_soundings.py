"""What is told of signal templates, and how often their sources are asked for that."""

import asyncio
from typing import Any

import pytest

from tests.control.manifests import a_policy, a_template, a_trigger
from tests.control.process import Process, during
from tests.control.test_reporter import told, watched
from tests.control.virtual_time import run
from tests.control.world import World

TOPK = "topk(1000, group by"


def words(world: World, name: str, kind: str = "Ready") -> str:
    body = world.server.get("ClusterSignalTemplate", "", name)
    assert body is not None
    conditions = (body.get("status") or {}).get("conditions", ())
    found = [
        f"{c['status']} {c['reason']}: {c['message']}" for c in conditions if c["type"] == kind
    ]
    return found[0] if found else ""


def soundings(world: World, template: str) -> int:
    return sum(q.template == template and q.width is None for q in world.signals.asked)


def test_a_template_whose_source_nobody_knows_names_those_that_there_are() -> None:
    world = World()
    world.signals.unknown = {"far"}
    world.add(a_template("lost", source="far", ratio=a_template()["spec"]["ratio"]))
    world.add(a_policy("by-lost", triggers=[a_trigger(signal="lost")]))

    watched(world)

    sentence = "spec.source: source far is not configured; the operator knows: default"
    assert words(world, "lost") == f"False SourceUnknown: {sentence}"
    assert words(world, "lost", "SeriesFound") == ""
    # The policy that leans on it says so, too.
    assert told(world, "IncidentPolicy", "by-lost", "lending")["Ready"][0] == "False"


def test_a_refused_query_is_quoted_as_the_source_says_it() -> None:
    world = World()
    world.signals.refused = {"rate(x": "parse error: unclosed left parenthesis"}
    world.add(a_template("broken", value={"query": "rate(x"}))

    watched(world)

    assert words(world, "broken") == (
        "False QueryRefused: spec.value.query: source default: parse error: unclosed left parenthesis"
    )


def test_a_template_that_matches_nothing_yet_says_so_and_is_ready() -> None:
    world = World()
    world.add(a_template("idle", ratio={"events": "bad_total", "total": "all_total"}))
    world.add(a_template("silent", value={"query": "lag"}))

    watched(world)

    said = {
        "idle": "spec.ratio.total matches no series: source default has none for all_total",
        "silent": "spec.value.query matches no series: source default has none for lag",
    }
    for name, sentence in said.items():
        assert words(world, name).startswith("True SignalsFound: ")
        assert words(world, name, "SeriesFound") == f"False NoSeries: {sentence}"


def test_series_that_no_version_can_have_are_told_by_the_label_that_lacks() -> None:
    world = World()
    world.signals.values["lag"] = (({"model": "loan"}, 1.0),)
    world.add(a_template("lag", value={"query": "lag"}))

    watched(world)

    assert words(world, "lag", "SeriesFound") == (
        "False NoSeries: by identity Pod no series is of any version: no label namespace and pod"
    )


def test_a_liar_among_honest_ones_is_told() -> None:
    world = World()
    pods = [{"namespace": "n", "pod": f"p{i}"} for i in range(3)]
    pods[0]["exported_pod"] = "p2"
    world.signals.values["lag"] = tuple((pod, 1.0) for pod in pods)
    world.add(a_template("lag", value={"query": "lag"}))

    watched(world)

    assert words(world, "lag", "SeriesFound") == (
        "True SeriesFound: 1 of 3 targets are left out: exported_pod contradicts pod"
    )


def test_events_that_never_were_are_no_fault_and_may_be_a_typing_error() -> None:
    world = World()
    typed = {"events": 'requests_total{code="5oo"}', "total": "requests_total"}
    world.add(a_template("typo", ratio=typed))

    watched(world, 60)

    assert words(world, "typo").startswith("True ")
    assert words(world, "typo", "SeriesFound").startswith(
        "True SeriesFound: spec.ratio.events matches no series: source default has none for "
        'requests_total{code="5oo"}; right if it never happened'
    )


def test_a_template_with_which_nothing_is_wrong_is_asked_once_and_again_when_it_is_edited() -> None:
    world = World()

    async def play() -> list[int]:
        seen = []
        process = Process(world)
        acting = asyncio.create_task(during(world, process, seconds=1000))
        await asyncio.sleep(200)  # until there are series, it is asked again
        for edit in (False, False, True):
            if edit:
                world.server.patch(
                    "ClusterSignalTemplate",
                    "",
                    "errors",
                    lambda b: b["spec"]["ratio"].update(events='requests_total{code="200"}'),
                )
            await asyncio.sleep(200)
            seen.append(soundings(world, "errors"))
        acting.cancel()
        return seen

    world.error_rates = {"7": 0.1}
    first, second, third = run(play())

    assert first == second
    assert third == second + 2


@pytest.mark.parametrize("wrong", ["refused", "empty", "away"])
def test_what_is_wrong_is_asked_slowly_again_and_written_once(wrong: str) -> None:
    world = World()
    if wrong == "refused":
        world.signals.refused = {"lag": "no such function"}
    if wrong == "away":
        world.signals.problem = "cannot be reached"
    world.add(a_template("lag", value={"query": "lag"}))

    process = watched(world, 1000)

    assert 4 <= soundings(world, "lag") <= 7
    assert sum("ClusterSignalTemplate lag" in write for write in process.line.sent) == 1


def test_it_is_told_when_it_is_mended() -> None:
    world = World()
    world.add(a_template("lag", value={"query": "lag"}))
    watched(world)
    world.signals.values["lag"] = (({"namespace": "n", "pod": "p"}, 1.0),)

    watched(world, 60)

    assert words(world, "lag", "SeriesFound") == "True SeriesFound: there are series"


def test_a_source_that_is_away_takes_nothing_back_that_was_told() -> None:
    world = World()
    watched(world)
    before = words(world, "errors")
    assert before.startswith("True ")
    world.signals.problem = "cannot be reached"

    process = watched(world, 60)

    assert words(world, "errors") == before
    assert not [write for write in process.line.sent if "ClusterSignalTemplate" in write]


def test_of_a_source_that_is_away_a_new_template_knows_nothing_yet() -> None:
    world = World()
    world.signals.problem = "cannot be reached"

    watched(world)

    assert words(world, "errors") == "Unknown ObserverDown: source default: cannot be reached"


def test_a_source_that_hangs_keeps_no_other_template_waiting() -> None:
    world = World()
    world.signals.delays["far"] = 1000.0
    value: dict[str, Any] = {"query": "lag"}
    for name in ("far-1", "far-2"):
        world.add(a_template(name, source="far", value=value))
    world.add(a_template("near", value=value))

    watched(world)

    assert words(world, "near")
    assert not words(world, "far-1")
    assert soundings(world, "far-1") + soundings(world, "far-2") == 1
