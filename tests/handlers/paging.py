"""A process that is told who has an incident: a real server on the loopback, before an API server in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from knowngood.adapters.memory.people import MemoryFence
from knowngood.adapters.memory.resources import MemoryResources
from knowngood.adapters.memory.server import Line, MemoryServer
from knowngood.clock import SystemClock
from knowngood.control.acknowledging import Acknowledger
from knowngood.control.store import Store
from knowngood.control.writing import Writer
from knowngood.handlers.hooks import Hooks
from knowngood.handlers.listening import listening
from knowngood.receivers.opening_hooks import open_hooks
from knowngood.receivers.receiver import parse_receivers
from knowngood.telemetry.metrics import Metrics
from tests.receivers.paged import a_file

Object = dict[str, Any]
HOST = "127.0.0.1"


def now() -> float:
    """Seconds since 1970, by which Slack signs."""
    return SystemClock().now().timestamp()


def a_server(namespace: str = "lending") -> tuple[MemoryServer, str]:
    """An API server with one incident; and its uid."""
    server = MemoryServer()
    body = {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {"name": "loan-1", "namespace": namespace},
        "spec": {"modelRef": {"name": "loan", "uid": "u9"}, "origin": "Trigger"},
    }
    found = server.create(body)
    assert found is not None
    status = {"phase": "Detected", "clocks": {"detected": "2026-03-01T12:00:00Z"}}
    server.patch("Incident", namespace, "loan-1", lambda o: o.update(status=status))
    return server, found["metadata"]["uid"]


@dataclass
class Process:
    """One replica.

    Attributes:
        leader: Where it believes that the leader is.
        hooks_port: Where it believes that the others listen.
    """

    server: MemoryServer
    folder: Path
    fence: MemoryFence = field(default_factory=MemoryFence)
    leader: str = ""
    hooks_port: int = 0
    url: str = ""

    def __post_init__(self) -> None:
        self.line = Line(self.fence.term)
        self.store, self.metrics = Store(), Metrics()
        for body in self.server.list("Incident"):
            self.store.put("Incident", body)
        self.secret = a_file(self.folder)
        pager = {"routingKeyFile": "/k", "webhookSecretFile": str(self.secret)}
        slack = {"urlFile": "/u", "signingSecretFile": str(self.secret)}
        configs = parse_receivers(
            {"oncall": {"pagerDuty": pager, "namespaces": ["lending"]}, "channel": {"slack": slack}}
        )
        reaches = {name: config.reach for name, config in configs.items()}
        writer = Writer(self.store, MemoryResources(self.server, self.line))
        acknowledger = Acknowledger(reaches, self.store, writer, self.fence, SystemClock())
        self.hooks = Hooks(
            open_hooks(configs),
            acknowledger,
            SystemClock().now,
            counts=self.metrics.notifying.hooks,
            leader=lambda: self.leader,
            port=self.hooks_port,
        )

    def counted(self) -> dict[tuple[str, str], float]:
        """How many requests came to what, by receiver and outcome."""
        (family,) = self.metrics.notifying.hooks.collect()
        found = [s for s in family.samples if s.name.endswith("_total")]
        return {(s.labels["receiver"], s.labels["outcome"]): s.value for s in found}

    async def post(
        self, path: str, body: bytes, headers: dict[str, str], **more: Any
    ) -> tuple[int, str]:
        """Send a request; returns the status and the words of the answer."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}{path}", data=body, headers=headers, **more) as answer,
        ):
            return answer.status, (await answer.text()).strip()


@asynccontextmanager
async def running(process: Process, **limits: Any) -> AsyncIterator[int]:
    """Let it listen; yields the port."""
    async with listening(process.hooks.application(), 0, HOST, **limits) as port:
        process.url = f"http://{HOST}:{port}"
        yield port


def said(server: MemoryServer, namespace: str = "lending") -> tuple[str, list[str]]:
    """Who has the incident, and its timeline."""
    body = server.get("Incident", namespace, "loan-1")
    assert body is not None
    status = body["status"]
    by = (status.get("acknowledgement") or {}).get("by", "")
    return by, [entry["text"] for entry in status.get("timeline") or []]


async def closed(reader: asyncio.StreamReader) -> bytes:
    """Wait until the other side closes; returns what it has said."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
