"""How many requests count as one is measured once, before a rollout's evidence, and holds nothing up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from knowngood.adapters.memory.signals import MemorySignals
from knowngood.control.ports import Series, Vector
from knowngood.errors import ObserverError, QueryRefused
from knowngood.signals.planning import Query, QueryKind
from tests.control.history import remember
from tests.control.manifests import Object, a_trigger
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World


class Measured(MemorySignals):
    """A source that takes its time, or fails, where it is asked for hours."""

    def __init__(self, answer: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._answer = answer

    async def read(self, source: str, query: Query) -> Series | Vector:
        if query.kind is QueryKind.HOURS:
            await self._answer()
        return await super().read(source, query)


def rolled_out(
    world: World,
    acts: Callable[[], Awaitable[None]] | None = None,
    *processes: Process,
    seconds: float = 60,
) -> None:
    """Give version 8 half of the requests for ten minutes, and let somebody act then."""
    steps = [{"setWeight": 50}, {"pause": {"duration": "10m"}}]
    world.edit(lambda body: body["spec"]["rollout"].update(steps=steps, canaryReplicas="Match"))

    async def act() -> None:
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        if acts is not None:
            await acts()

    async def play() -> None:
        acting = asyncio.create_task(act())
        await during(world, *(processes or (Process(world),)), seconds=seconds)
        await acting

    run(play())


def effects(world: World) -> list[Object]:
    found: list[Object] = world.status()["rollout"].get("designEffects", [])
    return found


def asked(world: World) -> list[Query]:
    return [query for query in world.signals.asked if query.kind is QueryKind.HOURS]


def rule_of(process: Process, trigger: str = "errors-rise") -> Any:
    known: Any
    (known,) = process.judge._evidence.values()  # noqa: SLF001  - by what it judges is to be seen nowhere else
    return known.states["IncidentPolicy", "lending", "lending", trigger].subject[3]


def test_pods_that_differ_make_requests_count_less_and_that_is_measured_once() -> None:
    world = World()
    remember(world, 30, 30, 30)
    process = Process(world)

    rolled_out(world, None, process)

    (found,) = effects(world)
    assert (found["signal"], found["basis"]) == ("errors", "Pods")
    assert float(found["value"]) > float(found["estimate"]) > 2
    assert rule_of(process).design_effect == float(found["value"])
    assert len(asked(world)) == 2  # events and total
    assert all('namespace="lending"' in query.promql for query in asked(world))


def test_a_new_leader_judges_by_what_is_written_whatever_the_source_and_the_policy_say_by_then() -> (
    None
):
    world = World()
    remember(world, 30, 30, 30)
    first, second = Process(world), Process(world)
    steps = [{"setWeight": 50}, {"pause": {"duration": "10m"}}]
    world.edit(lambda body: body["spec"]["rollout"].update(steps=steps, canaryReplicas="Match"))

    async def play() -> tuple[list[Object], list[Object]]:
        acting = asyncio.create_task(_later(10, lambda: world.want("8")))
        adding = asyncio.create_task(_later(25, lambda: edit(world, triggers=[*both])))
        await during(world, first, seconds=40)
        await asyncio.gather(acting, adding)
        seen = effects(world)
        remember(world, 500, 500, 500)
        await during(world, second, seconds=40)
        return seen, effects(world)

    both = [a_trigger(), a_trigger("another")]
    seen, now = run(play())

    assert seen == now
    for name in ("errors-rise", "another"):
        assert rule_of(first, name) == rule_of(second, name)
    assert rule_of(first, "another").alpha < rule_of(first).alpha
    assert rule_of(first).design_effect == float(now[0]["value"])


async def _later(seconds: float, act: Callable[[], None]) -> None:
    await asyncio.sleep(seconds)
    act()


@pytest.mark.parametrize("failures", [(), (30,)])
def test_where_nothing_can_be_compared_requests_are_taken_to_be_independent_and_that_is_said(
    failures: tuple[int, ...],
) -> None:
    world = World()
    remember(world, *failures)

    rolled_out(world, seconds=30)

    (found,) = effects(world)
    assert (found["value"], found["basis"]) == ("1", "Assumed")
    assert "taken to be independent: nothing to compare yet" in found["message"]


def test_one_pod_that_differs_is_told_by_its_name() -> None:
    world = World()
    remember(world, 10, 10, 90)

    rolled_out(world, seconds=30)

    (found,) = effects(world)
    assert found["outlier"].endswith("pod02")
    assert "rather look at that pod" in found["message"]


def test_what_the_policy_declares_is_not_measured() -> None:
    world = World()
    remember(world, 30, 30, 30)
    test = {"comparedTo": "Stable", "direction": "Increase", "designEffect": "10"}
    edit(world, triggers=[a_trigger(proportion=test)])
    process = Process(world)

    rolled_out(world, None, process, seconds=30)

    assert (effects(world), asked(world)) == ([], [])
    assert rule_of(process).design_effect == 10


def edit(world: World, **spec: Any) -> None:
    world.server.patch("IncidentPolicy", "lending", "lending", lambda b: b["spec"].update(**spec))


async def never() -> None:
    await asyncio.sleep(1e9)


async def fails() -> None:
    raise ObserverError("source default: it is away")


async def refuses() -> None:
    raise QueryRefused("source default: no subqueries here")


async def breaks() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("answer", [never, fails, refuses, breaks])
def test_a_source_that_does_not_answer_delays_nothing_but_the_measuring(
    answer: Callable[[], Awaitable[None]],
) -> None:
    world = World()
    world.signals = Measured(answer)
    remember(world, 30, 30, 30)
    world.error_rates["8"] = 0.5
    took: list[float] = []

    async def contained() -> None:
        began = world.clock.monotonic()
        async with asyncio.timeout(40):
            await until(lambda: world.status()["phase"] in {"RollingBack", "RolledBack"})
        took.append(world.clock.monotonic() - began)

    rolled_out(world, contained, seconds=60)

    (found,) = effects(world)
    assert (found["value"], found["basis"]) == ("1", "Assumed")
    assert took[0] < 12


def test_a_source_that_comes_back_before_the_first_request_is_measured_all_the_same() -> None:
    tries = 0

    async def at_the_third() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ObserverError("source default: it is away")

    world = World()
    world.signals = Measured(at_the_third)
    world.running = False
    remember(world, 30, 30, 30)

    async def pods_come() -> None:
        await asyncio.sleep(9)
        world.running = True
        await asyncio.sleep(15)
        world.running = False
        await asyncio.sleep(12)
        world.running = True

    async def play() -> None:
        acting = asyncio.create_task(pods_come())
        asking = asyncio.create_task(_want(world))
        await during(world, Process(world), seconds=80)
        await asyncio.gather(acting, asking)

    run(play())

    (found,) = effects(world)
    assert (found["basis"], tries) == ("Pods", 4)


async def _want(world: World) -> None:
    await until(lambda: world.status().get("phase") == "Probation")
    world.edit(
        lambda body: body["spec"]["rollout"].update(steps=[{"setWeight": 50}, {"pause": {}}])
    )
    world.want("8")


def test_a_status_of_an_older_operator_is_measured_as_of_the_rollouts_begin() -> None:
    world = World()
    remember(world, 30, 30, 30)
    seen: list[list[Object]] = []

    async def lose() -> None:
        await asyncio.sleep(5)
        seen.append(effects(world))

        def change(body: Object) -> None:
            del body["status"]["rollout"]["designEffects"]

        world.server.patch("AIModelDeployment", "lending", "loan", change)

    rolled_out(world, lose)

    assert effects(world) == seen[0] != []


def test_in_the_middle_of_a_rollout_nothing_is_measured_anew() -> None:
    world = World()
    remember(world, 30, 30, 30)
    seen: list[list[Object]] = []

    async def edited() -> None:
        seen.append(effects(world))
        remember(world, 400, 400, 400)
        edit(world, triggers=[a_trigger(), a_trigger("another")])
        await asyncio.sleep(20)

    rolled_out(world, edited)

    assert effects(world) == seen[0]
    assert len(asked(world)) == 2
