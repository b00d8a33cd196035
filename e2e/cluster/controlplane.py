"""etcd, the API server and the controllers, as plain processes."""

from collections.abc import Sequence
from pathlib import Path

from e2e.cluster import audit
from e2e.cluster.site import Site

_ETCD = "http://127.0.0.1:2379"
_ETCD_PEER = "http://127.0.0.1:2380"

# Neither the scheduler nor the node lifecycle is among them: the node binds pods itself, and a
# slow machine must not have its only node declared dead.
_CONTROLLERS = (
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemonset-controller",
    "deployment-controller",
    "disruption-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
    "horizontal-pod-autoscaler-controller",
    "job-controller",
    "namespace-controller",
    "pod-garbage-collector-controller",
    "replicaset-controller",
    "resourcequota-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "statefulset-controller",
)


class ControlPlane:
    """Starts the control plane of a site; the API server can be stopped and started again."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def start(self) -> None:
        """Start all of it and return when the controllers have made the first objects.

        Raises:
            StartError: a program did not become ready.
        """
        site = self._site
        site.namespace.start("etcd", _etcd(site), {})
        self.start_api_server()
        account = f"{site.api_url}/api/v1/namespaces/default/serviceaccounts/default"
        site.launch(
            "kube-controller-manager", _controllers(site), ready=lambda: site.answers(account)
        )

    def start_api_server(self) -> None:
        """Start the API server and return when it says that it is ready."""
        site = self._site
        url = f"{site.api_url}/readyz"
        site.launch("kube-apiserver", _api_server(site), ready=lambda: site.answers(url))

    def stop_api_server(self) -> None:
        """Stop the API server; returns when its port is free again."""
        self._site.namespace.stop("kube-apiserver", grace_s=2)


def _etcd(site: Site) -> Sequence[str | Path]:
    return [
        site.tools.etcd,
        "--name=knowngood",
        f"--data-dir={site.directory('etcd')}",
        f"--listen-client-urls={_ETCD}",
        f"--advertise-client-urls={_ETCD}",
        f"--listen-peer-urls={_ETCD_PEER}",
        f"--initial-advertise-peer-urls={_ETCD_PEER}",
        f"--initial-cluster=knowngood={_ETCD_PEER}",
        "--unsafe-no-fsync",  # the data does not outlive the cluster
        "--log-level=warn",
    ]


def _api_server(site: Site) -> Sequence[str | Path]:
    address = site.subnet.bridge
    names = ["DNS:localhost", "DNS:kubernetes.default.svc", "IP:127.0.0.1", f"IP:{address}"]
    server = site.authority.issue("api-server", "/CN=kube-apiserver", addresses=names)
    tokens = site.authority.tokens
    return [
        site.tools.kube_apiserver,
        f"--etcd-servers={_ETCD}",
        "--bind-address=0.0.0.0",
        f"--advertise-address={address}",
        "--secure-port=6443",
        f"--tls-cert-file={server.certificate}",
        f"--tls-private-key-file={server.key}",
        f"--client-ca-file={site.authority.own.certificate}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={tokens.certificate}",
        f"--service-account-signing-key-file={tokens.key}",
        f"--service-cluster-ip-range={site.subnet.services}",
        "--authorization-mode=Node,RBAC",
        # It taints new nodes until the node lifecycle controller, which we leave out, clears them.
        "--disable-admission-plugins=TaintNodesByCondition",
        "--kubelet-preferred-address-types=InternalIP",
        f"--kubelet-client-certificate={site.admin.certificate}",
        f"--kubelet-client-key={site.admin.key}",
        "--profiling=false",
        *audit.options(site.run_dir),
    ]


def _controllers(site: Site) -> Sequence[str | Path]:
    client = site.authority.issue("kube-controller-manager", "/CN=system:kube-controller-manager")
    kubeconfig = site.authority.kubeconfig(
        site.run_dir / "kube-controller-manager.kubeconfig", site.api_url, client
    )
    return [
        site.tools.kube_controller_manager,
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        f"--service-account-private-key-file={site.authority.tokens.key}",
        f"--root-ca-file={site.authority.own.certificate}",
        "--use-service-account-credentials=true",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        "--secure-port=10257",
        f"--controllers={','.join(_CONTROLLERS)}",
        "--horizontal-pod-autoscaler-sync-period=2s",  # by default it looks every 15 s
    ]
