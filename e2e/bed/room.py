"""A namespace of its own for one story: a model, its policy, its traffic, and what is seen of them."""

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeVar

import requests

from e2e.bed import waiting
from e2e.bed.gateways import Gateway
from e2e.bed.loan import PORT, Json, LoanModel
from e2e.bed.operator import Operator
from e2e.bed.policy import LoanPolicy
from e2e.bed.reading import Reader
from e2e.bed.seen import Seen, Told
from e2e.cluster import Cluster
from e2e.cluster.errors import KubectlFailed
from e2e.load import Load, Traffic
from e2e.models.clock import unix_seconds
from e2e.models.server import VERSION_HEADER
from knowngood.api.v1alpha1 import Containment, Incident
from knowngood.decisions.commands import COMMAND_ANNOTATION
from knowngood.decisions.naming import VERSION_LABEL, child_name
from knowngood.decisions.people import COMMAND_BY_ANNOTATION

T = TypeVar("T")

Headers = Mapping[str, str]
RATE = 50.0


class Room:
    """One namespace, and the model in it.

    Attributes:
        name: Of the namespace.
        host: Host name that the model is called by.
        gateway: Which gateway its requests come through.
        model: Its first version.
        policy: The policy that watches it, once it is applied.
        requests: How many its loads have sent so far.
    """

    def __init__(
        self,
        cluster: Cluster,
        reader: Reader,
        operator: Operator,
        name: str,
        gateway: Gateway = Gateway.CONTOUR,
    ) -> None:
        self.name = name
        self.host = f"{name}.example.com"
        self.gateway = gateway
        self.model = LoanModel(namespace=name, host=self.host, gateway=gateway)
        self.policy = LoanPolicy(namespace=name)
        self.operator = operator
        self._cluster = cluster
        self._reader = reader
        self.requests = 0
        self._nonces = itertools.count(1)

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        """Run kubectl in this namespace.

        Raises:
            KubectlFailed: it ended with an error.
        """
        return self._cluster.kubectl("-n", self.name, *args, stdin=stdin)

    def apply(self, *objects: LoanModel | LoanPolicy | Json) -> None:
        """Apply objects with kubectl, as a person would."""
        items = [o if isinstance(o, dict) else o.manifest() for o in objects]
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        self.kubectl("apply", "-f", "-", stdin=text)

    def serve(self, *objects: LoanModel | LoanPolicy | Json) -> None:
        """Apply a first version and what belongs to it, and return when users get answers."""
        self.apply(*objects)
        self.wait_for(lambda seen: seen.serves("1"), "version 1 serves", deadline_s=60)
        self.wait_until(self.answering_version, f"{self.host} answers", deadline_s=20)

    def command(self, verb: str, version: str, *, age_s: float = 0.0, by: str = "") -> None:
        """Give a command by annotation, as if so many seconds ago; in a name, if one is given."""
        given = datetime.fromtimestamp(unix_seconds() - age_s, UTC)
        self.annotate(f"{verb} {version} {given:%Y-%m-%dT%H:%M:%SZ}-{next(self._nonces)}", by)

    def annotate(self, command: str, by: str = "") -> None:
        """Write the command annotation, and who gives it."""
        what = [f"{COMMAND_ANNOTATION}={command}"]
        what += [f"{COMMAND_BY_ANNOTATION}={by}"] if by else []
        self.kubectl("annotate", "aimd", self.model.name, "--overwrite", *what)

    @contextlib.contextmanager
    def load(self, rate: float = RATE) -> Iterator[Load]:
        """Send requests through the gateway as long as the block runs.

        Raises:
            AssertionError: at the end of the block; a request was lost, or none was sent.
        """
        traffic = Traffic(url=self.gateway.url(self._cluster), host=self.host, rate=rate)
        with Load.start(traffic) as load:
            self.wait_until(lambda: len(load.ledger) > 0, "the load runs", deadline_s=20)
            yield load
            load.check()
        self.requests += len(load.ledger)
        lost = load.ledger.lost()
        assert not lost, f"{len(lost)} of {len(load.ledger)} requests were lost: {lost[:5]}"

    def answering_version(self) -> str:
        """Ask the gateway which version answers a single request; empty when nobody does."""
        return self.answer().headers.get(VERSION_HEADER, "")

    def answer(self, application: object = None, **more: str) -> requests.Response:
        """Send a request through the gateway: an application, if one is given, and more headers."""
        with requests.Session() as session:
            session.trust_env = False  # the cluster is here, whatever proxy is set
            url = f"{self.gateway.url(self._cluster)}/predict"
            headers = {"Host": self.host, **more}
            return session.post(url, json=application, headers=headers, timeout=5)

    def call_good(self, version: str) -> None:
        """Write into a version's record that it is known good, as an administrator may."""
        name, good = child_name(self.model.name, version), '{"status": {"standing": "KnownGood"}}'
        self.kubectl("patch", "aimv", name, "--subresource=status", "--type=merge", "-p", good)
        self.wait_until(
            lambda: self.record(version)["transitions"][-1]["standing"] == "KnownGood",
            f"version {version} is known good",
            deadline_s=20,
        )

    def record(self, version: str) -> Json:
        """Return the status of a version's record; empty while there is none."""
        found = self.find("aimodelversions", child_name(self.model.name, version))
        return {} if found is None else found.get("status") or {}

    def order_errors(self, version: str, rate: float) -> None:
        """Make the pods of a version fail a share of their answers from now on."""
        with requests.Session() as session:
            session.trust_env = False
            for pod in self.pods(version):
                url = f"http://{pod['status']['podIP']}:{PORT}/fault"
                session.post(url, json={"error_rate": rate}, timeout=5).raise_for_status()

    def metric(self, name: str, **labels: str) -> float | None:
        """Return a metric of the operator about this namespace; None while there is none."""
        return self.operator.metric(name, namespace=self.name, **labels)

    def seen(self) -> Seen:
        """Return what the model's object says now."""
        return Seen.of(self.find("aimodeldeployments", self.model.name))

    def follow(self, seconds: int) -> Iterator[Seen]:
        """Yield what the model's object says, at once and after each change, for some seconds."""
        for body in self._reader.follow("aimodeldeployments", self.name, seconds):
            if body["metadata"]["name"] == self.model.name:
                yield Seen.of(body)

    def incidents(self) -> list[Incident]:
        """Return the incidents of this namespace."""
        return [Incident.model_validate(o) for o in self.find_all("incidents")]

    def says_of_incident(self, containment: Containment) -> bool:
        """Say whether there is one incident, and whether users are safe again, as it says, is this."""
        return [i.status and i.status.containment for i in self.incidents()] == [containment]

    def told(self, reason: str = "") -> list[Told]:
        """Return the Events about the model, of one reason if it is given."""
        return [
            Told(event["reason"], event.get("note", ""), event.get("type") == "Warning")
            for event in self.find_all("events")
            if (event.get("regarding") or {}).get("kind") == "AIModelDeployment"
            and reason in {"", event["reason"]}
        ]

    def tells_once(self, reason: str, words: str = "") -> None:
        """Return when an Event was recorded, a moment after the status that it tells of; fail if it comes twice.

        Raises:
            NotInTime: it was not told.
        """
        self.wait_until(
            lambda: any(words in event.note for event in self.told(reason)),
            f"{reason} is told",
            deadline_s=10,
        )
        assert len(self.told(reason)) == 1 or words

    def pods(self, version: str) -> list[Json]:
        """Return the pods that Knowngood runs for a version."""
        return self._reader.pods(self.name, f"{VERSION_LABEL}={version}")

    def find(self, kind: str, name: str) -> Json | None:
        """Return an object; the kind is in the plural."""
        return self._reader.get(kind, self.name, name)

    def find_all(self, kind: str) -> list[Json]:
        """Return all objects of a kind, in the plural."""
        return self._reader.all(kind, self.name)

    def wait_for(self, condition: Callable[[Seen], object], what: str, deadline_s: float) -> Seen:
        """Return the model as soon as the condition holds for it.

        Raises:
            NotInTime: the deadline passed.
        """
        latest = [Seen()]

        def look() -> object:
            latest[0] = self.seen()
            return condition(latest[0])

        self.wait_until(look, what, deadline_s)
        return latest[0]

    def wait_until(self, condition: Callable[[], T], what: str, deadline_s: float) -> T:
        """Return what the condition says as soon as it says something true.

        Raises:
            NotInTime: the deadline passed.
        """
        return waiting.wait_for(condition, what, deadline_s=deadline_s, diagnose=self.diagnosis)

    def holds(self, condition: Callable[[Seen], object], what: str, for_s: float) -> None:
        """Return when the condition held for the model at every look over a span of time.

        Raises:
            ConditionLost: it did not.
        """
        waiting.holds(lambda: condition(self.seen()), what, for_s=for_s, diagnose=self.diagnosis)

    def diagnosis(self) -> str:
        """Say how things stand: the objects, the Events, the end of the operator's log."""
        parts = []
        for args in (
            ("get", "aimd,incidents,aimv,pods,httproutes", "-o", "wide"),
            ("get", "aimd", "-o", "yaml"),
            ("get", "events", "--sort-by=.metadata.creationTimestamp"),
        ):
            try:
                said = self.kubectl(*args)
            except KubectlFailed as error:
                said = str(error)
            parts.append(f"$ kubectl {' '.join(args)}\n{said}")
        return "\n".join([*parts, self.operator.log()])
