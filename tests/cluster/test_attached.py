import base64
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from e2e.cluster import Cluster
from e2e.cluster.errors import ClusterError, KubectlFailed, NotOursError


def test_attached_cluster_answers_and_outlives_its_guest(control_plane: Cluster) -> None:
    with Cluster.attach(control_plane.kubeconfig, gateway_url="http://gateway.test") as guest:
        assert "kube-system" in guest.kubectl("get", "namespaces")
        assert guest.gateway_url == "http://gateway.test"

    assert "kube-system" in control_plane.kubectl("get", "namespaces")


def test_nothing_of_an_attached_cluster_is_stopped_or_killed() -> None:
    guest = Cluster.attach(Path("/nowhere"))

    for touch in (guest.stop_prometheus, guest.start_prometheus, guest.stop_api_server):
        with pytest.raises(NotOursError):
            touch()
    with pytest.raises(NotOursError):
        guest.kill_pod("default", "pod")
    with pytest.raises(NotOursError):
        guest.set_image("image", ["program"])


def test_a_part_that_is_not_there_is_named(control_plane: Cluster) -> None:
    with pytest.raises(ClusterError, match="gateway"):
        _ = control_plane.gateway_url
    with pytest.raises(ClusterError, match="second-gateway"):
        _ = control_plane.second_gateway_url
    with pytest.raises(ClusterError, match="prometheus"):
        _ = control_plane.prometheus_url


def test_failed_kubectl_says_what_kubectl_said(control_plane: Cluster) -> None:
    with pytest.raises(KubectlFailed, match="notfound") as failed:
        control_plane.kubectl("get", "pod", "notfound")

    assert failed.value.code == 1
    assert "NotFound" in failed.value.stderr


def test_certificates_pass_the_strictest_check(control_plane: Cluster) -> None:
    access = yaml.safe_load(control_plane.kubeconfig.read_text())["clusters"][0]["cluster"]
    authority = base64.b64decode(access["certificate-authority-data"]).decode()
    strict = ssl.create_default_context(cadata=authority)
    strict.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    url = urlsplit(access["server"])
    assert url.hostname

    with (
        socket.create_connection((url.hostname, url.port or 443)) as plain,
        strict.wrap_socket(plain, server_hostname=url.hostname) as secured,
    ):
        assert secured.version() == "TLSv1.3"
