"""Network namespaces of pods, on the node's bridge."""

import asyncio
import contextlib
import ipaddress
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

from e2e.cluster.network import BRIDGE

_NOWHERE = "192.0.2.1"  # of a range that nobody has
_NOBODY = "02:00:00:00:ff:ff"  # a hardware address that nobody has
_TABLE = 100


class NetworkError(Exception):
    """A namespace or link could not be made."""


@dataclass(frozen=True, slots=True)
class PodNetwork:
    """One pod's network namespace, `/run/netns/<name>`."""

    name: str
    address: str

    @property
    def path(self) -> str:
        """The namespace, to be entered."""
        return f"/run/netns/{self.name}"


class Network:
    """Hands out addresses and makes namespaces."""

    def __init__(self, bridge: str, pods: str) -> None:
        """Take the bridge's own address with its prefix length, and the range for pods."""
        self._bridge = ipaddress.ip_interface(bridge)
        self._range = ipaddress.ip_network(pods)
        self._taken: set[str] = set()
        self._next = self._cycle()

    async def create(self) -> PodNetwork:
        """Make a namespace with an address of its own.

        Raises:
            NetworkError: no address is left, or the kernel refused.
        """
        address = self._free_address()
        tail = f"{int(ipaddress.ip_address(address)) & 0xFFFF:04x}"
        pod = PodNetwork(f"pod-{tail}", address)
        self._taken.add(address)
        try:
            await _run("ip", "netns", "add", pod.name)
            await _run("ip", "-batch", "-", lines=self._cable(pod, f"pod{tail}"))
            await _run("ip", "-n", pod.name, "-batch", "-", lines=self._inside(pod))
        except NetworkError:
            await self.remove(pod)
            raise
        return pod

    async def remove(self, pod: PodNetwork) -> None:
        """Kill what still runs in a namespace and remove it; the address is free again."""
        with contextlib.suppress(NetworkError):
            for pid in (await _run("ip", "netns", "pids", pod.name)).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            await _run("ip", "netns", "delete", pod.name)
        self._taken.discard(pod.address)

    async def cut_off(self, pod: PodNetwork, host: str, port: str) -> None:
        """Drop all packets between a pod and one TCP port, silently, and nothing else of its traffic.

        Raises:
            NetworkError: the kernel refused; it is cut off already.
        """
        await _run("ip", "-n", pod.name, "-batch", "-", lines=self._severed(host, port))

    async def reconnect(self, pod: PodNetwork) -> None:
        """Undo `cut_off`. Raises `NetworkError` when it is not cut off."""
        rules = ["rule add pref 0 lookup local", *(f"rule del pref {n}" for n in (3, 2, 1))]
        await _run("ip", "-n", pod.name, "-batch", "-", lines=rules)

    def _severed(self, host: str, port: str) -> list[str]:
        """What comes is refused before it counts as ours; what goes is sent to where nobody is."""
        return [
            f"neigh replace {_NOWHERE} lladdr {_NOBODY} dev eth0 nud permanent",
            f"route replace default via {_NOWHERE} dev eth0 onlink table {_TABLE}",
            f"rule add pref 1 iif eth0 from {host} ipproto tcp sport {port} blackhole",
            f"rule add pref 2 to {host} ipproto tcp dport {port} lookup {_TABLE}",
            "rule add pref 3 lookup local",
            "rule del pref 0",
        ]

    def _cable(self, pod: PodNetwork, link: str) -> list[str]:
        return [
            f"link add name {link} type veth peer name eth0 netns {pod.name}",
            f"link set dev {link} master {BRIDGE} up",
        ]

    def _inside(self, pod: PodNetwork) -> list[str]:
        return [
            "link set dev lo up",
            f"address add {pod.address}/{self._bridge.network.prefixlen} dev eth0",
            "link set dev eth0 up",
            f"route add default via {self._bridge.ip}",
        ]

    def _cycle(self) -> Iterator[str]:
        while True:  # in turn, so that an address rests as long as possible before its next pod
            yield from map(str, self._range.hosts())

    def _free_address(self) -> str:
        for _ in range(self._range.num_addresses):
            address = next(self._next)
            if address not in self._taken:
                return address
        raise NetworkError("no address left for a pod")


async def _run(*command: str, lines: list[str] | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate("\n".join([*(lines or []), ""]).encode())
    if process.returncode:
        raise NetworkError(f"{' '.join(command)}: {errors.decode().strip()}")
    return output.decode()
