"""What every implementation of a port promises: the same claims in memory and on a real API server."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, ObjectMeta
from knowngood.control.ports import Backend, Key
from knowngood.decisions.naming import child_name
from knowngood.decisions.parting import Parting
from knowngood.decisions.plan import Notice
from knowngood.decisions.records import record_of
from knowngood.errors import Changed, Claimed, Gone
from tests.adapters.grounds import Ground, Object
from tests.adapters.loopback import until
from tests.control.manifests import a_model

KIND = "AIModelDeployment"
SERVED = {"phase": "Probation", "versions": {"desired": "7", "stable": "7"}, "incidents": 2}


def manifest(ground: Ground, **spec: Any) -> Object:
    body = a_model(**spec)
    body["metadata"]["namespace"] = ground.namespace
    return body


async def created(ground: Ground, **spec: Any) -> AIModelDeployment:
    return AIModelDeployment.model_validate(await ground.create(manifest(ground, **spec)))


def other(meta: ObjectMeta) -> ObjectMeta:
    """The metadata of an earlier object of the same name."""
    return meta.model_copy(update={"uid": "00000000-0000-0000-0000-000000000000"})


def meta_of(body: Object) -> ObjectMeta:
    return ObjectMeta.model_validate(body["metadata"])


async def version_of(ground: Ground) -> str:
    body = await ground.read(KIND, "loan")
    assert body is not None
    return str(body["metadata"]["resourceVersion"])


async def test_a_status_is_written_and_read_back(ground: Ground) -> None:
    model = await created(ground)

    answer = await ground.ports.resources.write_status(KIND, model.metadata, SERVED)

    read = await ground.read(KIND, "loan")
    assert read is not None
    assert read["status"]["incidents"] == answer["status"]["incidents"] == 2
    assert read["metadata"]["resourceVersion"] == answer["metadata"]["resourceVersion"]


async def test_a_status_replaces_what_was_ours_before(ground: Ground) -> None:
    model = await created(ground)
    now = await ground.ports.resources.write_status(KIND, model.metadata, SERVED)

    answer = await ground.ports.resources.write_status(KIND, meta_of(now), {"phase": "RolledBack"})

    assert answer["status"] == {"phase": "RolledBack"}


async def test_a_status_of_an_object_that_has_changed_is_not_written(ground: Ground) -> None:
    meta = (await created(ground)).metadata
    await ground.ports.resources.write_status(KIND, meta, {"phase": "RolledBack"})

    with pytest.raises(Changed) as refused:
        await ground.ports.resources.write_status(KIND, meta, SERVED)

    read = await ground.read(KIND, "loan")
    assert read is not None
    assert read["status"] == refused.value.found["status"] == {"phase": "RolledBack"}


async def test_the_same_status_again_changes_nothing(ground: Ground) -> None:
    model = await created(ground)
    now = await ground.ports.resources.write_status(KIND, model.metadata, SERVED)
    before = await version_of(ground)

    await ground.ports.resources.write_status(KIND, meta_of(now), SERVED)

    assert await version_of(ground) == before


@pytest.mark.parametrize("what", ["status", "labels", "finalizer"])
async def test_a_write_for_another_object_of_that_name_is_gone(ground: Ground, what: str) -> None:
    model = await created(ground)
    before = await version_of(ground)

    with pytest.raises(Gone):
        await _write(ground, what, other(model.metadata))

    assert await version_of(ground) == before


@pytest.mark.parametrize("what", ["status", "labels", "finalizer"])
async def test_a_write_for_an_absent_object_is_gone_and_creates_none(
    ground: Ground, what: str
) -> None:
    meta = (await created(ground)).metadata
    await ground.delete(KIND, "loan")

    with pytest.raises(Gone):
        await _write(ground, what, meta)

    assert await ground.read(KIND, "loan") is None


async def _write(ground: Ground, what: str, meta: ObjectMeta) -> None:
    resources = ground.ports.resources
    if what == "status":
        await resources.write_status(KIND, meta, SERVED)
    elif what == "labels":
        await resources.set_labels(KIND, meta, {"knowngood.dev/standing": "Trial"})
    else:
        await resources.set_finalizer(KIND, meta, present=True)


async def test_an_object_that_exists_is_not_created_again(ground: Ground) -> None:
    await created(ground)
    before = await version_of(ground)

    await ground.ports.resources.create(manifest(ground, version="8"))

    assert await version_of(ground) == before


async def test_exactly_one_object_is_deleted(ground: Ground) -> None:
    model = await created(ground)

    await ground.ports.resources.delete(KIND, other(model.metadata))
    assert await ground.read(KIND, "loan") is not None

    for _ in range(2):
        await ground.ports.resources.delete(KIND, model.metadata)
        assert await ground.read(KIND, "loan") is None


async def test_labels_of_others_stay(ground: Ground) -> None:
    model = await created(ground)

    answer = await ground.ports.resources.set_labels(KIND, model.metadata, {"knowngood.dev/x": "y"})

    body = await ground.read(KIND, "loan")
    assert body is not None
    assert body["metadata"]["labels"] == {"team": "lending", "knowngood.dev/x": "y"}
    assert answer["metadata"]["resourceVersion"] == body["metadata"]["resourceVersion"]


async def test_our_finalizer_holds_a_deleted_object_until_it_is_taken_away(ground: Ground) -> None:
    model = await created(ground)
    answer = await ground.ports.resources.set_finalizer(KIND, model.metadata, present=True)
    assert meta_of(answer).finalizers
    await ground.delete(KIND, "loan")
    held = await ground.read(KIND, "loan")
    assert held is not None
    assert held["metadata"]["deletionTimestamp"]

    await ground.ports.resources.set_finalizer(KIND, meta_of(held), present=False)

    assert await ground.read(KIND, "loan") is None


async def test_finalizers_of_an_object_that_has_changed_are_not_touched(ground: Ground) -> None:
    model = await created(ground)
    await ground.ports.resources.set_labels(KIND, model.metadata, {"knowngood.dev/x": "y"})

    with pytest.raises(Changed):
        await ground.ports.resources.set_finalizer(KIND, model.metadata, present=True)


def record(model: AIModelDeployment) -> AIModelVersion:
    return AIModelVersion.model_validate(record_of(model))


async def test_a_workload_is_made_and_left_alone_when_it_is_right(ground: Ground) -> None:
    model = await created(ground)
    key = Key(ground.namespace, "loan")
    await ground.ports.workloads.apply(model, record(model), 2)
    writes = ground.writes()

    await ground.ports.workloads.apply(model, record(model), 2)

    assert ground.writes() == writes
    (seen,) = ground.ports.workloads.seen(key)
    assert (seen.name, seen.version, seen.replicas) == (child_name("loan", "7"), "7", 2)


async def test_a_workload_is_scaled_and_removed(ground: Ground) -> None:
    model = await created(ground)
    key, name = Key(ground.namespace, "loan"), child_name("loan", "7")
    await ground.ports.workloads.apply(model, record(model), 2)
    await ground.ports.workloads.apply(model, record(model), 5)
    assert [w.replicas for w in ground.ports.workloads.seen(key)] == [5]

    await ground.ports.workloads.remove(key, name)
    await ground.ports.workloads.remove(key, name)

    await until(lambda: ground.ports.workloads.seen(key) == ())


async def test_a_good_template_would_be_taken(ground: Ground) -> None:
    assert await ground.ports.workloads.check(await created(ground)) is None


BACKENDS = (Backend("7", "loan-seven", 80, 90), Backend("8", "loan-eight", 80, 10))
SERVICES = {"7": "loan-seven", "8": "loan-eight"}
OURS = frozenset(SERVICES.values())


async def test_a_route_is_seen_as_it_was_asked_for_but_not_as_programmed(ground: Ground) -> None:
    model = await created(ground)
    assert ground.ports.traffic.seen(model, SERVICES).weights == {}

    await ground.ports.traffic.apply(model, BACKENDS, OURS)

    seen = ground.ports.traffic.seen(model, SERVICES)
    assert (dict(seen.weights), seen.programmed) == ({"7": 90, "8": 10}, False)
    assert seen.message


async def test_a_route_that_is_right_is_left_alone(ground: Ground) -> None:
    model = await created(ground)
    await ground.ports.traffic.apply(model, BACKENDS, OURS)
    writes = ground.writes()

    await ground.ports.traffic.apply(model, BACKENDS, OURS)

    assert ground.writes() == writes


async def test_a_model_without_traffic_gets_no_route(ground: Ground) -> None:
    body = manifest(ground)
    del body["spec"]["traffic"]
    model = AIModelDeployment.model_validate(await ground.create(body))

    await ground.ports.traffic.apply(model, BACKENDS, OURS)

    assert ground.writes() == 0
    assert await ground.ports.traffic.remove(model, OURS, Parting.LEAVING)


async def test_a_route_is_gone_once_it_was_seen_to_be(ground: Ground) -> None:
    model = await created(ground)
    await ground.ports.traffic.apply(model, BACKENDS, OURS)

    assert not await ground.ports.traffic.remove(model, OURS, Parting.LEAVING)

    await until(lambda: ground.ports.traffic.seen(model, SERVICES).weights == {})
    assert await ground.ports.traffic.remove(model, OURS, Parting.LEAVING)


async def test_a_route_of_somebody_else_is_left_alone(ground: Ground) -> None:
    model = await created(ground)
    await ground.take_route_name("loan")

    assert await ground.ports.traffic.claimed(model)
    with pytest.raises(Claimed):
        await ground.ports.traffic.apply(model, BACKENDS, OURS)
    assert "HTTPRoute loan" in ground.ports.traffic.seen(model, SERVICES).message


async def test_our_own_route_is_not_claimed_also_after_a_restart(ground: Ground) -> None:
    model = await created(ground)
    await ground.ports.traffic.apply(model, BACKENDS, OURS)

    assert await ground.restart().traffic.claimed(model) is None


async def test_a_notice_is_told_once_also_by_the_next_process(ground: Ground) -> None:
    model = await created(ground)
    notice = Notice("Promoted", "version 8 answers all requests", "8/x/promoted")

    for recorder in (ground.ports.recorder, ground.ports.recorder, ground.restart().recorder):
        await recorder.tell(model, notice)
    await ground.ports.recorder.tell(model, Notice("Promoted", "again", "8/y/promoted"))

    assert await ground.events() == ["Promoted", "Promoted"]
