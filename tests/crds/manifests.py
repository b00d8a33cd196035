"""One good object of every kind, and how to spoil a copy of it."""

import copy
from typing import Any, Final

import yaml

Manifest = dict[str, Any]

_TEXT: Final = """
apiVersion: knowngood.dev/v1alpha1
kind: AIModelDeployment
metadata: {name: loan-approval, namespace: default, labels: {team: lending}}
spec:
  model: {name: loan-approval, version: "8", uri: "s3://models/loan-approval/8"}
  serving:
    deployment:
      replicas: 3
      ports:
      - {name: http, port: 80, targetPort: 8080, appProtocol: http}
      - {name: metrics, port: 9090, targetPort: 9090}
      template:
        metadata: {labels: {app: loan}}
        spec: {containers: [{name: model, image: "registry.example.com/loan:8", args: [serve]}]}
  traffic:
    gatewayAPI:
      metadata: {annotations: {external-dns.alpha.kubernetes.io/ttl: "60"}}
      parentRefs: [{name: public, namespace: gateways, sectionName: https}]
      hostnames: [loan.example.com, "*.loan.example.com"]
      rules:
      - name: predict
        matches: [{path: {type: PathPrefix, value: /predict}, headers: [{name: x, value: y}]}]
        timeouts: {request: 300s, backendRequest: 1m30s}
        filters:
        - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}}
  rollout:
    steps:
    - {setWeight: 5}
    - {pause: {duration: 10m, minSamples: 500, maxDuration: 2h, onInconclusive: Abort}}
    - {setWeight: 50}
    - {pause: {}}
    endEarly: WhenNonInferior
    minDuration: 2m
    canaryReplicas: Match
    progressDeadline: 1h
    probation: {duration: 24h, minDecisions: 2000, holdback: 5}
---
apiVersion: knowngood.dev/v1alpha1
kind: AIModelVersion
metadata: {name: loan-approval-8-2c624232, namespace: default}
spec:
  modelRef: {name: loan-approval, uid: 0a1b}
  model: {name: loan-approval, version: "8", uri: "s3://models/loan-approval/8"}
  serving:
    deployment:
      ports: [{name: http, port: 80, targetPort: 8080}]
      template: {spec: {containers: [{name: model, image: "registry.example.com/loan:8"}]}}
  digest: "v1:sha256:00"
---
apiVersion: knowngood.dev/v1alpha1
kind: IncidentPolicy
metadata: {name: lending, namespace: default}
spec:
  selector:
    matchLabels: {team: lending}
    matchExpressions:
    - {key: example.com/tier, operator: In, values: [gold, silver]}
    - {key: legacy, operator: DoesNotExist}
  mode: Act
  triggers:
  - name: approvals-fall
    signal: {kind: ClusterSignalTemplate, name: approval-rate}
    roles: [Canary]
    severity: Critical
    use: Act
    critical: true
    test:
      proportion:
        comparedTo: Stable
        direction: Decrease
        tolerance: 0.5pp
        effect: {atLeast: 2pp, over: 1h}
        falseAlarms: {perRollout: "1%"}
        minSamples: 500
        minEvents: 3
        nonInferior: {margin: 5pp, confidence: "95%"}
  - name: errors
    signal: {name: error-rate}
    test:
      threshold: {above: "0.05", window: 10s, for: 2s, minSamples: 50, confidence: "99%"}
  responses:
  - {name: errors, when: {roles: [Canary], triggers: [errors]}, actions: [{rollback: {}}]}
  - {name: rest, actions: [{hold: {}}]}
  approval: [{action: ShiftToShadow, mode: Require, timeout: 10m, onTimeout: Hold, people: 2}]
  limits: {falseAlarmBudget: {perRollout: "2.5%"}, actionsPerHour: 2, cooldown: 15m}
  escalation:
  - {after: 0s, notify: [oncall, channel]}
  - {after: 15m, unless: Acknowledged, notify: [duty-manager]}
---
apiVersion: knowngood.dev/v1alpha1
kind: ClusterSignalTemplate
metadata: {name: approval-rate}
spec:
  source: default
  ratio:
    events: 'model_predictions_total{outcome="approved", code=~"2.{2}"}'
    total: model_predictions_total
  identity: {by: Pod}
  segments: {by: region, values: [north, "south, and the islands"], minSamples: 100}
  playbook: {step: PipelineIntegrity, by: region}
---
apiVersion: knowngood.dev/v1alpha1
kind: Incident
metadata: {name: loan-approval-3, namespace: default}
spec:
  modelRef: {name: loan-approval, uid: 0a1b}
  policyRef: {kind: IncidentPolicy, name: lending, generation: 2}
  origin: Trigger
  severity: High
  acknowledgement: {by: alice, note: I look at it}
  approvals:
  - {actionId: a2, decision: Approve, by: alice, note: the feed is fine}
  - {actionId: a2, decision: Approve, by: bob}
  close: {resolution: Resolved, by: alice}
"""

GOOD: Final[dict[str, Manifest]] = {
    document["kind"]: document for document in yaml.safe_load_all(_TEXT)
}

GOOD["ClusterIncidentPolicy"] = {
    "apiVersion": "knowngood.dev/v1alpha1",
    "kind": "ClusterIncidentPolicy",
    "metadata": {"name": "everywhere"},
    "spec": {
        **GOOD["IncidentPolicy"]["spec"],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "default"}},
    },
}

SERVICES: Final[Manifest] = {
    "services": [
        {"version": "7", "name": "loan-v7", "port": 80},
        {"version": "8", "name": "loan-v8"},
    ]
}
"""The other way to serve."""

ABSENT: Final = object()
"""Stands for: take the field away."""


def changed(manifest: Manifest, *changes: tuple[str, Any]) -> Manifest:
    """Copy a manifest and set fields in it.

    Args:
        manifest: Stays as it is.
        changes: Dotted path (numbers are indexes of lists) and the new value, or ABSENT.
    """
    result = copy.deepcopy(manifest)
    for path, value in changes:
        *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
        node: Any = result
        for part in parents:
            node = node[part] if isinstance(part, int) else node.setdefault(part, {})
        if value is ABSENT:
            del node[last]
        else:
            node[last] = copy.deepcopy(value)
    return result
