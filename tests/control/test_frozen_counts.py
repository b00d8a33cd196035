"""What a metric says is hostile input: what can not be written down is not remembered, and ends no pass."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import pytest

from knowngood.adapters.memory.signals import Labels
from knowngood.control.freezing import frozen
from knowngood.signals.categories import CategoryLedger
from knowngood.signals.counting import CountLedger
from knowngood.signals.series import RawSeries
from tests.control.manifests import a_policy, a_template, a_trigger
from tests.control.process import Process, until
from tests.control.test_probation import played, proving
from tests.control.world import World

TOO_MANY = [f"class {number}" for number in range(70)]
BIN = {"distribution": {"comparedTo": "Stable", "above": "0.25"}}


def counter(value: str, samples: Sequence[float]) -> RawSeries:
    labels = {"namespace": "lending", "pod": "loan-7", "class": value}
    return RawSeries(labels, tuple((990.0 + at, value) for at, value in enumerate(samples)))


def counted(*values: str) -> CategoryLedger:
    """Requests of some classes."""
    series = [counter(value, [float(n) for n in range(60)]) for value in values]
    return CategoryLedger(1000.0, "class").advance(series, lambda _: "7", 1049.0)


def test_categories_that_can_be_written_down_are_remembered() -> None:
    found = frozen("classes", counted("a", "é" * 128), "7")

    assert found is not None
    assert found.categories == ("a", "é" * 128, "any other")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(["a", "b" * 129], id="too long"),
        pytest.param(TOO_MANY, id="too many"),
        pytest.param(["a", "any other"], id="the name of all others"),
    ],
)
def test_categories_that_can_not_be_written_down_are_not_remembered(values: list[str]) -> None:
    assert frozen("classes", counted(*values), "7") is None


def test_counts_that_can_not_be_written_down_are_not_remembered() -> None:
    flapping = counter("200", [2.0**53 - at % 2 for at in range(60)])
    ledger = CountLedger(1000.0).advance([], [flapping], lambda _: "7", 1049.0)

    assert ledger.column("7").between(0, 2e9).total > 2**53
    assert frozen("errors", ledger, "7") is None


@pytest.mark.parametrize("values", [["a", "b" * 129], TOO_MANY])
def test_a_model_with_such_categories_is_judged_like_any_other(values: list[str]) -> None:
    world = World()
    proving(world, "30s")
    world.add(a_template("classes", categories={"counts": "classes_total", "by": "class"}))
    spec = a_policy(triggers=[a_trigger(), a_trigger("classes-move", "classes", **BIN)])["spec"]
    world.server.patch("IncidentPolicy", "lending", "lending", lambda b: b.update(spec=spec))

    async def count(world: World) -> None:
        counters: dict[Labels, float] = defaultdict(float)
        while True:
            for pod in {p for at in world.endpoints.known() for p in world.endpoints.pods(*at)}:
                for value in values:
                    labels = {
                        "__name__": "classes_total",
                        "namespace": "lending",
                        "pod": pod,
                        "class": value,
                    }
                    counters[tuple(sorted(labels.items()))] += 10
            world.signals.scrape(world.clock.now().timestamp(), counters)
            await asyncio.sleep(1)

    async def story(world: World, _: Process) -> None:
        counting = asyncio.create_task(count(world))
        await until(lambda: world.record("7").get("standing") == "KnownGood")
        world.error_rates["8"] = 0.5
        world.want("8")
        await until(lambda: world.status()["phase"] == "RolledBack")
        counting.cancel()

    played(world, 120, story)

    assert [b["signal"] for b in world.record("7")["baselines"]] == ["errors"]
