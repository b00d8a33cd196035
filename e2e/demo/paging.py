"""Who is paged while the demo runs: a real Alertmanager, which whoever is on call would be told by."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from e2e.cluster import Cluster
from tests.adapters.alertmanager import RealAlertmanager, ended

ONCALL: Final = "oncall"
"""The receiver, as the operator's own configuration names it."""


@dataclass(frozen=True, slots=True)
class Pager:
    """An Alertmanager that gets the alerts, and pages nobody further: nothing comes back from it."""

    server: RealAlertmanager

    @classmethod
    @contextlib.contextmanager
    def beside(cls, cluster: Cluster) -> Iterator[Self]:
        """Start one where the operator reaches it; it ends with the block."""
        address = cluster.doorway(ONCALL).address
        program, folder = cluster.tools.alertmanager, cluster.run_dir / ONCALL
        with ended(RealAlertmanager(program, folder, address)) as server:
            asyncio.run(server.start())
            yield cls(server)

    @property
    def settings(self) -> Sequence[str]:
        """Values of the chart by which the operator tells it."""
        own = f"receivers.{ONCALL}"
        return f"{own}.default=true", f"{own}.alertmanager.url={self.server.url}"

    def alerts(self, incident: str) -> list[dict[str, Any]]:
        """What is active there about an incident."""
        found = asyncio.run(self.server.alerts())
        return [alert for alert in found if alert["labels"].get("incident") == incident]
