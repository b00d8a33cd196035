"""Who is told of incidents, outside of the cluster: real Alertmanagers and a real syslog server on this machine."""

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from e2e.bed.bed import Bed
from e2e.bed.chart import NAMESPACE
from e2e.bed.room import Room
from e2e.cluster.certificates import Authority, KeyPair
from tests.adapters.alertmanager import RealAlertmanager, ended
from tests.adapters.rsyslog import Rsyslog
from tests.adapters.rsyslog import ended as stopped

ONCALL: Final = "oncall"
MANAGER: Final = "manager"
SOC: Final = "soc"
_PARTS: Final = ("ca", "cert", "key")


@dataclass(frozen=True, slots=True)
class Record:
    """What the syslog server has of an incident, one message.

    Attributes:
        id: Of the record; one that is sent again has the same.
        sequence: Number of the entry in the timeline.
        hash: Of the entry; empty for evidence.
    """

    id: str
    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Outside:
    """Two people who are paged, and those who keep the records.

    Attributes:
        oncall: Told by default, at once.
        manager: Told where a policy says so.
        soc: Gets every entry of every timeline.
    """

    oncall: RealAlertmanager
    manager: RealAlertmanager
    soc: Rsyslog

    @classmethod
    @contextlib.contextmanager
    def before(cls, bed: Bed, folder: Path) -> Iterator[Self]:
        """Start all of them, and let the operator tell them as long as the block runs."""
        address = bed.cluster.doorway("outside").address
        tools, authority = bed.cluster.tools, Authority(folder / "ca")
        with (
            ended(RealAlertmanager(tools.alertmanager, folder / ONCALL, address)) as oncall,
            ended(RealAlertmanager(tools.alertmanager, folder / MANAGER, address)) as manager,
            stopped(Rsyslog(tools.rsyslog, folder / SOC, "ossl", authority, address)) as soc,
        ):
            made = cls(oncall, manager, soc)
            made.start()
            client = authority.issue("client", "/CN=knowngood")
            bed.cluster.kubectl("apply", "-f", "-", stdin=_secret(authority.own, client))
            bed.operator.configure(*made._settings())
            try:
                yield made
            finally:
                bed.operator.configure()
                bed.cluster.kubectl("delete", "secret", SOC, "-n", NAMESPACE)

    def start(self) -> None:
        """Start what does not run."""
        for server in (self.oncall, self.manager, self.soc):
            if server.process is None:
                asyncio.run(server.start())

    def stop(self) -> None:
        """End all of them, in order."""
        for server in (self.oncall, self.manager, self.soc):
            server.end()

    def records(self, room: Room) -> list[Record]:
        """What the syslog server has of the one incident of a room, in the order in which it came."""
        (incident,) = room.incidents()
        uid = incident.metadata.uid
        told = [json.loads(text) for _, text in self.soc.messages()]
        return [
            _record(one) for one in told if one["knowngood"].get("incident", {}).get("uid") == uid
        ]

    def _settings(self) -> Iterator[str]:
        yield f"receivers.{ONCALL}.default=true"
        yield f"receivers.{ONCALL}.alertmanager.url={self.oncall.url}"
        yield f"receivers.{MANAGER}.alertmanager.url={self.manager.url}"
        yield f"siem.{SOC}.format=ECS"
        yield f"siem.{SOC}.syslog.host={self.soc.host}"
        yield f"siem.{SOC}.syslog.port={self.soc.port}"
        for part in _PARTS:
            yield f"siem.{SOC}.syslog.tls.{part}.secretRef.name={SOC}"
            yield f"siem.{SOC}.syslog.tls.{part}.secretRef.key={part}"


def paged(server: RealAlertmanager, room: Room) -> list[Mapping[str, Any]]:
    """The alerts of a room that are active there."""
    found = asyncio.run(server.alerts())
    return [alert for alert in found if alert["labels"]["namespace"] == room.name]


def _secret(authority: KeyPair, client: KeyPair) -> str:
    files = zip(_PARTS, (authority.certificate, client.certificate, client.key), strict=True)
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SOC, "namespace": NAMESPACE},
        "stringData": {part: file.read_text() for part, file in files},
    }
    return json.dumps(secret)


def _record(told: Mapping[str, Any]) -> Record:
    event, entry = told["event"], told["knowngood"].get("entry") or {}
    is_entry = event["kind"] == "event"
    return Record(event["id"], event["sequence"], entry.get("hash", "") if is_entry else "")
