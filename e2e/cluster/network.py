"""The cluster's network: a bridge inside, one virtual cable to the host."""

import fcntl
import ipaddress
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from e2e.cluster.errors import ClusterError, NotPermittedError
from e2e.cluster.waiting import until

BRIDGE = "knowngood"
_CANDIDATES = range(64, 255)


@dataclass(frozen=True, slots=True)
class Subnet:
    """10.N.0.0/16 and the addresses of note in it."""

    number: int

    @property
    def bridge(self) -> str:
        """Where the API server, the gateway and Prometheus listen."""
        return f"10.{self.number}.0.1"

    @property
    def bridge_mac(self) -> str:
        """The bridge's hardware address.

        Left to itself a bridge takes the lowest one of its ports: with a pod that goes, the
        address could change, and everybody who knew it would talk to nobody for half a minute.
        """
        return f"02:00:00:00:00:{self.number:02x}"

    @property
    def host(self) -> str:
        """The host's own address in the subnet."""
        return f"10.{self.number}.255.254"

    @property
    def pods(self) -> str:
        """Where pods get their addresses from."""
        return f"10.{self.number}.64.0/18"

    @property
    def services(self) -> str:
        """Where Services get addresses that nothing routes: there is no kube-proxy."""
        return f"10.{self.number}.128.0/18"

    @property
    def cable(self) -> str:
        """The name of the host's end of the cable."""
        return f"knowngood{self.number}"


class Slot:
    """A subnet that is ours alone while this object is open, with a directory of the same fate."""

    def __init__(self, subnet: Subnet, lock: Path, descriptor: int) -> None:
        self.subnet = subnet
        self.directory = lock.with_suffix("")
        self._lock = lock
        self._descriptor = descriptor

    @classmethod
    def claim(cls) -> Self:
        """Claim a subnet that no other cluster holds and no route of this machine leads into.

        Raises:
            ClusterError: none is left.
        """
        base = _base()
        base.mkdir(mode=0o700, exist_ok=True)
        if base.stat().st_uid != os.getuid():
            raise ClusterError(f"{base} belongs to somebody else")
        taken = _routes()
        for number in _CANDIDATES:
            if any(_collides(number, route) for route in taken):
                continue
            lock = base / f"{number}.lock"
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
            if _locked(descriptor):
                return cls(Subnet(number), lock, descriptor)
            os.close(descriptor)
        raise ClusterError("no free subnet among 10.64.0.0/16 to 10.254.0.0/16")

    def note(self, run_dir: Path) -> None:
        """Let `running` tell where the cluster of this slot keeps its files."""
        self._lock.write_text(str(run_dir))

    def release(self) -> None:
        """Let others have the subnet."""
        os.close(self._descriptor)


def running() -> dict[str, Path]:
    """Return the bridge addresses of this user's clusters, with their run directories."""
    found = {}
    for lock in sorted(_base().glob("*.lock")):
        with lock.open() as stream:
            if not _locked(stream.fileno()):
                found[Subnet(int(lock.stem)).bridge] = Path(stream.read())
    return found


def _base() -> Path:
    return Path(tempfile.gettempdir()) / f"knowngood-{os.getuid()}"


def _locked(descriptor: int) -> bool:
    """Try to lock an open file until it is closed; False if somebody else holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def connect(subnet: Subnet, pid: int) -> None:
    """Lay the bridge in the network namespace of a process, and the cable from there to here.

    Raises:
        NotPermittedError: this machine does not let us.
    """
    inside = ["nsenter", "--target", str(pid), "--net", "ip", "-batch", "-"]
    _ip(
        ["ip", "-batch", "-"],
        f"link add name {subnet.cable} type veth peer name uplink netns {pid}",
        f"address add {subnet.host}/16 dev {subnet.cable}",
        f"link set dev {subnet.cable} up",
    )
    _ip(
        inside,
        "link set dev lo up",
        f"link add name {BRIDGE} address {subnet.bridge_mac} type bridge",
        f"address add {subnet.bridge}/16 dev {BRIDGE}",
        f"link set dev uplink master {BRIDGE} up",
        f"link set dev {BRIDGE} up",
    )


def wait_until_gone(subnet: Subnet) -> None:
    """Return when the kernel has removed the cable: milliseconds after the end, seconds where many namespaces end."""
    cable = Path("/sys/class/net") / subnet.cable
    until(lambda: not cable.exists(), f"{subnet.cable} vanishes", deadline_s=60, every_s=0.01)


def _ip(command: list[str], *lines: str) -> None:
    done = subprocess.run(
        command, input="\n".join(lines) + "\n", text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise NotPermittedError(
            "cannot connect the cluster to this machine: this needs the `ip` program and the right "
            f"to make virtual Ethernet links here (root, or CAP_NET_ADMIN)\n{done.stderr.strip()}"
        )


def _routes() -> list[ipaddress.IPv4Network]:
    done = subprocess.run(
        ["ip", "-json", "-4", "route", "show", "table", "all"],
        capture_output=True,
        text=True,
        check=True,
    )
    destinations = [str(route["dst"]) for route in json.loads(done.stdout)]
    return [ipaddress.IPv4Network(d) for d in destinations if d[0].isdigit()]


def _collides(number: int, route: ipaddress.IPv4Network) -> bool:
    """Tell whether a route leads into the subnet; one for all of 10/8 or more does not count."""
    return route.prefixlen > 8 and route.overlaps(ipaddress.IPv4Network(f"10.{number}.0.0/16"))
