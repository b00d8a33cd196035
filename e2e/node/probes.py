"""Readiness, liveness and startup probes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import aiohttp

from e2e.node.api import Json
from e2e.node.environment import ConfigError

_FAST_S = 0.1  # between two looks for a first success: nobody should wait for a period


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe, with the defaults of Kubernetes filled in; times in seconds.

    Attributes:
        url: What to GET; empty for a plain connection.
        host: Address to connect to.
        port: Port to connect to.
        headers: For the GET.
        initial_delay: Before the first look.
        period: Between two looks.
        timeout: Of one look.
        successes: How many in a row turn a failing probe.
        failures: How many in a row turn a succeeding one.
    """

    url: str
    host: str
    port: int
    initial_delay: float
    period: float
    timeout: float
    successes: int
    failures: int
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, spec: Json, container: Json, address: str) -> "Probe":
        """Read the probe of a container whose pod has the address.

        Raises:
            ConfigError: the node has no such kind of probe, or the port has no such name.
        """
        action = spec.get("httpGet") or spec.get("tcpSocket")
        if action is None:
            raise ConfigError("only httpGet and tcpSocket probes are supported")
        host, port = action.get("host") or address, _port(action["port"], container)
        scheme = action.get("scheme", "HTTP").lower()
        return cls(
            url=f"{scheme}://{host}:{port}{action.get('path', '/')}" if "httpGet" in spec else "",
            host=host,
            port=port,
            headers={h["name"]: h["value"] for h in action.get("httpHeaders", [])},
            initial_delay=spec.get("initialDelaySeconds", 0),
            period=spec.get("periodSeconds", 10),
            timeout=spec.get("timeoutSeconds", 1),
            successes=spec.get("successThreshold", 1),
            failures=spec.get("failureThreshold", 3),
        )

    async def look(self) -> bool:
        """Look once; False for anything but success in time."""
        try:
            async with asyncio.timeout(self.timeout):
                return await (self._get() if self.url else self._connect())
        except (OSError, aiohttp.ClientError, TimeoutError):
            return False

    async def _get(self) -> bool:
        connector = aiohttp.TCPConnector(ssl=False, force_close=True)  # probes never verify
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(self.url, headers=self.headers, allow_redirects=False) as reply,
        ):
            return 200 <= reply.status < 400

    async def _connect(self) -> bool:
        _, writer = await asyncio.open_connection(self.host, self.port)
        writer.close()
        await writer.wait_closed()
        return True


async def first_success(probe: Probe) -> bool:
    """Look often until the probe succeeds; False once it has failed for its whole allowance."""
    await asyncio.sleep(probe.initial_delay)
    clock = asyncio.get_running_loop()
    allowance_ends = clock.time() + probe.failures * probe.period
    successes = 0
    while clock.time() < allowance_ends:
        successes = successes + 1 if await probe.look() else 0
        if successes >= probe.successes:
            return True
        await asyncio.sleep(min(_FAST_S, probe.period))
    return False


async def follow(probe: Probe, awake: asyncio.Event, turned: Callable[[bool], None]) -> None:
    """Look for ever at something that works, and tell when it fails and when it works again.

    Args:
        probe: How to look.
        awake: Cleared while it is paused: nobody looks then.
        turned: Told whether it works now.
    """
    works, successes, failures = True, 0, 0
    while True:
        await asyncio.sleep(probe.period)
        await awake.wait()
        good = await probe.look()
        if not awake.is_set():
            continue  # it was paused while it was looked at
        successes, failures = (successes + 1, 0) if good else (0, failures + 1)
        if works != good and max(successes / probe.successes, failures / probe.failures) >= 1:
            works = good
            turned(works)


def _port(port: int | str, container: Json) -> int:
    if isinstance(port, int):
        return port
    for declared in container.get("ports", []):
        if declared.get("name") == port:
            return int(declared["containerPort"])
    raise ConfigError(f"the container has no port named {port}")
