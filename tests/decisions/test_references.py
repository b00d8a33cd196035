"""Which objects a template needs, and when they are looked for."""

from typing import Any

import pytest

from knowngood.api.v1alpha1 import Standing
from knowngood.decisions.references import (
    MOST,
    Reference,
    is_about_to_start,
    missing_problem,
    references,
)
from tests.decisions.situations import a_model, a_record
from tests.decisions.states import STATES

AT = "spec.serving.deployment.template.spec"


def container(**fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": "m"}, {"name": "side", **fields}]}


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        pytest.param(
            {"volumes": [{"emptyDir": {}}, {"configMap": {"name": "rules"}}]},
            Reference("ConfigMap", "rules", f"{AT}.volumes[1].configMap.name"),
            id="a volume of a ConfigMap",
        ),
        pytest.param(
            {"volumes": [{"projected": {"sources": [{"configMap": {"name": "rules"}}]}}]},
            Reference("ConfigMap", "rules", f"{AT}.volumes[0].projected.sources[0].configMap.name"),
            id="a projected one",
        ),
        pytest.param(
            {"volumes": [{"persistentVolumeClaim": {"claimName": "weights"}}]},
            Reference(
                "PersistentVolumeClaim",
                "weights",
                f"{AT}.volumes[0].persistentVolumeClaim.claimName",
            ),
            id="a claim",
        ),
        pytest.param(
            container(envFrom=[{"configMapRef": {"name": "env"}}]),
            Reference("ConfigMap", "env", f"{AT}.containers[1].envFrom[0].configMapRef.name"),
            id="a whole environment",
        ),
        pytest.param(
            container(env=[{"valueFrom": {"configMapKeyRef": {"name": "env", "key": "k"}}}]),
            Reference(
                "ConfigMap", "env", f"{AT}.containers[1].env[0].valueFrom.configMapKeyRef.name"
            ),
            id="one variable",
        ),
        pytest.param(
            {"initContainers": [{"envFrom": [{"configMapRef": {"name": "env"}}]}]},
            Reference("ConfigMap", "env", f"{AT}.initContainers[0].envFrom[0].configMapRef.name"),
            id="of a container that runs first",
        ),
        pytest.param(
            {"serviceAccountName": "loan"},
            Reference("ServiceAccount", "loan", f"{AT}.serviceAccountName"),
            id="an account",
        ),
        pytest.param(
            {"volumes": [{"configMap": {"name": "rules", "optional": True}}]}, None, id="optional"
        ),
        pytest.param(
            container(envFrom=[{"configMapRef": {"name": "env", "optional": True}}]),
            None,
            id="an optional environment",
        ),
        pytest.param(
            {"volumes": [{"secret": {"secretName": "key"}}]}, None, id="Secrets are not looked for"
        ),
        pytest.param({"volumes": "x", "containers": [7, None], "serviceAccountName": ""}, None),
        pytest.param({}, None, id="none"),
    ],
)
def test_objects_that_a_template_needs(spec: dict[str, Any], found: Reference | None) -> None:
    assert references({"spec": spec}) == (() if found is None else (found,))


def test_an_object_that_is_named_often_is_looked_for_once() -> None:
    spec = container(envFrom=[{"configMapRef": {"name": "env"}}] * 3)

    assert len(references({"spec": spec})) == 1


def test_a_template_can_not_make_us_ask_without_end() -> None:
    volumes = [{"configMap": {"name": f"c{number}"}} for number in range(1000)]

    assert len(references({"spec": {"volumes": volumes}})) == MOST


@pytest.mark.parametrize(
    ("name", "can"),
    [("rules", True), ("a.b-c", True), ("../secrets/x", False), ("", False), ("A", False)],
)
def test_a_name_that_no_object_can_have_is_known(name: str, *, can: bool) -> None:
    assert Reference("ConfigMap", name, "x").can_exist is can


@pytest.mark.parametrize(
    ("state", "desired", "standing", "starts"),
    [
        pytest.param("new", "8", None, True, id="the first version"),
        pytest.param("first version starts", "8", Standing.CANDIDATE, False, id="it starts"),
        pytest.param("at rest", "8", None, True, id="the next one"),
        pytest.param("at rest", "7", Standing.PROBATION, False, id="the one that serves"),
        pytest.param("pausing", "8", Standing.TRIAL, False, id="the one that is rolled out"),
        pytest.param("pausing", "9", None, True, id="one that would take its place"),
        pytest.param("rolled back", "8", Standing.REJECTED, False, id="a rejected one"),
    ],
)
def test_a_version_is_looked_at_before_it_starts(
    state: str, desired: str, standing: Standing | None, *, starts: bool
) -> None:
    record = None if standing is None else a_record(desired, standing)

    assert is_about_to_start(a_model(STATES[state], desired=desired), record) is starts


def test_a_missing_object_is_named_with_its_field() -> None:
    problem = missing_problem((str(Reference("ConfigMap", "rules", f"{AT}.volumes[0]")),))

    assert problem is not None
    assert problem.reason == "ReferencedObjectMissing"
    assert f"ConfigMap rules ({AT}.volumes[0])" in problem.message
    assert missing_problem(()) is None
