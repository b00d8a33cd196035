"""Traefik: Gateway `second` in namespace `gateways`, for what must hold on more than one gateway."""

from e2e.cluster.gatewayapi import NAMESPACE, GatewayApi
from e2e.cluster.site import Site

NAME = "second"
_PORT = 8090  # Traefik serves a listener only where an entry point has the same port
_LIFE = "8760h"  # of the token: as long as the cluster's certificates

# What it reads, and nothing more: one kind that it may not list holds all of it up.
_MANIFESTS = f"""
apiVersion: v1
kind: ServiceAccount
metadata: {{name: traefik, namespace: {NAMESPACE}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: traefik-gateway}}
rules:
- apiGroups: [""]
  resources: [configmaps, namespaces, secrets, services]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
- apiGroups: [gateway.networking.k8s.io]
  resources:
  - backendtlspolicies
  - gatewayclasses
  - gateways
  - grpcroutes
  - httproutes
  - referencegrants
  - tlsroutes
  verbs: [list, watch]
- apiGroups: [gateway.networking.k8s.io]
  resources: [gatewayclasses/status, gateways/status, httproutes/status]
  verbs: [update]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: traefik-gateway}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: traefik-gateway}}
subjects: [{{kind: ServiceAccount, name: traefik, namespace: {NAMESPACE}}}]
"""


class LocalTraefik:
    """Starts the second gateway of a site."""

    def __init__(self, site: Site, gateway_api: GatewayApi) -> None:
        self._site = site
        self._gateway_api = gateway_api

    @property
    def url(self) -> str:
        """Where clients reach it, from the host as from pods."""
        return f"http://{self._site.subnet.bridge}:{_PORT}"

    def start(self) -> None:
        """Start it and return when a request passes.

        Raises:
            StartError: it did not become ready.
        """
        site = self._site
        self._gateway_api.add(
            NAME, kind="traefik", controller="traefik.io/gateway-controller", port=_PORT
        )
        site.kubectl("apply", "--server-side", "-f", "-", stdin=_MANIFESTS)
        site.launch(
            "traefik", self._traefik(), ready=lambda: self._gateway_api.answers(NAME, self.url)
        )

    def _traefik(self) -> list[str]:
        site = self._site
        address = site.subnet.bridge
        token = site.directory("traefik") / "token"
        token.touch(mode=0o600)
        token.write_text(
            site.kubectl("-n", NAMESPACE, "create", "token", "traefik", f"--duration={_LIFE}")
        )
        provider = "--providers.kubernetesgateway"
        return [
            str(site.tools.traefik),
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            f"--entrypoints.http.address={address}:{_PORT}",
            f"{provider}=true",
            f"{provider}.endpoint={site.api_url}",
            f"{provider}.certauthfilepath={site.authority.own.certificate}",
            f"{provider}.token={token}",  # a path, or everybody could read it in the process list
            f"{provider}.statusaddress.ip={address}",
            "--log.level=INFO",
        ]
