"""How this process reaches the API server: one configuration for Kopf and for our own requests."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import kopf
from kubernetes.aio import client, config

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """A loaded configuration.

    Attributes:
        kubeconfig: The file it came from; None inside a cluster.
    """

    configuration: client.Configuration
    kubeconfig: str | None

    def client(self) -> client.ApiClient:
        """Open a connection pool; close it in the end."""
        found = client.ApiClient(self.configuration)
        found.user_agent = "knowngood-operator"
        return found

    def login(self) -> kopf.ConnectionInfo:
        """Tell Kopf how to connect.

        Kopf's own logins expect the API server to be found by DNS, or another client library.
        """
        found = self.configuration
        if self.kubeconfig is None:
            _in_cluster(found)
        # The client keeps the token together with its scheme, in whatever case.
        token = found.api_key.get("BearerToken", "").rpartition(" ")[2].strip()
        return kopf.ConnectionInfo(
            server=found.host,
            ca_path=found.ssl_ca_cert,
            certificate_path=found.cert_file,
            private_key_path=found.key_file,
            scheme="Bearer" if token else None,
            token=token or None,
        )


async def connect(kubeconfig: str | None) -> Connection:
    """Load the configuration.

    Args:
        kubeconfig: A file, or None inside a cluster.

    Raises:
        config.ConfigException: There is none.
    """
    found = client.Configuration()
    if kubeconfig is None:
        await asyncio.to_thread(_in_cluster, found)
    else:
        load: Any = config.load_kube_config  # the client ships no types for its loaders
        await load(config_file=kubeconfig, client_configuration=found)
    return Connection(found, kubeconfig)


def _in_cluster(configuration: client.Configuration) -> None:
    load: Any = config.load_incluster_config  # the client ships no types for its loaders
    load(client_configuration=configuration)
