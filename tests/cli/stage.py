"""A namespace of a real API server, where the test writes what the operator would write."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import yaml

from e2e.cluster import Cluster
from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    DeploymentStatus,
    Incident,
    Rejection,
    Standing,
    Transition,
    VersionStatus,
)
from knowngood.clock import SystemClock
from knowngood.decisions.handing_over import readable
from knowngood.decisions.incidents import incident_manifest, incident_status
from knowngood.decisions.reporting import status_of
from knowngood.decisions.transition import decide
from tests.cli.statuses import EARLIER, decided, having
from tests.decisions.situations import a_model, a_record, a_situation
from tests.decisions.states import STATES

Json = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """One namespace."""

    cluster: Cluster
    namespace: str

    @property
    def place(self) -> tuple[str, ...]:
        """The options that lead the program here."""
        return ("-n", self.namespace, "--kubeconfig", str(self.cluster.kubeconfig))

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        return self.cluster.kubectl("-n", self.namespace, *words, stdin=stdin)

    def model(self, name: str = "loan", *, desired: str = "8") -> None:
        """Create a model, or let its spec ask for another version."""
        spec = a_model(desired=desired).spec.wire()
        self._apply("AIModelDeployment", {"name": name}, spec)

    def live(self, name: str = "loan") -> AIModelDeployment:
        """The model as it is now."""
        return AIModelDeployment.model_validate(
            json.loads(self.kubectl("get", "aimd", name, "-o", "json"))
        )

    def status(self, state: str, name: str = "loan", **said: Any) -> AIModelDeployment:
        """Write the status that the operator writes in a state; `said` is said otherwise."""
        seen = self.live(name)
        now = {"observed_generation": seen.metadata.generation, **said}
        model = having(decided(state), **now)
        assert model.status is not None
        self._status("aimd", name, model.status.wire())
        return model

    def obey(self, state: str, now: datetime | None = None, frozen: str = "") -> DeploymentStatus:
        """Decide about the live model, which is in a state and may have a command, and write that down."""
        live = self.live().model_copy(update={"status": STATES[state].status()})
        s = a_situation(STATES[state], model=live)
        s = replace(s, now=now or SystemClock().now(), frozen=frozen)
        status = status_of(s, decide(s))
        self._status("aimd", "loan", status.wire())
        return status

    def record(self, version: str, standing: Standing, rejection: Rejection | None = None) -> None:
        """Create the record of a version."""
        found = a_record(version)
        uid = self.live().metadata.uid
        ref = found.spec.model_ref.model_copy(update={"uid": uid})
        spec = found.spec.model_copy(update={"model_ref": ref})
        meta = {"name": found.metadata.name, "labels": dict(found.metadata.labels)}
        self._apply("AIModelVersion", meta, spec.wire())
        passed = (Transition(standing=standing, time=EARLIER, reason="Because"),)
        status = VersionStatus(standing=standing, transitions=passed, rejection=rejection)
        self._status("aimv", found.metadata.name, status.wire())

    def incident(self, model: AIModelDeployment) -> None:
        """Create the incident of the last rollback."""
        assert model.status is not None
        assert model.status.incident_ref is not None
        assert model.status.rollout is not None
        assert model.status.rollout.failure is not None
        name = model.status.incident_ref.name
        made = incident_manifest(model, name, model.status.rollout.failure)
        self._apply("Incident", {"name": name}, made["spec"])
        live = self.found(name)
        told = readable(model, live, incident_status(model, live))
        self._status("aiinc", name, told.wire())

    def found(self, name: str) -> Incident:
        """An incident as it is now."""
        return Incident.model_validate_json(self.kubectl("get", "aiinc", name, "-o", "json"))

    def forge(self, name: str, change: Callable[[Json], None]) -> None:
        """Let somebody edit the status of an incident."""
        status = json.loads(self.kubectl("get", "aiinc", name, "-o", "json"))["status"]
        change(status)
        self._status("aiinc", name, status)

    def elsewhere(self) -> Json:
        """The administrator's kubeconfig, for a path of this server where nothing is."""
        found: Json = yaml.safe_load(self.cluster.kubeconfig.read_text())
        found["clusters"][0]["cluster"]["server"] += "/elsewhere"
        return found

    def access(self, *rules: str) -> Json:
        """A kubeconfig of somebody who may only do this: `get,list aimodeldeployments`."""
        user = "somebody"
        self.kubectl("create", "serviceaccount", user)
        for number, rule in enumerate(rules):
            verbs, resources = rule.split()
            kinds = ",".join(f"{r}.knowngood.dev" for r in resources.split(","))
            self.kubectl("create", "role", f"r{number}", f"--verb={verbs}", f"--resource={kinds}")
            account = f"--serviceaccount={self.namespace}:{user}"
            self.kubectl("create", "rolebinding", f"r{number}", f"--role=r{number}", account)
        return self.config(self.kubectl("create", "token", user).strip())

    def config(self, token: str) -> Json:
        """A kubeconfig for this namespace."""
        found: Json = yaml.safe_load(self.cluster.kubeconfig.read_text())
        entry = found["clusters"][0]
        context = {"cluster": entry["name"], "user": "u", "namespace": self.namespace}
        found["users"] = [{"name": "u", "user": {"token": token}}]
        found["contexts"] = [{"name": "c", "context": context}]
        found["current-context"] = "c"
        return found

    def _apply(self, kind: str, meta: Json, spec: Json) -> None:
        body = {
            "apiVersion": "knowngood.dev/v1alpha1",
            "kind": kind,
            "metadata": meta,
            "spec": spec,
        }
        self.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(body))

    def _status(self, kind: str, name: str, status: Json) -> None:
        patch = json.dumps([{"op": "add", "path": "/status", "value": status}])
        self.kubectl("patch", kind, name, "--subresource=status", "--type=json", "-p", patch)
