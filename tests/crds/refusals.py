"""Objects that must be refused: each is a good one with one thing wrong."""

from typing import Final

from tests.crds.escalation_refusals import ESCALATIONS
from tests.crds.golden_refusals import GOLDEN
from tests.crds.incident_refusals import INCIDENTS
from tests.crds.manifests import ABSENT, SERVICES
from tests.crds.memory_refusals import MEMORY
from tests.crds.playbook_refusals import PLAYBOOK
from tests.crds.policy_refusals import POLICIES
from tests.crds.refusal import refusals
from tests.crds.safe_path_refusals import SAFE_PATHS
from tests.crds.segment_refusals import SEGMENTS

LONG: Final = "x" * 5000

_DEPLOYMENT: Final = "spec.serving.deployment"
_ROUTE: Final = "spec.traffic.gatewayAPI"
_RULE: Final = f"{_ROUTE}.rules[0]"
_REF: Final = "spec.traffic.routeRef"
_TRIAL: Final = {"header": "X-Preview", "value": "canary", "metrics": "Excluded"}
_COPIES: Final = [{"setMirror": 5}, {"setWeight": 5}]
_SHADOW: Final = "spec.shadow"
_COLD: Final = {"mirrorPercent": 5, "standby": "Cold"}
_PAUSE: Final = "spec.rollout.steps[1].pause"
_EARLY: Final = [{"pause": {"minSamples": 5}}, {"setWeight": 5}]
_LATE: Final = [{"setWeight": 5}, {"setMirror": 5}]

_PROBATION: Final = "spec.rollout.probation"
_SPEC: Final = {"model": {"version": "8"}, "serving": SERVICES}
_STICKY: Final = {"routeRef": {"name": "edge"}, "sticky": True}

