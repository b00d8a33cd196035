"""Defaults are said three times (Python, schema, words), and must be the same."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
from pydantic import BaseModel

from knowngood.api.docstrings import said_of
from knowngood.api.schema import structural
from knowngood.api.v1alpha1 import RESOURCES, AIModelDeployment, Resource
from tests.crds.manifests import ABSENT, GOOD, changed

SAID = re.compile(r"Default: ([-\w%]+)\.$")


TESTS = {"ProportionTest", "ThresholdTest", "RateTest", "DisagreementTest"}


def parts(model: Any) -> Iterator[type[BaseModel]]:
    """Models that a field's annotation mentions."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        yield model
    for argument in getattr(model, "__args__", ()):
        yield from parts(argument)


def all_models(model: type[BaseModel]) -> set[type[BaseModel]]:
    inner = {part for field in model.model_fields.values() for part in parts(field.annotation)}
    return {model}.union(*(all_models(part) for part in inner))


def words(description: str | None) -> str:
    return " ".join((description or "").split())


def plain(value: Any) -> Any:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    return value.value if isinstance(value, Enum) else value


def schema_defaults(node: dict[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    for name, child in node.get("properties", {}).items():
        if "default" in child:
            yield f"{where}.{name}", child["default"]
        yield from schema_defaults(child, f"{where}.{name}")


def python_defaults(model: type[BaseModel], where: str) -> Iterator[tuple[str, Any]]:
    """Defaults of fields that stand in no list."""
    for name, field in model.model_fields.items():
        path = f"{where}.{field.alias or name}"
        if not field.is_required() and field.default not in (None, (), {}):
            yield path, plain(field.default)
        if "tuple" not in str(field.annotation):
            for inner in parts(field.annotation):
                yield from python_defaults(inner, path)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: str(resource.kind))
def test_python_and_the_schema_have_the_same_defaults(resource: Resource) -> None:
    spec = resource.model.model_fields["spec"].annotation
    assert isinstance(spec, type)
    assert issubclass(spec, BaseModel)
    schema = structural(resource.model, defaults=True)["properties"]["spec"]
    assert dict(schema_defaults(schema, "spec")) == dict(python_defaults(spec, "spec"))


DEFAULTS = {
    "aimd.spec.serving.deployment.replicas": 1,
    "aimd.spec.traffic.routeRef.kind": "HTTPRoute",
    "aimd.spec.shadow.mirrorPercent": 0,
    "aimd.spec.shadow.replicas": 1,
    "aimd.spec.shadow.standby": "Warm",
    "aimd.spec.mirror.sideEffects": "Unknown",
    "aimd.spec.fallback.metrics": "Unknown",
    "aimd.spec.fallback.safePath.atEnd": "Hold",
    "aimd.spec.fallback.safePath.maxDuration": "8h",
    "aimd.spec.fallback.safePath.service.port": 80,
    "aimd.spec.traffic.sticky": False,
    "aimd.spec.traffic.testTraffic.metrics": "Unknown",
    "aimd.spec.suspend": False,
    "aimd.spec.deletionPolicy": "Delete",
    "aimd.spec.versionHistoryLimit": 10,
    "aimd.spec.rollout.canaryReplicas": "Proportional",
    "aimd.spec.rollout.progressDeadline": "10m",
    "aimd.spec.rollout.endEarly": "Never",
    "aimd.spec.rollout.probation": {"duration": "24h", "minDecisions": 500},
    "aimd.spec.rollout.probation.duration": "24h",
    "aimd.spec.rollout.probation.minDecisions": 500,
    "ipol.spec.limits.falseAlarmBudget.perRollout": "1%",
    "ipol.spec.limits.falseAlarmBudget.onceInPerModel": "10y",
    "cipol.spec.limits.falseAlarmBudget.perRollout": "1%",
    "cipol.spec.limits.falseAlarmBudget.onceInPerModel": "10y",
    "ipol.spec.mode": "Observe",
    "cipol.spec.mode": "Observe",
    "csigt.spec.delayed": False,
    "csigt.spec.source": "default",
    "csigt.spec.identity": {"by": "Pod"},
    "csigt.spec.identity.by": "Pod",
    "csigt.spec.segments.minSamples": 100,
}
"""What GitOps tools will see that nobody has written."""


def test_the_defaults_that_gitops_tools_will_see_are_these() -> None:
    found = {
        f"{resource.short}.{path}": default
        for resource in RESOURCES
        for path, default in schema_defaults(
            structural(resource.model, defaults=True)["properties"]["spec"], "spec"
        )
    }
    assert found == DEFAULTS


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: str(resource.kind))
def test_words_name_the_default_that_python_has(resource: Resource) -> None:
    for model in all_models(resource.model):
        for name, field in model.model_fields.items():
            said = SAID.search(words(said_of(model).get(name)))
            default = plain(field.default)
            if said and default not in (None, ()):
                wire = str(default).lower() if isinstance(default, bool) else str(default)
                assert said.group(1) == wire, f"{model.__name__}.{name}"


def test_every_default_inside_a_list_is_said_in_words() -> None:
    silent = [
        f"{model.__name__}.{name}"
        for resource in RESOURCES
        for model in all_models(resource.model)
        for name, field in model.model_fields.items()
        if model.__name__ in {"ServiceVersion", "Trigger"} | TESTS
        and not field.is_required()
        and field.default is not None
        and "Default: " not in words(said_of(model).get(name))
    ]
    assert silent == []


def test_a_rollout_may_be_left_out_altogether() -> None:
    manifest = changed(GOOD["AIModelDeployment"], ("spec.rollout", ABSENT))
    assert AIModelDeployment.model_validate(manifest).spec.rollout is None
