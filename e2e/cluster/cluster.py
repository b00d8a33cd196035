"""One local cluster, from start to stop."""

import contextlib
import shutil
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from e2e.cluster.binaries import Tools
from e2e.cluster.certificates import Authority
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace
from e2e.cluster.network import Slot, connect, wait_until_gone
from e2e.cluster.options import ClusterOptions, Part, default_cache_dir
from e2e.cluster.progress import Progress, Terminal, duration
from e2e.cluster.site import Site, Stopwatch


class Cluster:
    """A running cluster; leaving the `with` block ends all of it."""

    def __init__(self, site: Site, slot: Slot, options: ClusterOptions) -> None:
        self._site = site
        self._slot = slot
        self._options = options
        self._control_plane = ControlPlane(site)
        self.run_dir = site.run_dir
        self.kubeconfig = site.kubeconfig
        self.tools = site.tools

    @classmethod
    def start(cls, options: ClusterOptions | None = None, progress: Progress | None = None) -> Self:
        """Start a cluster and return when every part is ready.

        Args:
            options: What to start; everything by default.
            progress: Told about builds and timings; by default the standard error stream is.

        Raises:
            BuildError: a program could not be had.
            NotPermittedError: this machine does not let us.
            StartError: a part did not become ready.
        """
        options = options or ClusterOptions()
        progress = progress or Terminal()
        tools = Tools(options.cache_dir or default_cache_dir(), progress)
        parts = {Part.CONTROL_PLANE, *options.parts}
        tools.prepare(parts)
        watch = Stopwatch()
        slot = Slot.claim()
        try:
            site = _settle(options, slot, tools)
        except BaseException:
            slot.release()
            raise
        cluster = cls(site, slot, options)
        with contextlib.ExitStack() as undo:
            undo.callback(cluster.stop)
            cluster._start_parts(parts, progress)
            undo.pop_all()
        progress(f"cluster ready in {duration(watch.seconds)}, logs in {site.run_dir}/log")
        return cluster

    def stop(self) -> None:
        """End everything; returns when no process, link or mount of it is left."""
        self._site.namespace.close()
        wait_until_gone(self._site.subnet)
        if self._options.run_dir is None:
            shutil.rmtree(self.run_dir, ignore_errors=True)
        self._slot.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        """Run kubectl as the administrator and return what it printed.

        Raises:
            KubectlFailed: it ended with an error.
        """
        return self._site.kubectl(*args, stdin=stdin)

    def _start_parts(self, parts: set[Part], progress: Progress) -> None:
        with _timed(Part.CONTROL_PLANE, progress):
            self._control_plane.start()


@contextlib.contextmanager
def _timed(part: Part, progress: Progress) -> Iterator[None]:
    watch = Stopwatch()
    yield
    progress(f"{part} ready in {duration(watch.seconds)}")


def _settle(options: ClusterOptions, slot: Slot, tools: Tools) -> Site:
    run_dir = (options.run_dir or slot.directory).resolve()
    if options.run_dir is None:
        shutil.rmtree(run_dir, ignore_errors=True)  # of a cluster whose owner was killed
    run_dir.mkdir(parents=True, exist_ok=True)
    namespace = Namespace(run_dir)
    try:
        connect(slot.subnet, namespace.pid)
        authority = Authority(run_dir / "keys")
        admin = authority.issue("admin", "/O=system:masters/CN=admin")
        kubeconfig = authority.kubeconfig(
            run_dir / "admin.kubeconfig", f"https://{slot.subnet.bridge}:6443", admin
        )
    except BaseException:
        namespace.close()
        raise
    return Site(run_dir, slot.subnet, namespace, tools, authority, admin, kubeconfig)
