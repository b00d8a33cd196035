"""A real Kubernetes cluster without Docker, for the demo, the tests and a person at a prompt."""

from e2e.cluster.cluster import Cluster
from e2e.cluster.doorway import Doorway
from e2e.cluster.options import ClusterOptions, Image, Part

__all__ = ["Cluster", "ClusterOptions", "Doorway", "Image", "Part"]