MODELS: Final = refusals(
    "AIModelDeployment",
    ("metadata.name", "a" * 41, "metadata.name", "at most 40 characters"),
    ("metadata.name", "8-loan", "metadata.name", "start with a lower case letter"),
    ("spec", ABSENT, "spec", "Required"),
    ("spec.model", ABSENT, "spec.model", "Required"),
    ("spec.model.version", ABSENT, "spec.model.version", "Required"),
    ("spec.model.version", 8, "spec.model.version", "must be of type string"),
    ("spec.model.version", "", "spec.model.version"),
    ("spec.model.version", "v1+build", "spec.model.version"),
    ("spec.model.version", "team/v1", "spec.model.version"),
    ("spec.model.version", "v" * 41, "spec.model.version", "40"),
    ("spec.model.name", "n" * 64, "spec.model.name", "63"),
    ("spec.model.name", "a b", "spec.model.name"),
    ("spec.model.uri", "s3://key:secret@models/8", "spec.model.uri", "user name or password"),
    ("spec.model.uri", "https://alice@models.example.com/8", "spec.model.uri", "password"),
    ("spec.model.uri", "models/8", "spec.model.uri"),
    ("spec.models", {}, "spec.models", "unknown field"),
    ("spec.serving", ABSENT, "spec.serving", "Required"),
    ("spec.serving", {}, "spec.serving", "exactly one of deployment, services"),
    ("spec.serving.services", SERVICES["services"], "spec.serving", "exactly one of"),
    ("spec.serving", {"services": []}, "spec.serving.services", "at least 1 items"),
    (
        "spec.serving",
        {"services": [{"version": "7", "name": "loan-v7"}]},
        "spec.serving.services",
        "spec.model.version",
    ),
    (
        "spec.serving",
        {"services": [*SERVICES["services"], {"version": "8", "name": "other"}]},
        "spec.serving.services[2]",
        "Duplicate",
    ),
    (
        "spec.serving",
        {"services": [*SERVICES["services"], {"version": "9", "name": "loan-v8", "port": 81}]},
        "spec.serving.services",
        "Service of its own",
    ),
    (
        "spec.serving",
        {"services": [{"version": "8", "name": "Loan"}]},
        "spec.serving.services[0].name",
    ),
    (
        "spec.serving",
        {"services": [{"version": "8", "name": "loan", "port": 0}]},
        "spec.serving.services[0].port",
    ),
    (f"{_DEPLOYMENT}.replicas", -1, f"{_DEPLOYMENT}.replicas", "greater than or equal to 0"),
    (f"{_DEPLOYMENT}.replicas", 1001, f"{_DEPLOYMENT}.replicas", "less than or equal to 1000"),
    (f"{_DEPLOYMENT}.ports", [], f"{_DEPLOYMENT}.ports", "at least 1 items"),
    (f"{_DEPLOYMENT}.ports.1.name", "http", f"{_DEPLOYMENT}.ports[1]", "Duplicate"),
    (f"{_DEPLOYMENT}.ports.1.port", 80, f"{_DEPLOYMENT}.ports", "used once"),
    (f"{_DEPLOYMENT}.ports.0.name", "http_port", f"{_DEPLOYMENT}.ports[0].name"),
    (f"{_DEPLOYMENT}.ports.0.targetPort", 65536, f"{_DEPLOYMENT}.ports[0].targetPort", "65535"),
    (f"{_DEPLOYMENT}.ports.0.port", ABSENT, f"{_DEPLOYMENT}.ports[0].port", "Required"),
    (f"{_DEPLOYMENT}.template", ABSENT, f"{_DEPLOYMENT}.template", "Required"),
    (f"{_DEPLOYMENT}.template", "pod", f"{_DEPLOYMENT}.template", "must be of type object"),
    ("spec.traffic", {}, "spec.traffic", "exactly one of gatewayAPI, routeRef"),
    ("spec.traffic.routeRef", {"name": "edge"}, "spec.traffic", "exactly one of"),
    ("spec.traffic", {"routeRef": {}}, f"{_REF}.name", "Required"),
    ("spec.traffic", {"routeRef": {"name": "Edge!"}}, f"{_REF}.name"),
    ("spec.traffic", {"routeRef": {"name": "edge", "kind": "GRPCRoute"}}, f"{_REF}.kind"),
    ("spec.traffic", {"routeRef": {"name": "edge", "adopt": "Old"}}, f"{_REF}.adopt"),
    (
        "spec.traffic",
        {"routeRef": {"name": "edge", "ruleNames": [f"r{n}" for n in range(9)]}},
        f"{_REF}.ruleNames",
        "at most 8 items",
    ),
    (f"{_ROUTE}.parentRefs", [], f"{_ROUTE}.parentRefs", "at least 1 items"),
    (f"{_ROUTE}.parentRefs", [{"name": "g"}] * 9, f"{_ROUTE}.parentRefs", "at most 8 items"),
    (f"{_ROUTE}.parentRefs.0.namespace", "A", f"{_ROUTE}.parentRefs[0].namespace"),
    (f"{_ROUTE}.hostnames.0", "https://loan", f"{_ROUTE}.hostnames[0]"),
    (f"{_ROUTE}.rules", [], f"{_ROUTE}.rules", "at least 1 items"),
    (f"{_ROUTE}.rules.0.name", ABSENT, f"{_RULE}.name", "Required"),
    (f"{_ROUTE}.rules.0.matches", [{}] * 9, f"{_RULE}.matches", "at most 8 items"),
    (f"{_ROUTE}.rules.0.timeouts.request", "5 minutes", f"{_RULE}.timeouts.request"),
    (f"{_ROUTE}.rules.0.timeouts.request", "25h", f"{_RULE}.timeouts.request", "0s and 24h"),
    (
        f"{_ROUTE}.rules.0.timeouts.backendRequest",
        "301s",
        f"{_RULE}.timeouts.backendRequest",
        "not be longer than request",
    ),
    (
        f"{_ROUTE}.rules.0.timeouts",
        {"backendRequest": "25h"},
        f"{_RULE}.timeouts.backendRequest",
        "0s and 24h",
    ),
    (f"{_ROUTE}.rules.0.filters", [{"type": "RequestMirror"}], f"{_RULE}.filters", "refused"),
    (f"{_ROUTE}.rules.0.filters", [{"type": "RequestRedirect"}], f"{_RULE}.filters", "refused"),
    (f"{_ROUTE}.rules.0.filters", [{"urlRewrite": {}}], f"{_RULE}.filters[0].type", "Required"),
    (
        f"{_ROUTE}.metadata.annotations",
        {"knowngood.dev/command": "x"},
        f"{_ROUTE}.metadata.annotations",
        "reserved",
    ),
    (
        "spec.rollout.steps.0",
        {},
        "spec.rollout.steps[0]",
        "exactly one of setWeight, setMirror, pause",
    ),
    ("spec.rollout.steps.0.pause", {}, "spec.rollout.steps[0]", "exactly one of"),
    ("spec.rollout.steps.0.setWeight", 0, "spec.rollout.steps[0].setWeight"),
    ("spec.rollout.steps.0.setWeight", 101, "spec.rollout.steps[0].setWeight"),
    ("spec.rollout.steps", [{"setWeight": 100}], "spec.rollout.steps", "less than 100"),
    ("spec.rollout.steps", [{"pause": {}}], "spec.rollout.steps", "must be a setWeight"),
    ("spec.rollout.steps.0.setWeight", 60, "spec.rollout.steps", "must rise"),
    ("spec.rollout.steps.0.setWeight", 50, "spec.rollout.steps", "must rise"),
    ("spec.rollout.steps.0.setMirror", 0, "spec.rollout.steps[0].setMirror"),
    ("spec.rollout.steps", [{"setMirror": 5}], "spec.rollout.steps", "must be a setWeight"),
    ("spec.rollout.steps", _COPIES, "spec.rollout.steps", "mirror.sideEffects: None"),
    ("spec.shadow", {"mirrorPercent": 101}, f"{_SHADOW}.mirrorPercent", "equal to 100"),
    ("spec.shadow", {"mirrorPercent": 5}, f"{_SHADOW}.mirrorPercent", "mirror.sideEffects: None"),
    ("spec.shadow", _COLD, f"{_SHADOW}.mirrorPercent", "needs standby: Warm"),
    ("spec.mirror", {"sideEffects": "Some"}, "spec.mirror.sideEffects", "Unsupported value"),
    (
        "spec.traffic.testTraffic",
        {"header": "X-Preview", "value": "canary"},
        "spec.traffic.testTraffic.metrics",
        "judged as if users had sent them",
    ),
    (
        "spec.traffic.testTraffic",
        _TRIAL | {"header": "x-knowngood-test"},
        "spec.traffic.testTraffic.header",
        "choose another header",
    ),
    ("spec.traffic.testTraffic", _TRIAL | {"value": ""}, "spec.traffic.testTraffic.value"),
    (
        "spec.traffic",
        {"routeRef": {"name": "edge"}, "testTraffic": _TRIAL},
        "spec.traffic.testTraffic",
        "gets no rules from Knowngood",
    ),
    ("spec.rollout.steps", _EARLY, "spec.rollout.steps", "wait for ever"),
    ("spec.rollout.steps", _LATE, "spec.rollout.steps", "before the first setWeight"),
    ("spec.rollout.steps", [{"pause": {}}] * 33, "spec.rollout.steps", "at most 32 items"),
    ("spec.rollout.steps.1.pause.duration", "ten", "spec.rollout.steps[1].pause.duration"),
    ("spec.rollout.steps.1.pause.duration", "169h", "spec.rollout.steps[1].pause.duration", "168h"),
    ("spec.rollout.steps.1.pause.minSamples", 0, "spec.rollout.steps[1].pause.minSamples"),
    (
        "spec.rollout.steps.1.pause.maxDuration",
        "9m",
        f"{_PAUSE}.maxDuration",
        "shorter than duration",
    ),
    (
        "spec.rollout.steps.1.pause.maxDuration",
        ABSENT,
        f"{_PAUSE}.onInconclusive",
        "needs maxDuration",
    ),
    ("spec.rollout.steps.1.pause.maxDuration", "169h", f"{_PAUSE}.maxDuration", "168h"),
    ("spec.rollout.steps.1.pause.onInconclusive", "Retry", f"{_PAUSE}.onInconclusive", "Abort"),
    (
        "spec.rollout.steps.1.pause",
        {"maxDuration": "1h"},
        f"{_PAUSE}.maxDuration",
        "waits for a person",
    ),
    ("spec.rollout.endEarly", "Never", "spec.rollout.minDuration", "need each other"),
    ("spec.rollout.minDuration", ABSENT, "spec.rollout.minDuration", "need each other"),
    ("spec.rollout.endEarly", "Always", "spec.rollout.endEarly", "WhenNonInferior"),
    ("spec.versionHistoryLimit", 1, "spec.versionHistoryLimit", "greater than or equal to 2"),
    ("spec.deletionPolicy", "Keep", "spec.deletionPolicy", "Orphan"),
    ("spec.suspend", "yes", "spec.suspend", "must be of type boolean"),
    ("spec.rollout.canaryReplicas", "All", "spec.rollout.canaryReplicas", "Proportional"),
    ("spec.rollout.progressDeadline", "0s", "spec.rollout.progressDeadline", "between"),
    ("spec.rollout.progressDeadline", "1.5h", "spec.rollout.progressDeadline"),
    ("spec.rollout.probation", {"holdback": 0}, f"{_PROBATION}.holdback", "or equal to 1"),
    ("spec.rollout.probation", {"holdback": 21}, f"{_PROBATION}.holdback", "or equal to 20"),
    (
        "spec.rollout",
        {"steps": [{"setWeight": 96}], "probation": {"holdback": 5}},
        f"{_PROBATION}.holdback",
        "not be more than 100 together",
    ),
    (
        "spec",
        {**_SPEC, "rollout": {"probation": {"holdback": 5}}},
        f"{_PROBATION}.holdback",
        "holdback needs traffic",
    ),
    (
        "spec",
        {**_SPEC, "rollout": {"probation": {"holdback": 5}}, "traffic": _STICKY},
        f"{_PROBATION}.holdback",
        "clients that stay with no version",
    ),
)

