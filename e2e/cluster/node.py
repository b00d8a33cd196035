"""The node of a cluster: started as one process, told about images by a file."""

import json
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import requests

from e2e.cluster.errors import ClusterError
from e2e.cluster.namespace import REPOSITORY
from e2e.cluster.options import Image
from e2e.cluster.site import Site

_NAME = "local"
_PORT = 10250


class LocalNode:
    """Starts the node of a site, and speaks to it."""

    def __init__(self, site: Site, images: Mapping[str, Image], renew_s: float | None) -> None:
        self._site = site
        self._images = dict(images)
        self._renew_s = renew_s
        self._lock = threading.Lock()
        self._map = site.run_dir / "images.json"
        self.logs = site.directory("pods")

    def start(self) -> None:
        """Start it and return when it is registered and serves.

        Raises:
            StartError: it did not become ready.
        """
        site = self._site
        self._write_images()
        registered = f"{site.api_url}/api/v1/nodes/{_NAME}"
        site.launch(
            "node",
            [sys.executable, "-m", "e2e.node", *self._options()],
            env={"PYTHONPATH": str(REPOSITORY)},
            ready=lambda: site.answers(registered) and site.answers(f"{self._url}/healthz"),
        )

    def set_image(self, prefix: str, image: Image) -> None:
        """Change what images of the prefix mean, for containers that start from now on."""
        with self._lock:
            self._images[prefix] = image
            self._write_images()

    def kill(self, namespace: str, name: str, *, excused: bool = False) -> None:
        """SIGKILL the processes of a pod, as a crash would.

        Args:
            namespace: Of the pod.
            name: Of the pod.
            excused: They start again at once, however often they were killed.

        Raises:
            ClusterError: no such pod has a process here.
        """
        self._harm("kill", namespace, name, excused=str(excused).lower())

    def pause(self, namespace: str, name: str) -> None:
        """SIGSTOP the processes of a pod. Raises `ClusterError` if it has none."""
        self._harm("pause", namespace, name)

    def resume(self, namespace: str, name: str) -> None:
        """SIGCONT the processes of a pod. Raises `ClusterError` if none is paused."""
        self._harm("resume", namespace, name)

    def cut_off(self, namespace: str, name: str) -> None:
        """Drop all packets between a pod and the API server. Raises `ClusterError` if it has no network."""
        self._harm("cut-off", namespace, name)

    def reconnect(self, namespace: str, name: str) -> None:
        """Undo `cut_off`. Raises `ClusterError` if it is not cut off."""
        self._harm("reconnect", namespace, name)

    def _harm(self, harm: str, namespace: str, name: str, **how: str) -> None:
        with self._site.session() as session:
            reply = session.post(f"{self._url}/{harm}/{namespace}/{name}", params=how, timeout=10)
        if reply.status_code != requests.codes.ok or not reply.json()["done"]:
            raise ClusterError(f"pod {namespace}/{name}: nothing to {harm}: {reply.text}")

    @property
    def _url(self) -> str:
        return f"https://{self._site.subnet.bridge}:{_PORT}"

    def _options(self) -> list[str]:
        site = self._site
        address = site.subnet.bridge
        server = site.authority.issue(
            "node", f"/CN=system:node:{_NAME}", addresses=[f"IP:{address}"]
        )
        options: dict[str, object] = {
            "server": site.api_url,
            "authority": site.authority.own.certificate,
            "client-certificate": site.admin.certificate,
            "client-key": site.admin.key,
            "certificate": server.certificate,
            "key": server.key,
            "name": _NAME,
            "bridge": f"{address}/16",
            "pods": site.subnet.pods,
            "images": self._map,
            "logs": self.logs,
        }
        if self._renew_s is not None:
            options["renew-tokens"] = self._renew_s
        return [f"--{name}={value}" for name, value in options.items()]

    def _write_images(self) -> None:
        document = {
            prefix: {"argv": [str(word) for word in image.argv], "env": dict(image.env)}
            for prefix, image in self._images.items()
        }
        fresh: Path = self._map.with_suffix(".new")
        fresh.write_text(json.dumps(document, indent=2))
        fresh.rename(self._map)
