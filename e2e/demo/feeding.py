"""The feed of the loan model on the local cluster: one job that fills a store, which every version reads."""

import json
from datetime import datetime
from typing import Any, Final

import requests
import yaml

from e2e.demo.stage import EXAMPLES, MODEL, NAMESPACE, PORT, Stage
from e2e.models import image, review
from e2e.models.feed import Unit
from e2e.models.server import TRIAL_HEADER

PIPELINE: Final = EXAMPLES.parent / "pipeline"
FEED: Final = "applicant-features"

_STORE: Final = "feature-store"
_TO_THE_SECOND_S: Final = 1.0  # as exactly as Kubernetes says when an object was made

# The local cluster has neither DNS nor kube-proxy. So its gateway leads to the store by the name of its Service, and is
# the proxy of the pods that ask for it; elsewhere the Service alone does.
_WAY: Final = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": _STORE, "namespace": NAMESPACE},
    "spec": {
        "parentRefs": [{"name": "public", "namespace": "gateways"}],
        "hostnames": [f"{_STORE}.{NAMESPACE}.svc"],
        "rules": [{"backendRefs": [{"name": _STORE, "port": 80}]}],
    },
}


class Feeding:
    """Applies it, and looks at its runs."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def begin(self) -> None:
        """Apply the store and the job that fills it, which runs when the next minute begins."""
        cluster = self._stage.cluster
        way = cluster.gateway_url
        for name, made in (
            (image.NAME, image.loan_model(proxy=way)),
            (image.FEED, image.feature_feed(way)),
            (review.NAME, review.review()),
        ):
            cluster.set_image(name, made.argv, made.env)
        own = (PIPELINE / f"{name}.yaml" for name in ("feature-store", "feed"))
        self._stage.apply(EXAMPLES / "namespace.yaml", *own)
        cluster.kubectl("apply", "-f", "-", stdin=json.dumps(_WAY))

    def delivered(self, unit: Unit, since: float) -> bool:
        """Tell whether a run has brought the tenure in this unit, that began at this time or later (Unix seconds)."""
        printed = self._stage.cluster.kubectl("get", "jobs", "-n", NAMESPACE, "-o", "json")
        return any(
            _began(job) >= since - _TO_THE_SECOND_S and _brings(job, unit) and _has_succeeded(job)
            for job in json.loads(printed)["items"]
        )

    def is_right(self) -> bool:
        """Ask each pod of every version what any of them approves, if the tenure is in years; tell whether all do."""
        cluster = self._stage.cluster
        mine = f"knowngood.dev/model={MODEL}"
        printed = cluster.kubectl("get", "pods", "-n", NAMESPACE, "-l", mine, "-o", "json")
        addresses = [pod["status"].get("podIP", "") for pod in json.loads(printed)["items"]]
        with requests.Session() as session:
            session.trust_env = False  # the pods are here, whatever proxy is set
            return all(_approves(session, address) for address in addresses)

    def suspended(self) -> bool:
        """Tell whether the job is suspended."""
        path = "jsonpath={.spec.suspend}"
        said = self._stage.cluster.kubectl("get", "cronjob", FEED, "-n", NAMESPACE, "-o", path)
        return said == "true"


def _approves(session: requests.Session, address: str) -> bool:
    url, headers = f"http://{address}:{PORT}/predict", {TRIAL_HEADER: "true"}
    try:
        answer = session.post(url, data=_golden(), headers=headers, timeout=5)
    except requests.RequestException:
        return False
    return bool(answer.ok and answer.json()["approved"])


def _golden() -> bytes:
    """The application that the example says must be approved."""
    spec = yaml.safe_load((PIPELINE / "model-v3.yaml").read_text())["spec"]
    asked: str = spec["fallback"]["smoke"][0]["request"]["body"]
    return asked.encode()


def _began(job: Any) -> float:
    return datetime.fromisoformat(job["metadata"]["creationTimestamp"]).timestamp()


def _brings(job: Any, unit: Unit) -> bool:
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return f"--driver-tenure={unit}" in container["args"]


def _has_succeeded(job: Any) -> bool:
    return bool(job["status"].get("succeeded"))
