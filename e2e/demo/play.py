"""The course of the demo: three versions, one after the other."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import requests

from e2e.bed.chart import logs
from e2e.cluster import Cluster
from e2e.cluster.errors import ClusterError
from e2e.cluster.waiting import until
from e2e.demo.harm import Harm, harm
from e2e.demo.narrator import Narrator
from e2e.demo.observation import IncidentView, Observation
from e2e.demo.watcher import Watcher
from e2e.load import Load
from e2e.models import data, train
from e2e.models.clock import unix_seconds
from e2e.models.features import Preprocessing
from e2e.models.scoring import Kind, Model

NAMESPACE: Final = "lending"
MODEL: Final = "loan-approval"
HOST: Final = "loan.example.com"
EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "loan-approval"

_CALM_S: Final = 5.0
_FIRST_S: Final = 60.0
_ROLLBACK_S: Final = 120.0
_PROMOTION_S: Final = 180.0
_SETTLED_S: Final = 2.0


class DemoError(Exception):
    """The demo took a course that it should not take."""


class Play:
    """Plays the acts; each returns when what it is about has happened, or raises."""

    def __init__(self, cluster: Cluster, watcher: Watcher, narrator: Narrator) -> None:
        self._cluster = cluster
        self._watcher = watcher
        self._narrator = narrator
        directory = data.fetch()
        self._rows = data.traffic(directory)
        good = Model.load(train.ensure(), Kind.LOGISTIC, Preprocessing.V1)
        self._approves: Sequence[bool] = good.decide(self._rows)

    def first_version(self) -> None:
        """Apply everything with version 1, and wait until it answers."""
        self._apply("namespace", "signal-templates", "policy", "model-v1")
        self._wait(lambda seen: _serves(seen, "1"), "version 1 serves", _FIRST_S)
        self._wait(lambda _: self._answers(), "an answer through the gateway", _FIRST_S)
        self._narrator.say("version 1 answers all requests", "green")

    def calm(self, load: Load) -> None:
        """Let clients use version 1 for a while."""
        enough = round(_CALM_S * load.traffic.rate)
        self._wait(
            lambda _: self._running(load) and len(load.ledger) >= enough,
            f"{enough} answers",
            _FIRST_S,
        )
        rate = load.ledger.tallies()["1"].approval_rate or 0
        self._narrator.say(f"clients are busy; version 1 approves {rate:.0%} of the applications")

    def bad_version(self, load: Load) -> tuple[Harm, IncidentView]:
        """Apply version 2, and wait until it was taken back."""
        self._apply("model-v2")

        def taken_back(seen: Observation) -> bool:
            if seen.stable == "2":
                raise DemoError("version 2 was promoted although it is bad")
            contained = seen.incident is not None and seen.incident.containment == "Verified"
            return self._running(load) and seen.phase == "RolledBack" and contained

        self._wait(taken_back, "version 2 is taken back", _ROLLBACK_S)
        incident = self._watcher.view.model.incident
        assert incident is not None
        self._narrator.say(
            "version 2 was taken back; version 1 answers all requests again", "green"
        )
        return self.harm(load), incident

    def better_version(self, load: Load) -> None:
        """Apply version 3, and wait until it answers all requests."""
        self._apply("model-v3")

        def promoted(seen: Observation) -> bool:
            if seen.canary != "3" and seen.phase in {"RollingBack", "RolledBack"}:
                return False  # still of version 2
            if seen.phase in {"RollingBack", "RolledBack"}:
                raise DemoError("version 3 was taken back although it is good")
            recent = load.ledger.tallies(unix_seconds() - _SETTLED_S)
            return self._running(load) and _serves(seen, "3") and set(recent) == {"3"}

        self._wait(promoted, "version 3 is promoted", _PROMOTION_S)
        self._narrator.say("version 3 was promoted and answers all requests", "green")

    def harm(self, load: Load) -> Harm:
        """Return what version 2 has done to clients so far."""
        return harm(load.ledger.answers(), "2", self._approves)

    def _apply(self, *names: str) -> None:
        files = [f"{name}.yaml" for name in names]
        self._narrator.say(f"kubectl apply -f {' -f '.join(files)}", "bold")
        for file in files:
            self._cluster.kubectl("apply", "-f", str(EXAMPLES / file))

    def _wait(self, condition: Callable[[Observation], bool], what: str, deadline_s: float) -> None:
        until(
            lambda: condition(self._watcher.view.model),
            what,
            deadline_s=deadline_s,
            diagnose=self._diagnose,
            every_s=0.1,
        )

    def _answers(self) -> bool:
        url = f"{self._cluster.gateway_url}/predict"
        try:
            reply = requests.post(url, json=self._rows[0], headers={"Host": HOST}, timeout=2)
        except requests.RequestException:
            return False
        return reply.ok

    def _running(self, load: Load) -> bool:
        load.check()
        return True

    def _diagnose(self) -> str:
        parts = [self._watcher.view.trouble]
        for kind in ("aimodeldeployments.knowngood.dev", "pods"):
            try:
                parts.append(self._cluster.kubectl("describe", kind, "-n", NAMESPACE))
            except ClusterError as error:
                parts.append(str(error))
        return "\n".join([*filter(None, parts), logs(self._cluster)])


def _serves(seen: Observation, version: str) -> bool:
    return seen.phase == "Probation" and seen.stable == version and not seen.canary
