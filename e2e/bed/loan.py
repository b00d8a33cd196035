"""The loan model as a manifest: a small builder with what stories vary."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from e2e.bed.gateways import Gateway

Json = dict[str, Any]
Step = Mapping[str, object]

IMAGE: Final = "knowngood/loan-model:dev"
PROCESS: Final = "retail-lending"
PORT: Final = 8080


def weight(percent: int) -> Step:
    """A step that gives the canary a share of the requests."""
    return {"setWeight": percent}


def mirror(percent: int) -> Step:
    """A step that sends the canary copies of a share of the requests."""
    return {"setMirror": percent}


def pause(duration: str | None = None, *, samples: int | None = None) -> Step:
    """A step that waits; without anything to wait for it waits for a person."""
    waits: Json = {"duration": duration, "minSamples": samples}
    return {"pause": {name: value for name, value in waits.items() if value is not None}}


SHORT_STEPS: Final = (weight(20), pause("2s"), weight(50), pause("3s", samples=100))
"""A rollout of some seconds, for a load of about 50 requests a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanModel:
    """One AIModelDeployment of the loan model.

    Attributes:
        namespace: Where it is.
        host: Host name of its route; None: it has none, Knowngood only watches.
        name: Name of the object.
        gateway: Which gateway its own route attaches to.
        version: Version that should serve.
        preprocessing: Code before the model; `v2` has the bug that makes it reject too many.
        kind: Which trained model: `logistic` or `boosted`.
        replicas: Pods that carry all of the traffic.
        steps: Of a rollout.
        probation: What a promoted version has to show; None: the defaults.
        progress_deadline: How long a step may wait for pods or for the gateway.
        probe_path: Where the readiness probe looks; `/healthz` is right.
        container: Fields of the container to add or to replace.
        services: Service by version, where the user runs the pods; empty: Knowngood does.
        route: Which HTTPRoute of somebody else leads to it; None: one of its own.
        trial: Header and value of requests that a canary answers alone; None: there are none.
        version_header: Header by which answers name their version; None: none.
        side_effects: What answering does besides; `None` lets requests be copied.
        standby: What becomes of a known good version that is replaced; None: nothing is said.
        copies: Share of the requests that it gets copies of, percent.
        golden: Requests whose right answers are known.
        safe_path: Service that answers where no version is to; None: there is none.
        image: Of the container.
        pod: Further fields of the pods' spec.
    """

    namespace: str
    host: str | None
    name: str = "loan"
    gateway: Gateway = Gateway.CONTOUR
    version: str = "1"
    preprocessing: str = "v1"
    kind: str = "logistic"
    replicas: int = 1
    steps: tuple[Step, ...] = SHORT_STEPS
    probation: Mapping[str, object] | None = None
    progress_deadline: str = "1m"
    probe_path: str = "/healthz"
    container: Mapping[str, object] | None = None
    services: Mapping[str, str] | None = None
    route: Mapping[str, object] | None = None
    trial: tuple[str, str] | None = None
    version_header: str | None = None
    side_effects: str = "Unknown"
    standby: str | None = None
    copies: int = 0
    golden: tuple[Json, ...] = ()
    safe_path: str | None = None
    image: str = IMAGE
    pod: Mapping[str, object] | None = None

    def next(self, version: str, **changes: Any) -> "LoanModel":
        """Return the model with another version that is as good as this one."""
        return replace(self, version=version, **changes)

    def bad(self, version: str, **changes: Any) -> "LoanModel":
        """Return the model with another version, which rejects too many."""
        return replace(self, version=version, preprocessing="v2", **changes)

    def manifest(self) -> Json:
        """Return the AIModelDeployment."""
        return {
            "apiVersion": "knowngood.dev/v1alpha1",
            "kind": "AIModelDeployment",
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "labels": {"process": PROCESS},
            },
            "spec": {
                "model": {"name": "loan-approval", "version": self.version},
                "serving": self._serving(),
                **self._traffic(),
                "mirror": {"sideEffects": self.side_effects},
                "rollout": {
                    "steps": list(self.steps),
                    "progressDeadline": self.progress_deadline,
                    **({"probation": dict(self.probation)} if self.probation else {}),
                },
                **self._shadow(),
                **self._fallback(),
            },
        }

    def _fallback(self) -> Json:
        # The model server leaves them out of its metrics.
        asked = {"smoke": list(self.golden), "metrics": "Excluded"} if self.golden else {}
        safe = {"safePath": {"service": {"name": self.safe_path}}} if self.safe_path else {}
        return {"fallback": {**asked, **safe}} if asked or safe else {}

    def _shadow(self) -> Json:
        copies = {"mirrorPercent": self.copies} if self.copies else {}
        return {"shadow": {"standby": self.standby, **copies}} if self.standby else {}

    def template(self) -> Json:
        """Return the pod template of the version."""
        env = {
            "MODEL_NAME": "loan-approval",
            "MODEL_VERSION": self.version,
            "MODEL_KIND": self.kind,
            "PREPROCESSING": self.preprocessing,
        }
        scrape = {"scrape": "true", "port": str(PORT), "path": "/metrics"}
        # A machine that is busy for a moment must not take the only pod out of service.
        slow = {"periodSeconds": 1, "timeoutSeconds": 5}
        probe = {"httpGet": {"path": self.probe_path, "port": "http"}, **slow}
        container = {
            "name": "model",
            "image": self.image,
            "ports": [{"name": "http", "containerPort": PORT}],
            "env": [{"name": name, "value": value} for name, value in env.items()],
            "readinessProbe": probe,
            **(self.container or {}),
        }
        return {
            "metadata": {"annotations": {f"prometheus.io/{k}": v for k, v in scrape.items()}},
            "spec": {
                "terminationGracePeriodSeconds": 6,
                "containers": [container],
                **(self.pod or {}),
            },
        }

    def workload(self, name: str) -> tuple[Json, Json]:
        """Return a Deployment and a Service of this version, as a user who runs the pods has them."""
        meta = {"name": name, "namespace": self.namespace}
        labels = {"app": name}
        template = self.template()
        template["metadata"]["labels"] = labels
        deployment = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": meta,
            "spec": {
                "replicas": self.replicas,
                "selector": {"matchLabels": labels},
                "template": template,
            },
        }
        return deployment, service(self.namespace, name, labels)

    def _traffic(self) -> Json:
        if self.route is not None:
            return {"traffic": {"routeRef": dict(self.route)}}
        if self.host is None:
            return {}
        traffic = _traffic(self.host, self.gateway)
        if self.version_header is not None:
            traffic["gatewayAPI"]["versionHeader"] = self.version_header
        if self.trial is not None:
            header, value = self.trial
            trial = {"header": header, "value": value, "metrics": "Excluded"}
            traffic["testTraffic"] = trial
        return {"traffic": traffic}

    def _serving(self) -> Json:
        if self.services is not None:
            named = self.services.items()
            return {"services": [{"version": version, "name": name} for version, name in named]}
        return {
            "deployment": {
                "replicas": self.replicas,
                "ports": [{"name": "http", "port": 80, "targetPort": PORT}],
                "template": self.template(),
            }
        }


def service(namespace: str, name: str, selector: Mapping[str, str]) -> Json:
    """Return a Service of a user."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": dict(selector),
            "ports": [{"name": "http", "port": 80, "targetPort": PORT}],
        },
    }


def route(
    namespace: str, name: str, host: str, backend: str, gateway: Gateway = Gateway.CONTOUR
) -> Json:
    """Return an HTTPRoute of a user, to one Service."""
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": name, "namespace": namespace, "labels": {"team": "somebody-else"}},
        "spec": {
            "parentRefs": [gateway.ref],
            "hostnames": [host],
            "rules": [{"backendRefs": [{"name": backend, "port": 80}]}],
        },
    }


def _traffic(host: str, gateway: Gateway) -> Json:
    match = {"path": {"type": "PathPrefix", "value": "/predict"}}
    return {
        "gatewayAPI": {
            "parentRefs": [gateway.ref],
            "hostnames": [host],
            "rules": [{"name": "predict", "matches": [match]}],
        }
    }