VERSIONS: Final = refusals(
    "AIModelVersion",
    ("spec.digest", ABSENT, "spec.digest", "Required"),
    ("spec.modelRef.uid", "", "spec.modelRef.uid"),
    ("spec.model.uri", "s3://key:secret@models/8", "spec.model.uri", "user name or password"),
    (
        "spec.serving.deployment.ports",
        [{"name": "a", "port": 80, "targetPort": 1}, {"name": "b", "port": 80, "targetPort": 2}],
        "spec.serving.deployment.ports",
        "used once",
    ),
    ("spec.serving", {}, "spec.serving", "exactly one of deployment, service"),
    ("spec.serving.service", {"name": "a", "port": 80}, "spec.serving", "exactly one of"),
    ("spec.serving", {"service": {"name": "a"}}, "spec.serving.service.port", "Required"),
    ("spec.serving.deployment.ports", [], "spec.serving.deployment.ports"),
)

OTHERS: Final = (
    refusals(
        "ClusterIncidentPolicy",
        ("spec.namespaceSelector", ABSENT, "spec.namespaceSelector", "Required"),
        (
            "spec.namespaceSelector.matchExpressions",
            [{"key": "a", "operator": "In"}],
            "spec.namespaceSelector.matchExpressions[0].values",
        ),
        ("spec.responses.0.when.triggers", ["error"], "spec.responses", "must name triggers"),
    )
    + refusals(
        "ClusterSignalTemplate",
        ("spec.ratio", ABSENT, "spec", "exactly one of ratio, histogram, categories, value"),
        ("spec.value", {"query": "up"}, "spec", "exactly one of ratio, histogram"),
        ("spec.histogram", {"buckets": "x_bucket"}, "spec", "exactly one of ratio, histogram"),
        (
            "spec.categories",
            {"counts": "x", "by": "outcome"},
            "spec",
            "exactly one of ratio, histogram",
        ),
        ("spec.source", "http://prometheus:9090", "spec.source"),
        ("spec.ratio.total", ABSENT, "spec.ratio", "either events and total, or histogram and"),
        ("spec.ratio.histogram", "x_bucket", "spec.ratio", "either events and total, or histogram"),
        ("spec.ratio", {"histogram": "x_bucket"}, "spec.ratio", "either events and total, or"),
        ("spec.ratio", {"histogram": "x_bucket", "above": "0,5"}, "spec.ratio.above"),
        ("spec.ratio", {}, "spec.ratio", "either events and total, or histogram and above"),
        ("spec.ratio.total", "sum(requests_total)", "spec.ratio.total", "no functions"),
        ("spec.ratio.events", "rate(errors_total[5m])", "spec.ratio.events", "no functions"),
        ("spec.ratio.events", 'errors_total{code="5"} or vector(1)', "spec.ratio.events", "like"),
        ("spec.ratio.events", "errors_total{code=500}", "spec.ratio.events"),
        ("spec.ratio.events", 'errors_total{a="1" b="2"}', "spec.ratio.events"),
        ("spec.ratio.events", LONG, "spec.ratio.events", "1024"),
        ("spec.identity.by", "Header", "spec.identity.by"),
    )
    + GOLDEN
    + SEGMENTS
    + INCIDENTS
)

ON_CREATE: Final = [
    *MODELS,
    *VERSIONS,
    *POLICIES,
    *MEMORY,
    *PLAYBOOK,
    *SAFE_PATHS,
    *ESCALATIONS,
    *OTHERS,
]
