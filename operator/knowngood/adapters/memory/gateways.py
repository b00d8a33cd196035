"""Gateways in memory, which do what they are told they can."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from knowngood.decisions.gateways import GatewaySupport, Parent, Support

ALL: Final = GatewaySupport(Support.YES, Support.YES, Support.YES, "it does")


@dataclass(slots=True)
class MemoryProber:
    """The `Prober` port.

    Attributes:
        support: What every gateway does.
        tried: Which ones were tried, in order.
        may: Raises `NotLeader` when this process may not write.
    """

    support: GatewaySupport = ALL
    tried: list[Parent] = field(default_factory=list)
    may: Callable[[], object] = lambda: None

    async def prove(self, parent: Parent) -> GatewaySupport:
        """Say what the gateway does."""
        self.may()
        self.tried.append(parent)
        return self.support
