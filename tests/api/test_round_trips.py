from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from knowngood.api.v1alpha1 import (
    RESOURCES,
    AIModelDeployment,
    Condition,
    DeploymentStatus,
    IncidentPolicy,
    IncidentStatus,
    Pause,
    Phase,
    RolloutSpec,
    RouteFilter,
    Step,
    VersionStatus,
)
from tests.api.statuses import STATUS
from tests.crds.manifests import GOOD, SERVICES, Manifest, changed

MODELS = {resource.kind: resource.model for resource in RESOURCES}


def part_of(whole: Any, part: Any) -> bool:
    """Whether everything in `part` is in `whole` too; defaults may be added."""
    if isinstance(part, dict):
        return all(key in whole and part_of(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(part_of, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("kind", GOOD)
def test_nothing_of_a_manifest_is_lost(kind: str) -> None:
    parsed = MODELS[kind].model_validate(GOOD[kind])
    assert part_of(parsed.wire(), GOOD[kind])
    assert MODELS[kind].model_validate(parsed.wire()) == parsed


def test_a_template_survives_as_it_is_with_nulls_and_unknown_fields() -> None:
    template = {"spec": {"x": None, "snake_case": {"Deep": [1, {"a": None}]}}, "metadata": {}}
    manifest = changed(GOOD["AIModelDeployment"], ("spec.serving.deployment.template", template))
    wire = AIModelDeployment.model_validate(manifest).wire()
    assert wire["spec"]["serving"]["deployment"]["template"] == template


def test_a_filter_keeps_what_it_does_not_know() -> None:
    filter_ = {"type": "URLRewrite", "urlRewrite": {"hostname": "a"}}
    assert RouteFilter.model_validate(filter_).wire() == filter_


def test_a_status_comes_back_as_it_was_written() -> None:
    assert DeploymentStatus.model_validate(STATUS).wire() == STATUS


@pytest.mark.parametrize("status", [DeploymentStatus, IncidentStatus, VersionStatus])
def test_an_empty_status_can_be_read(status: type[DeploymentStatus]) -> None:
    assert status.model_validate({}) == status()


def test_fields_of_a_newer_schema_are_ignored() -> None:
    manifest = changed(GOOD["AIModelDeployment"], ("spec.newer", True), ("spec.model.x", 1))
    old = AIModelDeployment.model_validate(GOOD["AIModelDeployment"])
    assert AIModelDeployment.model_validate(manifest) == old


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.rollout.canaryReplicas", "Half"),
        ("spec.model.version", "a/b"),
        ("spec.serving.deployment.ports", []),
        ("spec.rollout.progressDeadline", "1.5h"),
        ("status", {"phase": "Somewhere"}),
        ("status", changed(STATUS, ("draining.0.since", "2026-03-04T05:06:07"))),
    ],
)
def test_what_is_out_of_bounds_is_an_error_here_too(path: str, value: Any) -> None:
    manifest: Manifest = changed(GOOD["AIModelDeployment"], (path, value))
    with pytest.raises(ValidationError):
        AIModelDeployment.model_validate(manifest)


def test_values_can_not_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        DeploymentStatus().phase = Phase.PENDING  # type: ignore[misc] # that is the claim


def test_python_names_and_wire_names_both_construct() -> None:
    assert Step(set_weight=5) == Step.model_validate({"setWeight": 5})
    assert RolloutSpec(steps=(Step(pause=Pause()),)).wire()["steps"] == [{"pause": {}}]


def test_an_empty_pause_is_not_an_absent_one() -> None:
    assert Step.model_validate({"pause": {}}).pause == Pause()
    assert Step.model_validate({"setWeight": 5}).pause is None


def test_keywords_and_acronyms_have_their_names_on_the_wire() -> None:
    policy = IncidentPolicy.model_validate(GOOD["IncidentPolicy"])
    threshold = policy.spec.triggers[1].test.threshold
    assert threshold is not None
    assert threshold.for_ == "2s"
    assert threshold.wire()["for"] == "2s"
    assert (
        "gatewayAPI"
        in AIModelDeployment.model_validate(GOOD["AIModelDeployment"]).wire()["spec"]["traffic"]
    )


def test_times_are_written_in_utc_and_conditions_in_whole_seconds() -> None:
    east = datetime(2026, 1, 1, 1, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=2)))
    condition = Condition(
        type="Ready", status="True", reason="Serving", message="", last_transition_time=east
    )
    assert condition.wire()["lastTransitionTime"] == "2025-12-31T23:00:00Z"
    draining = changed(STATUS, ("draining.0.since", east))
    wire = DeploymentStatus.model_validate(draining).wire()
    assert wire["draining"][0]["since"] == "2025-12-31T23:00:00.250000Z"
    assert DeploymentStatus.model_validate(wire).draining[0].since == east.astimezone(UTC)


def test_the_port_of_somebodys_service_is_80_unless_it_is_said() -> None:
    manifest = changed(GOOD["AIModelDeployment"], ("spec.serving", SERVICES))
    services = AIModelDeployment.model_validate(manifest).spec.serving.services
    assert services is not None
    assert [service.port for service in services] == [80, 80]
