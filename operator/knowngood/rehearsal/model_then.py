"""The model of a rehearsal: as it is now, but with the versions of then, and with nothing open."""

from typing import Any, Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    DeploymentStatus,
    Phase,
    Standing,
    VersionNames,
)
from knowngood.decisions.naming import child_name
from knowngood.rehearsal.beginning import Beginning
from knowngood.rehearsal.told import Asked

_OWN_ROUTE: Final = {"parentRefs": [{"name": "rehearsal"}], "rules": [{"name": "all"}]}
_ONE_STEP: Final = [{"setWeight": 50}, {"pause": {}}]
"""It does not end, so nothing is promoted; which share it is does not matter, for no test knows it."""


def model_then(model: AIModelDeployment, found: Beginning, asked: Asked) -> AIModelDeployment:
    """Write it.

    Args:
        model: As it is now.
        found: The versions of then.
        asked: What is to be rehearsed.
    """
    stable = found.stable.spec.model.version
    spec = _spec(model, found, asked)
    status = DeploymentStatus(
        observed_generation=1,
        phase=Phase.GUARDING if _is_good(found.stable) else Phase.PROBATION,
        versions=VersionNames(
            desired=stable,
            stable=stable,
            shadow=found.standby.spec.model.version if found.standby else "",
        ),
        incidents=model.status.incidents if model.status else 0,
    ).wire()
    if "traffic" in spec:
        backend = {"version": stable, "weight": 100, **_reached(model, found.stable)}
        status["traffic"] = {"backends": [backend]}
    return AIModelDeployment.model_validate({**model.wire(), "spec": spec, "status": status})


def _spec(model: AIModelDeployment, found: Beginning, asked: Asked) -> dict[str, Any]:
    # What is rolled out and has no record is what the spec asks for.
    wanted = found.canary if asked.rollout else found.stable
    changed: dict[str, Any] = {"suspend": False, "fallback": None}
    run = model.spec.serving.deployment
    if wanted is not None:
        changed["model"] = wanted.spec.model
    if run is not None:
        recorded = wanted.spec.serving.deployment if wanted else None
        parts = {"ports": recorded.ports, "template": recorded.template} if recorded else {}
        run = run.model_copy(update={**parts, "replicas": max(1, run.replicas)})
        changed["serving"] = model.spec.serving.model_copy(update={"deployment": run})
    spec = model.spec.model_copy(update=changed).wire()
    if "routeRef" in (spec.get("traffic") or {}):
        spec["traffic"] = {"gatewayAPI": _OWN_ROUTE}
    if asked.rollout:
        spec["rollout"] = {"steps": _ONE_STEP}
        # Where clients stay with a version its weight is not its share: nothing is concluded from it.
        spec["traffic"] = {"gatewayAPI": _OWN_ROUTE, "sticky": True}
    return spec


def _is_good(record: AIModelVersion) -> bool:
    return record.status is not None and record.status.standing is Standing.KNOWN_GOOD


def _reached(model: AIModelDeployment, record: AIModelVersion) -> dict[str, Any]:
    """The Service of a version, and its port."""
    serving = record.spec.serving
    if serving.service is not None:
        return {"service": serving.service.name, "port": serving.service.port}
    port = serving.deployment.ports[0].port if serving.deployment else 80
    return {"service": child_name(model.metadata.name, record.spec.model.version), "port": port}
