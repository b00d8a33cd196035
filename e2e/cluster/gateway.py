"""Contour and Envoy: Gateway `public` in namespace `gateways`, for routes of all namespaces."""

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from e2e.cluster.errors import StartError
from e2e.cluster.gatewayapi import NAMESPACE, GatewayApi
from e2e.cluster.site import Site

NAME = "public"
_PORT = 8080
_ENVOY_PORT = _PORT + 8000  # Contour adds 8000 to the port of every listener
_XDS_PORT = 18000
_STATS_PORT = 18004

# Contour reads older versions of these kinds than the installed definitions serve.
_NOT_WATCHED = ("tlsroutes", "tcproutes", "backendtlspolicies", "extensionservices")


class LocalGateway:
    """Starts the gateway of a site."""

    def __init__(self, site: Site, gateway_api: GatewayApi) -> None:
        self._site = site
        self._gateway_api = gateway_api

    @property
    def url(self) -> str:
        """Where clients reach it, from the host as from pods."""
        return f"http://{self._site.subnet.bridge}:{_PORT}"

    @property
    def stats(self) -> str:
        """Host and port of Envoy's `/stats/prometheus`."""
        return f"{self._site.subnet.bridge}:{_STATS_PORT}"

    def start(self) -> None:
        """Start it and return when a request passes.

        Raises:
            StartError: it did not become ready.
        """
        site = self._site
        self._gateway_api.add(
            NAME, kind="contour", controller="projectcontour.io/gateway-controller", port=_PORT
        )
        site.namespace.start("contour", self._contour(), {})
        site.launch("envoy", self._envoy(), ready=lambda: self._gateway_api.answers(NAME, self.url))

    def _contour(self) -> list[str]:
        site = self._site
        directory = site.directory("gateway")
        config = directory / "contour.yaml"
        reference = {"gatewayRef": {"namespace": NAMESPACE, "name": NAME}}
        config.write_text(yaml.safe_dump({"gateway": reference}))
        local = ("http", "health", "debug-http")
        return [
            str(site.tools.contour),
            "serve",
            "--no-incluster",
            f"--kubeconfig={site.kubeconfig}",
            "--insecure",  # between Contour and Envoy, on the loopback of the cluster
            "--xds-address=127.0.0.1",
            f"--xds-port={_XDS_PORT}",
            *(f"--{name}-address=127.0.0.1" for name in local),
            *(f"--{name}-port={_XDS_PORT + n}" for n, name in enumerate(local, 1)),
            f"--stats-address={site.subnet.bridge}",
            f"--stats-port={_STATS_PORT}",
            f"--envoy-service-http-address={site.subnet.bridge}",
            f"--ingress-status-address={site.subnet.bridge}",
            "--disable-leader-election",
            *(f"--disable-feature={kind}" for kind in _NOT_WATCHED),
            f"--config-path={config}",
        ]

    def _envoy(self) -> list[str]:
        bootstrap = self._site.directory("gateway") / "envoy.json"
        done = subprocess.run(
            [
                self._site.tools.contour,
                "bootstrap",
                bootstrap,
                "--xds-address=127.0.0.1",
                f"--xds-port={_XDS_PORT}",
                "--admin-address=/run/envoy-admin.sock",  # in the cluster's own /run
                "--envoy-cafile=",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StartError(f"contour bootstrap failed:\n{done.stderr}")
        self._publish(bootstrap)
        identity = ["--service-cluster", "projectcontour", "--service-node", "envoy"]
        return [
            str(self._site.tools.envoy),
            "-c",
            str(bootstrap),
            *identity,
            "--log-level",
            "warn",
            "--concurrency",
            "1",
        ]

    def _publish(self, bootstrap: Path) -> None:
        """Let Envoy answer on the listener's own port too, as a load balancer in front of it would."""
        address = self._site.subnet.bridge
        config = json.loads(bootstrap.read_text())
        static = config["static_resources"]
        static["listeners"] = [_forward(_at(address, _PORT))]
        static["clusters"].append(_cluster(_at(address, _ENVOY_PORT)))
        bootstrap.write_text(json.dumps(config))


_PUBLISHED = "published"


def _at(address: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": address, "port_value": port}}


def _forward(address: dict[str, Any]) -> dict[str, Any]:
    kind = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
    proxy = {"@type": kind, "stat_prefix": _PUBLISHED, "cluster": _PUBLISHED}
    filters = [{"name": "envoy.filters.network.tcp_proxy", "typed_config": proxy}]
    return {"name": _PUBLISHED, "address": address, "filter_chains": [{"filters": filters}]}


def _cluster(address: dict[str, Any]) -> dict[str, Any]:
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    assignment = {"cluster_name": _PUBLISHED, "endpoints": endpoints}
    return {"name": _PUBLISHED, "type": "STATIC", "load_assignment": assignment}
