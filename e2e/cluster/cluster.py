"""The cluster as its users see it: started here, or only attached to."""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from e2e.cluster.audit import Write, writes
from e2e.cluster.binaries import Tools
from e2e.cluster.doorway import Doorway
from e2e.cluster.errors import ClusterError, NotOursError
from e2e.cluster.kubectl import kubectl
from e2e.cluster.local import Local, check_run_dir
from e2e.cluster.options import ClusterOptions, Image, Part, default_cache_dir
from e2e.cluster.progress import Progress, Stopwatch, Terminal, duration


class Cluster:
    """A Kubernetes cluster; leaving the `with` block ends all of it that was started here.

    Attributes:
        kubeconfig: The administrator's, usable from the host.
        run_dir: Logs in `log/`, output of pods in `pods/`.
        tools: Paths of kubectl, helm and the rest.
    """

    def __init__(
        self, kubeconfig: Path, run_dir: Path, tools: Tools, local: Local | None = None
    ) -> None:
        self.kubeconfig = kubeconfig
        self.run_dir = run_dir
        self.tools = tools
        self._local = local
        self._urls: dict[Part, str] = {}

    @classmethod
    def start(cls, options: ClusterOptions | None = None, progress: Progress | None = None) -> Self:
        """Start a cluster and return when every part is ready.

        Args:
            options: What to start; by default all but the second gateway.
            progress: Told about builds and timings; by default the standard error stream is.

        Raises:
            OptionError: the run directory can not be used.
            BuildError: a program could not be had.
            NotPermittedError: this machine does not let us.
            StartError: a part did not become ready.
        """
        options = options or ClusterOptions()
        if options.run_dir is not None:
            check_run_dir(options.run_dir)
        progress = progress or Terminal()
        tools = Tools(options.cache_dir or default_cache_dir(), progress)
        tools.prepare({Part.CONTROL_PLANE, *options.parts})
        watch = Stopwatch()
        local = Local.settle(options, tools)
        with contextlib.ExitStack() as undo:
            undo.callback(local.stop)
            local.start(progress)
            undo.pop_all()
        progress(f"cluster ready in {duration(watch.seconds)}, logs in {local.site.run_dir}/log")
        cluster = cls(local.site.kubeconfig, local.site.run_dir, tools, local)
        urls = {
            Part.GATEWAY: local.gateway.url,
            Part.SECOND_GATEWAY: local.second_gateway.url,
            Part.PROMETHEUS: local.prometheus.url,
        }
        cluster._urls = {part: url for part, url in urls.items() if part in local.parts}
        return cluster

    @classmethod
    def attach(
        cls,
        kubeconfig: Path,
        *,
        gateway_url: str | None = None,
        second_gateway_url: str | None = None,
        prometheus_url: str | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Use a cluster that runs already; nothing is started, and nothing will be stopped.

        Args:
            kubeconfig: Of its administrator.
            gateway_url: Where its Gateway `public` in namespace `gateways` answers from here.
            second_gateway_url: Likewise, its Gateway `second`.
            prometheus_url: Where its Prometheus answers from here.
            progress: Told when kubectl or helm has to be fetched or built.
        """
        cache_dir = default_cache_dir()
        cluster = cls(kubeconfig, cache_dir / "attached", Tools(cache_dir, progress or Terminal()))
        urls = {
            Part.GATEWAY: gateway_url,
            Part.SECOND_GATEWAY: second_gateway_url,
            Part.PROMETHEUS: prometheus_url,
        }
        cluster._urls = {part: url for part, url in urls.items() if url is not None}
        return cluster

    def stop(self) -> None:
        """End everything; returns when no process, link or mount of it is left."""
        if self._local is not None:
            self._local.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def gateway_url(self) -> str:
        """Where the gateway answers; route by host name. Raises `ClusterError` without one."""
        return self._url(Part.GATEWAY)

    @property
    def second_gateway_url(self) -> str:
        """Where the second gateway answers, likewise. Raises `ClusterError` without one."""
        return self._url(Part.SECOND_GATEWAY)

    @property
    def prometheus_url(self) -> str:
        """Where Prometheus answers. Raises `ClusterError` without one."""
        return self._url(Part.PROMETHEUS)

    def kubectl(self, *args: str, stdin: str | None = None) -> str:
        """Run kubectl as the administrator and return what it printed.

        Raises:
            KubectlFailed: it ended with an error.
        """
        cache = self.run_dir / "kubectl"
        return kubectl(self.tools.kubectl, self.kubeconfig, *args, stdin=stdin, cache=cache)

    def set_image(
        self, prefix: str, argv: Sequence[str], env: Mapping[str, str] | None = None
    ) -> None:
        """Say which program images of the prefix mean, for containers that start from now on.

        Raises:
            NotOursError: the cluster was not started here.
        """
        self._ours.node.set_image(prefix, Image(tuple(argv), dict(env or {})))

    def kubeconfig_of(self, user: str) -> Path:
        """Write a kubeconfig for somebody of that name, who has no rights yet.

        Raises:
            NotOursError: the cluster was not started here.
        """
        site = self._ours.site
        pair = site.authority.issue(user, f"/CN={user}")
        return site.authority.kubeconfig(site.run_dir / f"{user}.kubeconfig", site.api_url, pair)

    def kill_pod(self, namespace: str, name: str, *, excused: bool = False) -> None:
        """SIGKILL the processes of a pod, as a crash would.

        Args:
            namespace: Of the pod.
            name: Of the pod.
            excused: They start again at once, however often they were killed: no back-off.

        Raises:
            ClusterError: it has none.
            NotOursError: the cluster was not started here.
        """
        self._ours.node.kill(namespace, name, excused=excused)

    def doorway(self, name: str) -> Doorway:
        """Return what a server of that name needs to stand between pods and the API server.

        Raises:
            NotOursError: the cluster was not started here.
        """
        return Doorway.of(self._ours.site, name)

    def pause_pod(self, namespace: str, name: str) -> None:
        """SIGSTOP the processes of a pod; it is not probed meanwhile, as when its machine stands still.

        Raises:
            ClusterError: it has none.
            NotOursError: the cluster was not started here.
        """
        self._ours.node.pause(namespace, name)

    def resume_pod(self, namespace: str, name: str) -> None:
        """SIGCONT the processes of a pod that was paused; raises as `pause_pod` does."""
        self._ours.node.resume(namespace, name)

    def cut_pod_off(self, namespace: str, name: str) -> None:
        """Drop all packets between a pod and the API server, and no others: nobody is told.

        Raises:
            ClusterError: it has no network, or is cut off already.
            NotOursError: the cluster was not started here.
        """
        self._ours.node.cut_off(namespace, name)

    def reconnect_pod(self, namespace: str, name: str) -> None:
        """Let the packets of a pod that was cut off through again; raises as `cut_pod_off` does."""
        self._ours.node.reconnect(namespace, name)

    def writes(self) -> list[Write]:
        """Return what the API server was asked to change so far, by its own audit log.

        Raises:
            NotOursError: the cluster was not started here.
        """
        return writes(self._ours.site.run_dir)

    def stop_prometheus(self) -> None:
        """Stop Prometheus; its data stay. Raises `NotOursError` if it was not started here."""
        self._ours.prometheus.stop()

    def start_prometheus(self) -> None:
        """Start Prometheus again, with its data. Raises `NotOursError` if it is not ours."""
        self._ours.prometheus.start()

    def stop_api_server(self) -> None:
        """Stop the API server. Raises `NotOursError` if it was not started here."""
        self._ours.control_plane.stop_api_server()

    def start_api_server(self) -> None:
        """Start the API server again. Raises `NotOursError` if it is not ours."""
        self._ours.control_plane.start_api_server()

    @property
    def _ours(self) -> Local:
        if self._local is None:
            raise NotOursError("the cluster was not started here, so none of its parts is ours")
        return self._local

    def _url(self, part: Part) -> str:
        if part not in self._urls:
            raise ClusterError(f"this cluster has no {part}: ask for it when you start or attach")
        return self._urls[part]
