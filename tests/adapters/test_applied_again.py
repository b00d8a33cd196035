"""A process that has just started: what it applies once more is no write, and what was begun it ends."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion
from knowngood.clock import SystemClock
from knowngood.control.ports import Backend, Key
from knowngood.decisions.naming import child_name
from knowngood.decisions.records import record_of
from knowngood.errors import Unavailable
from tests.adapters.grounds import KubernetesGround
from tests.adapters.loopback import until
from tests.control.manifests import a_model

NAME = child_name("loan", "7")
BACKENDS = (Backend("7", NAME, 80, 90), Backend("8", "loan-eight", 80, 10))
RULES: list[dict[str, Any]] = [
    {"name": "all"},
    {
        "name": "some",
        "matches": [
            {"headers": [{"name": "x-client", "value": "a"}], "path": {"value": "/predict"}},
            {"queryParams": [{"name": "client", "value": "a"}], "method": "POST"},
        ],
        "timeouts": {"request": "5s"},
    },
]


async def test_applying_what_is_there_already_is_no_write_for_the_next_process_either(
    real: KubernetesGround,
) -> None:
    body = a_model()
    body["metadata"]["namespace"] = real.namespace
    body["spec"]["traffic"]["gatewayAPI"]["rules"] = RULES
    model = AIModelDeployment.model_validate(await real.create(body))
    before = await _applied(real, model)
    # The API server notes whole seconds: within one, it could not tell two writes apart.
    second = int(SystemClock().now().timestamp())
    await until(lambda: int(SystemClock().now().timestamp()) > second)

    real.ports = real.restart()

    assert await _applied(real, model) == before


async def test_a_service_that_somebody_edits_or_deletes_is_put_back(
    real: KubernetesGround,
) -> None:
    body = a_model()
    body["metadata"]["namespace"] = real.namespace
    model = AIModelDeployment.model_validate(await real.create(body))
    await _applied(real, model)
    record, before = AIModelVersion.model_validate(record_of(model)), await real.read("svc", NAME)
    assert before is not None
    path = f"/api/v1/namespaces/{real.namespace}/services/{NAME}"

    await real.api.merge(path, {"spec": {"selector": {"app": "another"}}})
    await until(lambda: real.services.version(real.namespace, NAME) != _version(before))
    await real.ports.workloads.apply(model, record, 0)
    edited = await real.read("svc", NAME)
    await real.delete("svc", NAME)
    await until(lambda: real.services.get(real.namespace, NAME) is None)
    await real.ports.workloads.apply(model, record, 0)
    deleted = await real.read("svc", NAME)

    for found in (edited, deleted):
        assert found is not None
        assert found["spec"]["selector"] == before["spec"]["selector"]


def _version(body: dict[str, Any]) -> str:
    return str(body["metadata"]["resourceVersion"])


async def test_a_removal_that_was_cut_short_is_ended_by_the_next_process(
    real: KubernetesGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = a_model()
    body["metadata"]["namespace"] = real.namespace
    model = AIModelDeployment.model_validate(await real.create(body))
    await _applied(real, model)
    key, delete = Key(real.namespace, "loan"), real.api.delete

    async def killed(path: str, uid: str = "") -> None:
        await delete(path, uid)
        raise Unavailable("the process was killed")

    with monkeypatch.context() as patched:
        patched.setattr(real.api, "delete", killed)
        with pytest.raises(Unavailable):
            await real.ports.workloads.remove(key, NAME)
    if await real.read("deployments", NAME) is None:
        await until(lambda: not real.ports.workloads.seen(key))  # the view has heard of it

    workloads = real.restart().workloads
    for seen in workloads.seen(key):
        await workloads.remove(key, seen.name)

    assert await real.read("deployments", NAME) is None
    assert await real.read("services", NAME) is None


async def test_what_was_deleted_is_not_deleted_again_before_the_view_knows(
    real: KubernetesGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = a_model()
    body["metadata"]["namespace"] = real.namespace
    model = AIModelDeployment.model_validate(await real.create(body))
    await _applied(real, model)
    key, delete, asked = Key(real.namespace, "loan"), real.api.delete, []

    async def counted(path: str, uid: str = "") -> None:
        asked.append(path)
        await delete(path, uid)

    before = real.deployments.get(real.namespace, NAME)
    monkeypatch.setattr(real.api, "delete", counted)
    await real.ports.workloads.remove(key, NAME)
    with monkeypatch.context() as late:  # the word of the deletion may come before the next line
        late.setattr(real.deployments, "get", lambda *_: before)
        await real.ports.workloads.remove(key, NAME)
    await until(lambda: not real.ports.workloads.seen(key))
    await _applied(real, model)
    await real.ports.workloads.remove(key, NAME)

    assert len(asked) == 4, "a Service and a Deployment, then those that were made anew"
    assert await real.read("deployments", NAME) is None


async def _applied(ground: KubernetesGround, model: AIModelDeployment) -> dict[str, str]:
    """Apply everything, and return the resource version of each object."""
    record = AIModelVersion.model_validate(record_of(model))
    await ground.ports.workloads.apply(model, record, 0)
    await ground.ports.traffic.apply(model, BACKENDS, frozenset({"loan-eight", NAME}))
    found = {}
    for kind, name in (("httproutes", "loan"), ("services", NAME)):
        body = await ground.read(kind, name)
        assert body is not None
        found[kind] = body["metadata"]["resourceVersion"]
    return found
