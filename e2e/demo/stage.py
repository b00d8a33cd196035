"""What every course of the demo needs: to apply files, to wait for what they lead to, and to say what went wrong."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import requests

from e2e.bed.chart import logs
from e2e.cluster import Cluster
from e2e.cluster.errors import ClusterError
from e2e.cluster.waiting import until
from e2e.demo.narrator import Narrator
from e2e.demo.observation import Observation
from e2e.demo.watcher import Watcher
from e2e.load import Load
from e2e.models import data, train
from e2e.models.features import Preprocessing
from e2e.models.scoring import Kind, Model

NAMESPACE: Final = "lending"
MODEL: Final = "loan-approval"
HOST: Final = "loan.example.com"
PORT: Final = 8080
EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "loan-approval"

_CALM_S: Final = 5.0
FIRST_S: Final = 60.0


class DemoError(Exception):
    """The demo took a course that it should not take."""


class Stage:
    """A cluster with one model, clients, and somebody who tells what happens."""

    def __init__(self, cluster: Cluster, watcher: Watcher, narrator: Narrator) -> None:
        self.cluster = cluster
        self.watcher = watcher
        self.narrator = narrator
        self.rows = data.traffic(data.fetch())

    def decides(self, kind: Kind) -> Sequence[bool]:
        """What a model decides on the rows that clients send, if nothing is wrong."""
        return Model.load(train.ensure(), kind, Preprocessing.V1).decide(self.rows)

    def apply(self, *files: Path) -> None:
        """Apply files of the examples."""
        names = [str(file.relative_to(EXAMPLES.parent)) for file in files]
        short = [name.removeprefix(f"{EXAMPLES.name}/") for name in names]
        self.narrator.say(f"kubectl apply -f {' -f '.join(short)}", "bold")
        for file in files:
            self.cluster.kubectl("apply", "-f", str(file))

    def first_version(
        self, *files: Path, serves: Callable[[Observation], bool], version: str = "1"
    ) -> None:
        """Apply everything with the first version, and wait until it answers."""
        self.apply(*files)
        self.wait(serves, f"version {version} serves", FIRST_S)
        self.wait(lambda _: self._answers(), "an answer through the gateway", FIRST_S)
        self.narrator.say(f"version {version} answers all requests", "green")

    def calm(self, load: Load) -> None:
        """Let clients use version 1 for a while."""
        enough = round(_CALM_S * load.traffic.rate)
        self.wait(
            lambda _: self.running(load) and len(load.ledger) >= enough,
            f"{enough} answers",
            FIRST_S,
        )
        rate = load.ledger.tallies()["1"].approval_rate or 0
        self.narrator.say(f"clients are busy; version 1 approves {rate:.0%} of the applications")

    def known_good(self, load: Load, version: str, deadline_s: float) -> None:
        """Wait until a version serves alone and is known good, and nothing was wrong by then."""

        def is_so(seen: Observation) -> bool:
            if seen.incident is not None:
                raise DemoError(f"there is an incident before anything was wrong: {seen.incident}")
            guarded = seen.phase == "Guarding" and seen.stable == version and not seen.canary
            return self.running(load) and guarded

        self.wait(is_so, f"version {version} is known good", deadline_s)

    def proved_standby(self, load: Load, version: str, deadline_s: float) -> None:
        """Wait until it is known that the version that stands by answers as it should."""

        def is_right(_: Observation) -> bool:
            path = "jsonpath={.status.fallback.state}"
            said = self.cluster.kubectl("get", "aimd", MODEL, "-n", NAMESPACE, "-o", path)
            return self.running(load) and said == "Right"

        self.wait(is_right, f"version {version} is seen to answer right", deadline_s, every_s=1)

    def wait(
        self,
        condition: Callable[[Observation], bool],
        what: str,
        deadline_s: float,
        *,
        every_s: float = 0.1,
    ) -> None:
        """Wait until what is observed is so."""
        until(
            lambda: condition(self.watcher.view.model),
            what,
            deadline_s=deadline_s,
            diagnose=self._diagnose,
            every_s=every_s,
        )

    def running(self, load: Load) -> bool:
        """True; raises when clients have stopped."""
        load.check()
        return True

    def _answers(self) -> bool:
        url = f"{self.cluster.gateway_url}/predict"
        try:
            reply = requests.post(url, json=self.rows[0], headers={"Host": HOST}, timeout=2)
        except requests.RequestException:
            return False
        return reply.ok

    def _diagnose(self) -> str:
        parts = [self.watcher.view.trouble]
        for kind in ("aimodeldeployments.knowngood.dev", "pods"):
            try:
                parts.append(self.cluster.kubectl("describe", kind, "-n", NAMESPACE))
            except ClusterError as error:
                parts.append(str(error))
        return "\n".join([*filter(None, parts), logs(self.cluster)])
