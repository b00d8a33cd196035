"""What feeds models is read, suspended and resumed: the same claims in memory and on a real API server."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Protocol

import pytest

from knowngood.adapters.kubernetes.feeds import KubernetesFeedObjects
from knowngood.adapters.memory.feeds import MemoryFeedObjects, MemoryFeeds
from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.server import Line
from knowngood.control.feed_ports import FeedAt, FeedObjects, FeedSeen
from knowngood.decisions.feeds import SUSPENDED_BY
from knowngood.errors import Changed, Gone, Refused
from tests.adapters.grounds import KubernetesGround, kubernetes_ground

MARK = "lending/loan/uid-1/loan-1"
_numbers = itertools.count(1)


class Yard(Protocol):
    """Where CronJobs are, and what their owners do."""

    @property
    def port(self) -> FeedObjects: ...
    @property
    def namespace(self) -> str: ...

    async def put(self, name: str) -> None:
        """Make one, or change something else of it."""
        ...

    async def delete(self, name: str) -> None: ...


class MemoryYard:
    def __init__(self) -> None:
        self.namespace = "lending"
        self.feeds = MemoryFeeds()
        self.port = MemoryFeedObjects(self.feeds, Line(MemoryFence().term))

    async def put(self, name: str) -> None:
        self.feeds.put(self.namespace, "cronjobs", name, "false")

    async def delete(self, name: str) -> None:
        del self.feeds.objects[self.namespace, "cronjobs", name]


class KubernetesYard:
    def __init__(self, ground: KubernetesGround) -> None:
        self.namespace, self.ground = ground.namespace, ground
        self.port = KubernetesFeedObjects(ground.api)
        self._edits = itertools.count(1)

    async def put(self, name: str) -> None:
        if await self.ground.read("cronjob", name) is None:
            await self.ground.create(cron_job(name))
        else:
            await self.kubectl("annotate", "cronjob", name, "--overwrite", f"n={next(self._edits)}")

    async def delete(self, name: str) -> None:
        await self.ground.delete("cronjob", name)

    async def kubectl(self, *words: str) -> str:
        return await self.ground._kubectl(*words)  # noqa: SLF001  - it is the ground's own way


def cron_job(name: str) -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "feed"}]}
    template = {"spec": {"template": {"spec": pod}}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {"schedule": "0 3 1 1 *", "jobTemplate": template},
    }


@pytest.fixture(params=["memory", pytest.param("kubernetes", marks=pytest.mark.cluster)])
async def yard(request: pytest.FixtureRequest) -> AsyncIterator[Yard]:
    if request.param == "memory":
        yield MemoryYard()
        return
    cluster = request.getfixturevalue("all_kinds")
    async with kubernetes_ground(cluster, f"feeds-{next(_numbers)}") as ground:
        yield KubernetesYard(ground)


def at(yard: Yard, name: str = "nightly", path: str = "/spec/suspend") -> FeedAt:
    return FeedAt(yard.namespace, "batch/v1", "cronjobs", name, path)


async def made(yard: Yard) -> FeedSeen:
    await yard.put("nightly")
    found = await yard.port.read(at(yard))
    assert found is not None
    return found


async def now(yard: Yard, path: str = "/spec/suspend") -> FeedSeen:
    found = await yard.port.read(at(yard, path=path))
    assert found is not None
    return found


async def test_what_is_not_there_is_not_seen(yard: Yard) -> None:
    assert await yard.port.read(at(yard)) is None


async def test_it_is_suspended_and_says_by_whom_in_one_write(yard: Yard) -> None:
    seen = await made(yard)
    assert (seen.value, seen.by, seen.running) == ("false", "", ())

    await yard.port.write(at(yard), seen, "true", MARK)

    after = await now(yard)
    assert (after.value, after.by, after.uid) == ("true", MARK, seen.uid)


async def test_it_is_as_it_was_when_it_is_resumed(yard: Yard) -> None:
    seen = await made(yard)
    await yard.port.write(at(yard), seen, "true", MARK)

    await yard.port.write(at(yard), await now(yard), "false", "")

    after = await now(yard)
    assert (after.value, after.by) == ("false", "")


async def test_a_field_that_was_not_there_is_taken_away_again(yard: Yard) -> None:
    await made(yard)
    if isinstance(yard, MemoryYard):
        yard.feeds.put(yard.namespace, "cronjobs", "nightly", None)
    zone = at(yard, path="/spec/timeZone")
    seen = await now(yard, zone.path)
    assert seen.value is None

    await yard.port.write(zone, seen, '"Etc/UTC"', MARK)
    assert (await now(yard, zone.path)).value == '"Etc/UTC"'
    await yard.port.write(zone, await now(yard, zone.path), None, "")

    assert (await now(yard, zone.path)).value is None


async def test_what_somebody_has_changed_meanwhile_is_not_overwritten(yard: Yard) -> None:
    seen = await made(yard)
    await yard.put("nightly")

    with pytest.raises(Changed):
        await yard.port.write(at(yard), seen, "true", MARK)

    assert ((await now(yard)).value, (await now(yard)).by) == ("false", "")


async def test_another_object_of_that_name_is_left_alone(yard: Yard) -> None:
    seen = await made(yard)
    await yard.delete("nightly")
    again = await made(yard)
    assert again.uid != seen.uid

    with pytest.raises(Changed):
        await yard.port.write(at(yard), replace(seen, version=again.version), "true", MARK)

    assert (await now(yard)).value == "false"


async def test_what_is_gone_is_gone(yard: Yard) -> None:
    seen = await made(yard)
    await yard.delete("nightly")

    with pytest.raises(Gone):
        await yard.port.write(at(yard), seen, "true", MARK)


@pytest.mark.cluster
async def test_annotations_of_others_stay(real: KubernetesGround) -> None:
    yard = KubernetesYard(real)
    await made(yard)
    await yard.put("nightly")

    await yard.port.write(at(yard), await now(yard), "true", MARK)
    await yard.port.write(at(yard), await now(yard), "false", "")

    found = await real.read("cronjob", "nightly")
    assert found is not None
    assert found["metadata"]["annotations"]["n"] == "1"
    assert SUSPENDED_BY not in found["metadata"]["annotations"]


@pytest.mark.cluster
async def test_a_run_that_is_under_way_is_named(real: KubernetesGround) -> None:
    """It stays so: there is no node."""
    yard = KubernetesYard(real)
    await made(yard)
    last = json.dumps({"status": {"lastScheduleTime": "2025-12-01T00:00:00Z"}})
    patch = ("patch", "cronjob", "nightly", "--subresource=status", "--type=merge", "-p", last)

    await yard.kubectl(*patch)

    async with asyncio.timeout(60):
        while not (found := (await now(yard)).running):  # noqa: ASYNC110  - nobody tells
            await asyncio.sleep(0.1)
    (job,) = json.loads(await yard.kubectl("get", "jobs", "-o", "json"))["items"]
    assert found == (job["metadata"]["name"],)


@pytest.mark.cluster
async def test_what_the_api_server_does_not_take_is_refused_in_its_words(
    real: KubernetesGround,
) -> None:
    yard = KubernetesYard(real)
    await made(yard)
    zone = at(yard, path="/spec/timeZone")

    with pytest.raises(Refused, match="timeZone"):
        await yard.port.write(zone, await now(yard, zone.path), '"Nowhere/Land"', MARK)
    with pytest.raises(Refused):
        await yard.port.write(at(yard, path="/spec/a/b"), await now(yard), "true", MARK)

    assert (await now(yard)).by == ""


async def test_a_kind_that_is_not_there_is_not_seen(yard: Yard) -> None:
    other = FeedAt(yard.namespace, "argoproj.io/v1alpha1", "cronworkflows", "x", "/spec/suspend")

    assert await yard.port.read(other) is None
