"""A process that has just started applies once more what is there; the API server must see no difference."""

from typing import Any

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion
from knowngood.clock import SystemClock
from knowngood.control.ports import Backend
from knowngood.decisions.naming import child_name
from knowngood.decisions.records import record_of
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
