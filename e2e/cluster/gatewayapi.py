"""What both gateways of a cluster have in common: kinds, a namespace, and how they say that they are ready."""

import threading

from e2e.cluster.site import Site

NAMESPACE = "gateways"

_GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {{name: {kind}}}
spec: {{controllerName: {controller}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  gatewayClassName: {kind}
  listeners:
  - name: http
    protocol: HTTP
    port: {port}
    allowedRoutes: {{namespaces: {{from: All}}}}
---
# Envoy opens its port only once a route is attached: this one is, from the start, and its answer
# shows that the whole path works.
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: {name}-ready, namespace: {namespace}}}
spec:
  parentRefs: [{{name: {name}}}]
  hostnames: [{host}]
  rules:
  - filters:
    - type: RequestRedirect
      requestRedirect: {{hostname: {host}, statusCode: 302}}
"""


class GatewayApi:
    """The Gateway API of a site; several gateways that start side by side may share it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._installed = False

    def add(self, name: str, *, kind: str, controller: str, port: int) -> None:
        """Make a Gateway, its class, and a route by which it can show that it is ready.

        Args:
            name: Of the Gateway.
            kind: Name of its class.
            controller: Whose Gateways those of the class are.
            port: Of its listener `http`, which takes routes of all namespaces.
        """
        self._install()
        text = _GATEWAY.format(
            name=name,
            namespace=NAMESPACE,
            kind=kind,
            controller=controller,
            port=port,
            host=_ready_host(name),
        )
        self._site.kubectl("apply", "--server-side", "-f", "-", stdin=text)

    def answers(self, name: str, url: str) -> bool:
        """Tell whether a request passes through the Gateway, which answers at the URL."""
        return self._site.answers(url, host=_ready_host(name), status=302)

    def _install(self) -> None:
        with self._lock:
            if self._installed:
                return
            site = self._site
            site.kubectl("apply", "--server-side", "-f", str(site.tools.gateway_crds))
            site.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s")
            site.kubectl("create", "namespace", NAMESPACE)
            self._installed = True


def _ready_host(name: str) -> str:
    return f"ready.{name}.gateways.internal"
