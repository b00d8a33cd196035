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
from tests.crds.manifests import GOOD, SERVICES, Manifest, changed

MODELS = {resource.kind: resource.model for resource in RESOURCES}
AT = "2026-03-04T05:06:07.000089Z"

STATUS = {
    "observedGeneration": 4,
    "phase": "RolledBack",
    "replicas": 2,
    "selector": "knowngood.dev/model=loan,knowngood.dev/version=7",
    "versions": {"desired": "8", "stable": "7", "canary": "", "shadow": "6"},
    "watch": [{"trigger": "IncidentPolicy/lending/lending/errors", "does": "Promotion"}],
    "servingBreaches": [
        {
            "version": "7",
            "trigger": "errors",
            "policy": "lending",
            "policyKind": "IncidentPolicy",
            "message": "more errors than an hour ago",
            "foundAt": AT,
            "samples": 900,
            "events": 81,
            "signal": "error-rate",
            "query": "errors_total among requests_total",
            "since": AT,
            "until": AT,
        }
    ],
    "rollout": {
        "version": "8",
        "digest": "v1:sha256:00",
        "step": 1,
        "steps": 4,
        "done": "v1:sha256:" + "0" * 64,
        "startedAt": AT,
        "stepStartedAt": AT,
        "evidenceSince": AT,
        "paused": True,
        "overruled": ["IncidentPolicy/lending/approval-rate-drop"],
        "passed": [],
        "lacks": [],
        "proofs": [],
        "returning": "7",
        "withdrawals": 1,
        "mirror": 40,
        "weights": [{"weight": 10, "since": AT, "verifiedAt": AT}],
        "designEffects": [
            {
                "signal": "errors",
                "value": "1.8",
                "basis": "Pods",
                "estimate": "1.4",
                "message": "1.8",
            }
        ],
        "shares": [
            {
                "use": "Act",
                "perRollout": "1%",
                "first": ["lending/errors/0123456789ab"],
                "later": [],
            }
        ],
        "power": [
            {
                "trigger": "IncidentPolicy/lending/lending/errors",
                "perHour": 480,
                "base": "0.7",
                "sees": "at 480 an hour: 10 points in about 3 hours",
                "blind": True,
            }
        ],
        "silentAt": AT,
        "loud": True,
        "waitingFor": "None",
        "failure": {
            "reason": "Breached",
            "trigger": "errors",
            "policy": "lending",
            "policyKind": "IncidentPolicy",
            "policyGeneration": 2,
            "test": "0123456789ab",
            "severity": "Critical",
            "message": "too many errors",
            "evidence": {
                "statistic": "140.2",
                "limit": "100",
                "samples": 212,
                "events": 30,
                "referenceSamples": 1900,
                "referenceEvents": 19,
                "estimate": "0.1415",
                "effect": "+0.1315",
                "guarantee": "1% of the rollouts",
            },
            "onset": AT,
            "detectedAt": AT,
        },
    },
    "undo": {
        "action": "Promotion",
        "version": "8",
        "to": "7",
        "what": "version 7 gets all requests again",
        "command": "undo 8",
    },
    "traffic": {
        "written": True,
        "override": {"weights": [{"version": "7", "weight": 3}], "since": AT},
        "drifts": [AT],
        "original": [{"rule": "predict", "backendRefs": [{"name": "old", "port": 80, "x": {}}]}],
        "backends": [
            {
                "version": "7",
                "service": "loan-7",
                "port": 80,
                "weight": 100,
                "appliedWeight": 100,
                "mirrorPercent": 40,
            }
        ],
        "versionHeader": {"name": "X-Model-Version", "gateways": "gateways/public"},
        "canaryWeight": 0,
        "intent": {"id": "i1", "fence": 12, "reason": "Rollback"},
        "verifiedAt": AT,
    },
    "shifts": [AT],
    "safePath": {
        "service": "review",
        "port": 80,
        "step": "Taken",
        "version": "7",
        "incident": "loan-1",
        "by": "alice",
        **dict.fromkeys(("since", "stepAt", "takenAt", "until"), AT),
    },
    "judgedSince": AT,
    "vetoes": [
        {
            "action": "SafePath",
            "policyKind": "IncidentPolicy",
            "policy": "lending",
            "trigger": "errors",
            "incident": "loan-1",
            "at": AT,
            "why": "alice said no to the safe path",
        }
    ],
    "draining": [{"version": "8", "since": AT}],
    "rejected": [{"version": "8", "digest": "v1:sha256:" + "0" * 64}],
    "feeds": [],
    "suspensions": [],
    "lastCommand": {
        "nonce": "n",
        "verb": "abort",
        "version": "8",
        "by": "alice",
        "result": "Done",
        "message": "",
        "time": AT,
    },
    "incidents": 3,
    "incidentRef": {"name": "loan-approval-3"},
    "conditions": [
        {
            "type": "Ready",
            "status": "False",
            "reason": "VersionRejected",
            "message": "version 8 was rejected",
            "observedGeneration": 4,
            "lastTransitionTime": "2026-03-04T05:06:07Z",
        }
    ],
}


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
