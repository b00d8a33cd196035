"""The parts of a cluster that was started here."""

import contextlib
import shutil
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Self

from e2e.cluster.binaries import Tools
from e2e.cluster.certificates import Authority
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.errors import OptionError
from e2e.cluster.gateway import LocalGateway
from e2e.cluster.gatewayapi import GatewayApi
from e2e.cluster.namespace import Namespace
from e2e.cluster.network import Slot, connect, wait_until_gone
from e2e.cluster.node import LocalNode
from e2e.cluster.options import ClusterOptions, Part, as_image
from e2e.cluster.progress import Progress, Stopwatch, duration
from e2e.cluster.prometheus import LocalPrometheus
from e2e.cluster.site import Site
from e2e.cluster.traefik import LocalTraefik

_KUBECONFIG: Final = "admin.kubeconfig"


class Local:
    """Everything of one cluster: its place, and its parts, started or not."""

    def __init__(self, site: Site, slot: Slot, options: ClusterOptions) -> None:
        self.site = site
        self.parts: Collection[Part] = frozenset({Part.CONTROL_PLANE, *options.parts})
        self._slot = slot
        self._keep_run_dir = options.run_dir is not None
        self.control_plane = ControlPlane(site)
        images = {prefix: as_image(entry) for prefix, entry in options.images.items()}
        self.node = LocalNode(site, images, options.token_renewal_s)
        gateway_api = GatewayApi(site)
        self.gateway = LocalGateway(site, gateway_api)
        self.second_gateway = LocalTraefik(site, gateway_api)
        stats = self.gateway.stats if Part.GATEWAY in self.parts else None
        self.prometheus = LocalPrometheus(site, options.scrape_interval, stats)

    @classmethod
    def settle(cls, options: ClusterOptions, tools: Tools) -> Self:
        """Make the namespaces, the network and the keys, and start nothing in them.

        Raises:
            NotPermittedError: this machine does not let us.
        """
        with contextlib.ExitStack() as undo:
            slot = Slot.claim()
            undo.callback(slot.release)
            run_dir = _run_dir(options, slot)
            slot.note(run_dir)
            namespace = Namespace(run_dir)
            undo.callback(namespace.close)
            connect(slot.subnet, namespace.pid)
            authority = Authority(run_dir / "keys")
            admin = authority.issue("admin", "/O=system:masters/CN=admin")
            kubeconfig = authority.kubeconfig(
                run_dir / _KUBECONFIG, f"https://{slot.subnet.bridge}:6443", admin
            )
            site = Site(run_dir, slot.subnet, namespace, tools, authority, admin, kubeconfig)
            undo.pop_all()
        return cls(site, slot, options)

    def start(self, progress: Progress) -> None:
        """Start the control plane, then all other parts side by side.

        Raises:
            StartError: a part did not become ready.
        """
        with _timed(Part.CONTROL_PLANE, progress):
            self.control_plane.start()
        rest: dict[Part, Callable[[], None]] = {
            Part.NODE: self.node.start,
            Part.GATEWAY: self.gateway.start,
            Part.SECOND_GATEWAY: self.second_gateway.start,
            Part.PROMETHEUS: self.prometheus.start,
        }

        def start(part: Part) -> None:
            with _timed(part, progress):
                rest[part]()

        with ThreadPoolExecutor() as pool:
            try:
                for started in [pool.submit(start, part) for part in rest if part in self.parts]:
                    started.result()
            except BaseException:
                self.site.namespace.close()  # else the pool waits for parts that nobody wants
                raise

    def stop(self) -> None:
        """End everything; returns when no process, link or mount of it is left."""
        self.site.namespace.close()
        wait_until_gone(self.site.subnet)
        if not self._keep_run_dir:
            shutil.rmtree(self.site.run_dir, ignore_errors=True)
        self._slot.release()


@contextlib.contextmanager
def _timed(part: Part, progress: Progress) -> Iterator[None]:
    watch = Stopwatch()
    yield
    progress(f"{part} ready in {duration(watch.seconds)}")


def check_run_dir(run_dir: Path) -> None:
    """Look at a run directory that somebody named, before anything is built or started.

    Raises:
        OptionError: no cluster can be started in it.
    """
    if run_dir.resolve().is_relative_to("/run"):
        raise OptionError(
            f"run directory {run_dir}: the cluster has a /run of its own and cannot see this one"
        )
    if run_dir.exists() and not run_dir.is_dir():
        raise OptionError(f"run directory {run_dir}: it is not a directory")
    if (run_dir / _KUBECONFIG).exists():
        raise OptionError(
            f"run directory {run_dir}: an earlier cluster was started in it, and a cluster begins empty; "
            "name another one, or remove it if you need its logs and data no more"
        )


def _run_dir(options: ClusterOptions, slot: Slot) -> Path:
    if options.run_dir is None:
        shutil.rmtree(slot.directory, ignore_errors=True)  # of a cluster whose owner was killed
    run_dir = (options.run_dir or slot.directory).resolve()
    run_dir.mkdir(parents=True, exist_ok=True)
    return run_dir
