"""The course of drift: a version turns bad long after its promotion, and the one that stands by takes over."""

import json
from collections.abc import Sequence
from typing import Final

import requests

from e2e.cluster import Cluster
from e2e.demo.answered import answered
from e2e.demo.harm import Harm, harm
from e2e.demo.narrator import Narrator
from e2e.demo.observation import IncidentView, Observation
from e2e.demo.record import Record
from e2e.demo.scenario import Scenario
from e2e.demo.stage import EXAMPLES, MODEL, NAMESPACE, PORT
from e2e.demo.watcher import Watcher
from e2e.load import Load
from e2e.models.clock import unix_seconds
from e2e.models.scoring import Kind

DRIFT: Final = EXAMPLES.parent / "drift"

_GOOD_S: Final = 180.0
_PROMOTION_S: Final = 180.0
_CONTAINMENT_S: Final = 180.0


class Drift(Scenario):
    """A version turns bad by itself, and the one that stands by does not."""

    bad, otherwise = "2", "it approves while its feed is right"

    def __init__(self, cluster: Cluster, watcher: Watcher, narrator: Narrator) -> None:
        super().__init__(cluster, watcher, narrator)
        self._decides: Sequence[bool] = self._stage.decides(Kind.LOGISTIC)
        self._since = float("inf")

    def begin(self) -> None:
        """Apply everything with version 1, and wait until it answers."""
        shared = (EXAMPLES / f"{name}.yaml" for name in ("namespace", "signal-templates"))
        own = (DRIFT / f"{name}.yaml" for name in ("policy", "model-v1"))
        self._stage.first_version(*shared, *own, serves=lambda seen: seen.stable == "1")

    def trouble(self, load: Load) -> tuple[Harm, IncidentView]:
        """Let version 2 take over and serve, change what it reads, and wait until users are safe."""
        say = self._stage.narrator.say
        self._stage.known_good(load, "1", _GOOD_S)
        say(
            "version 1 is known good: its probation is over, and what it does is remembered",
            "green",
        )
        self._stage.apply(DRIFT / "model-v2.yaml")
        self._stage.known_good(load, "2", _PROMOTION_S + _GOOD_S)
        say("version 2 serves and is known good; version 1 stands by and answers copies", "green")
        self._stage.proved_standby(load, "1", _GOOD_S)
        say(
            "days pass; then the feed of version 2 gives the tenure in months, not in years", "bold"
        )
        self._since = unix_seconds()
        self._deliver("months")
        self._stage.wait(lambda seen: self._contained(load, seen), "users are safe", _CONTAINMENT_S)
        incident = self._stage.watcher.view.model.incident
        assert incident is not None
        say("version 1 answers all requests again; nobody had to do anything", "green")
        return self.harm(load), incident

    def after(self, load: Load) -> None:
        """Hold the incident against the questions of somebody who sees nothing else."""
        record = Record(self._stage)
        record.answers(answered(record.told(load)))

    def harm(self, load: Load) -> Harm:
        """Return what version 2 has done to clients since its feed has changed."""
        since = (a for a in load.ledger.answers() if a.sent_at >= self._since)
        return harm(since, self.bad, self._decides)

    def _deliver(self, unit: str) -> None:
        """Change what the feed delivers to the pods of version 2, and to nobody else."""
        selector = f"knowngood.dev/model={MODEL},knowngood.dev/version={self.bad}"
        printed = self._stage.cluster.kubectl(
            "get", "pods", "-n", NAMESPACE, "-l", selector, "-o", "json"
        )
        with requests.Session() as session:
            session.trust_env = False  # the pods are here, whatever proxy is set
            for pod in json.loads(printed)["items"]:
                url = f"http://{pod['status']['podIP']}:{PORT}/feed"
                session.post(url, json={"driver_tenure": unit}, timeout=5).raise_for_status()

    def _contained(self, load: Load, seen: Observation) -> bool:
        verified = seen.incident is not None and seen.incident.containment == "Verified"
        return self._stage.running(load) and seen.phase == "Contained" and verified
