"""The course of the demo: three versions, one after the other."""

from collections.abc import Sequence
from typing import Final

from e2e.cluster import Cluster
from e2e.demo.harm import Harm, harm
from e2e.demo.narrator import Narrator
from e2e.demo.observation import IncidentView, Observation
from e2e.demo.scenario import Scenario
from e2e.demo.stage import EXAMPLES, DemoError
from e2e.demo.staying import OF_A_ROLLOUT
from e2e.demo.watcher import Watcher
from e2e.load import Load
from e2e.models.clock import unix_seconds
from e2e.models.scoring import Kind

_ROLLBACK_S: Final = 120.0
_PROMOTION_S: Final = 180.0
_SETTLED_S: Final = 2.0


class Play(Scenario):
    """A bad version is taken back, and a good one promoted."""

    bad, otherwise = "2", "version 1 approves"
    to_try = OF_A_ROLLOUT

    def __init__(self, cluster: Cluster, watcher: Watcher, narrator: Narrator) -> None:
        super().__init__(cluster, watcher, narrator)
        self._approves: Sequence[bool] = self._stage.decides(Kind.LOGISTIC)

    def begin(self) -> None:
        """Apply everything with version 1, and wait until it answers."""
        names = ("namespace", "signal-templates", "policy", "model-v1")
        files = (EXAMPLES / f"{name}.yaml" for name in names)
        self._stage.first_version(*files, serves=lambda seen: _serves(seen, "1"))

    def trouble(self, load: Load) -> tuple[Harm, IncidentView]:
        """Apply version 2 while clients are busy, and wait until it was taken back."""
        self._stage.calm(load)
        self._stage.apply(EXAMPLES / "model-v2.yaml")

        def taken_back(seen: Observation) -> bool:
            if seen.stable == "2":
                raise DemoError("version 2 was promoted although it is bad")
            contained = seen.incident is not None and seen.incident.containment == "Verified"
            return self._stage.running(load) and seen.phase == "RolledBack" and contained

        self._stage.wait(taken_back, "version 2 is taken back", _ROLLBACK_S)
        incident = self._stage.watcher.view.model.incident
        assert incident is not None
        self._stage.narrator.say(
            "version 2 was taken back; version 1 answers all requests again", "green"
        )
        return self.harm(load), incident

    def after(self, load: Load) -> None:
        """Apply version 3, and wait until it answers all requests."""
        self._stage.apply(EXAMPLES / "model-v3.yaml")

        def promoted(seen: Observation) -> bool:
            if seen.canary != "3" and seen.phase in {"RollingBack", "RolledBack"}:
                return False  # still of version 2
            if seen.phase in {"RollingBack", "RolledBack"}:
                raise DemoError("version 3 was taken back although it is good")
            recent = load.ledger.tallies(unix_seconds() - _SETTLED_S)
            return self._stage.running(load) and _serves(seen, "3") and set(recent) == {"3"}

        self._stage.wait(promoted, "version 3 is promoted", _PROMOTION_S)
        self._stage.narrator.say("version 3 was promoted and answers all requests", "green")

    def harm(self, load: Load) -> Harm:
        """Return what version 2 has done to clients so far."""
        return harm(load.ledger.answers(), self.bad, self._approves)


def _serves(seen: Observation, version: str) -> bool:
    return seen.phase == "Probation" and seen.stable == version and not seen.canary
