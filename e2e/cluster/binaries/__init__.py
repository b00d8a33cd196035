"""Where the programs of the cluster come from: built or fetched once, then kept."""

from e2e.cluster.binaries.tools import Tools

__all__ = ["Tools"]
