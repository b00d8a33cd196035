"""Contour and Envoy: Gateway `public` in namespace `gateways`, for routes of all namespaces."""

import subprocess

import yaml

from e2e.cluster.errors import StartError
from e2e.cluster.site import Site

NAMESPACE = "gateways"
NAME = "public"
_LISTENER_PORT = 80
_ENVOY_PORT = 8080  # Contour adds 8000 to ports that only root may use, and so to ours
_XDS_PORT = 18000
_STATS_PORT = 18004
_READY_HOST = "ready.gateways.internal"

_MANIFESTS = f"""
apiVersion: v1
kind: Namespace
metadata: {{name: {NAMESPACE}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {{name: contour}}
spec: {{controllerName: projectcontour.io/gateway-controller}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: {NAME}, namespace: {NAMESPACE}}}
spec:
  gatewayClassName: contour
  listeners:
  - name: http
    protocol: HTTP
    port: {_LISTENER_PORT}
    allowedRoutes: {{namespaces: {{from: All}}}}
---
# Envoy opens its port only once a route is attached: this one is, from the start, and its answer
# shows that the whole path works.
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: ready, namespace: {NAMESPACE}}}
spec:
  parentRefs: [{{name: {NAME}}}]
  hostnames: [{_READY_HOST}]
  rules:
  - filters:
    - type: RequestRedirect
      requestRedirect: {{hostname: {_READY_HOST}, statusCode: 302}}
"""

# Contour reads older versions of these kinds than the installed definitions serve.
_NOT_WATCHED = ("tlsroutes", "tcproutes", "backendtlspolicies", "extensionservices")


class LocalGateway:
    """Starts the gateway of a site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def url(self) -> str:
        """Where clients reach it, from the host as from pods."""
        return f"http://{self._site.subnet.bridge}:{_ENVOY_PORT}"

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
        site.kubectl("apply", "--server-side", "-f", str(site.tools.gateway_crds))
        site.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s")
        site.kubectl("apply", "--server-side", "-f", "-", stdin=_MANIFESTS)
        site.namespace.start("contour", self._contour(), {})
        site.launch(
            "envoy",
            self._envoy(),
            ready=lambda: site.answers(self.url, host=_READY_HOST, status=302),
        )

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
