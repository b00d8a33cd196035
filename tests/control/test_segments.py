"""One template and one trigger for all features: those that have changed are found, and named."""

import asyncio

import pytest

from knowngood.analysis.segments import RARE
from knowngood.api.v1alpha1 import VerdictKind
from knowngood.decisions.trigger_views import TriggerView
from tests.control.features import DRIFT, FEATURES, MOVED, Drifts, observing, world_of_features
from tests.control.process import Process, during
from tests.control.test_judging import settle, triggers
from tests.control.test_kinds import seen_after
from tests.control.test_replaying import successor
from tests.control.virtual_time import run
from tests.control.world import World

BAD: Drifts = {"8": {"income": MOVED, "debt": MOVED}}


def seen(
    world: World, drifts: Drifts, *absent: tuple[str, str], seconds: float = 40.0
) -> TriggerView:
    return run(seen_after(world, seconds, observing(world, drifts, *absent)))[0]


def found(view: TriggerView) -> dict[str, VerdictKind]:
    return {one.segment: one.kind for one in view.verdict.segments}


def test_features_that_have_changed_are_found_and_named_and_the_others_are_not() -> None:
    view = seen(world_of_features(), BAD)

    assert view.verdict.kind is VerdictKind.BREACHED
    assert view.verdict.message.startswith(
        "2 of 5 segments by feature breached (income, debt); named as changed: "
    )
    assert set(view.verdict.named) == {"income", "debt"}
    assert "signal[income] of version 8 differs from version 7 by PSI" in view.verdict.message
    assert found(view) == {
        name: VerdictKind.BREACHED if name in {"income", "debt"} else VerdictKind.HEALTHY
        for name in FEATURES
    }


def test_features_as_they_were_are_healthy_all_together() -> None:
    view = seen(world_of_features(), {})

    assert view.verdict.kind is VerdictKind.HEALTHY
    assert view.verdict.message.startswith("signal: 5 of 5 segments by feature are healthy")


def test_each_feature_has_an_equal_part_of_the_budget() -> None:
    view = seen(world_of_features(), {})

    assert view.verdict.evidence is not None
    assert view.verdict.evidence.limit == pytest.approx(
        5 / 0.009
    )  # a tenth is kept for triggers that come later


def test_a_value_that_nobody_named_is_judged_by_nobody() -> None:
    view = seen(world_of_features(), {"8": {"unnamed": MOVED}})

    assert view.verdict.kind is VerdictKind.HEALTHY
    assert "unnamed" not in found(view)


def test_a_version_is_taken_back_and_its_incident_tells_of_every_feature() -> None:
    world = world_of_features("Act")

    async def play() -> None:
        process = Process(world)
        watching = asyncio.create_task(observing(world, BAD))
        acting = asyncio.create_task(settle(world, 1.0))
        await during(world, process, seconds=60)
        acting.cancel()
        watching.cancel()

    run(play())

    assert world.status()["phase"] == "RolledBack"
    (incident,) = world.server.list("Incident")
    (evidence,) = incident["status"]["evidence"]
    assert set(evidence["named"]) == {"income", "debt"}
    assert {one["segment"] for one in evidence["segments"]} == set(FEATURES)
    assert all(one["samples"] >= 100 for one in evidence["segments"])
    assert "breached (income, debt)" in evidence["message"]


def test_a_feature_that_the_canary_does_not_count_promotes_nothing_and_breaches_nothing() -> None:
    view = seen(world_of_features(), {}, ("8", "income"))

    assert view.verdict.kind is VerdictKind.INCONCLUSIVE
    assert view.gates
    assert "income" not in found(view)
    assert "1 of them waited for" in view.verdict.message


def test_without_any_data_there_is_no_data_and_nothing_else() -> None:
    world = world_of_features("Act")

    view = seen(world, {}, *(("8", name) for name in (*FEATURES, "unnamed")))

    assert view.verdict.kind is VerdictKind.NO_DATA
    assert world.canary_weight == 50


def test_segments_below_the_minimum_cell_hold_and_nothing_is_told_of_them() -> None:
    view = seen(world_of_features("Act", minSamples=1_000_000), BAD)

    assert view.verdict.kind is VerdictKind.INCONCLUSIVE
    assert not any(name in view.verdict.message for name in FEATURES)
    assert not view.verdict.segments
    assert view.verdict.evidence is None


def test_a_rare_segment_neither_holds_a_promotion_nor_is_told_of() -> None:
    rare = {"age": (0, 1), "sex": (1, 0)}
    assert sum(rare["age"]) < RARE * 30

    view = seen(world_of_features("Act"), {"7": rare, "8": rare})

    assert view.verdict.kind is VerdictKind.HEALTHY
    assert set(found(view)) == {"income", "debt", "region"}
    assert "2 have fewer than 100 requests on a side" in view.verdict.message


@pytest.mark.parametrize("drifts", [{}, BAD, {"8": {"age": (0, 1)}}])
def test_a_new_leader_says_the_same_of_every_segment(drifts: Drifts) -> None:
    world = world_of_features()

    async def play() -> tuple[TriggerView, TriggerView]:
        first = Process(world)
        watching = asyncio.create_task(observing(world, drifts))
        acting = asyncio.create_task(settle(world, 25.0))
        await during(world, first, seconds=37)
        await acting
        watching.cancel()
        second, now = successor(world), world.clock.now()
        await first.judge.look(now)
        await second.judge.look(now)
        (kept,), (rebuilt,) = triggers(first), triggers(second)
        return kept, rebuilt

    kept, rebuilt = run(play())

    assert rebuilt == kept


def test_all_segments_are_read_in_one_query() -> None:
    world = world_of_features()

    seen(world, {})

    last = max(query.at for query in world.signals.asked)
    assert [q.promql for q in world.signals.asked if q.at == last] == ["model_feature_bucket[30s]"]


@pytest.mark.parametrize(
    ("drifts", "kind"), [({}, VerdictKind.OBSERVER_ERROR), (BAD, VerdictKind.BREACHED)]
)
def test_a_feature_with_other_bins_is_an_error_that_hides_no_breach_of_another(
    drifts: Drifts, kind: VerdictKind
) -> None:
    world = world_of_features("Observe" if drifts else "Act")
    watching = observing(world, drifts, odd={("8", "age")})

    view, _ = run(seen_after(world, 40.0, watching))

    assert view.verdict.kind is kind
    if kind is VerdictKind.OBSERVER_ERROR:
        assert view.verdict.message.startswith("signal signal[age]: the histogram of pod loan-8-")
        assert world.canary_weight == 50


def test_what_was_proved_of_a_feature_stays_proved_when_its_bins_are_other_ones_later() -> None:
    world, odd = world_of_features(), set[tuple[str, str]]()

    async def change() -> None:
        await asyncio.sleep(45)
        odd.add(("8", "income"))

    watching = observing(world, {"8": {"income": MOVED}}, odd=odd)
    view, _ = run(seen_after(world, 60.0, watching, change()))

    assert odd
    assert view.verdict.kind is VerdictKind.BREACHED
    assert "breached (income)" in view.verdict.message


def test_only_so_many_features_are_named_as_are_asked_for() -> None:
    view = seen(world_of_features(test={"distribution": {**DRIFT, "name": 1}}), BAD)

    assert len(view.verdict.named) == 1
    assert "breached (income, debt)" in view.verdict.message
