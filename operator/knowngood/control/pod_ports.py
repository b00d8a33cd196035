"""What is needed to ask pods themselves, past every gateway."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from knowngood.api.v1alpha1 import GoldenRequest
from knowngood.decisions.golden_answers import Answer


@dataclass(frozen=True, slots=True)
class Address:
    """Where a pod is reached: an IP address, and the number of a port."""

    host: str
    port: int


class Addresses(Protocol):
    """Where pods are reached."""

    def addresses(self, namespace: str, service: str, port: str) -> Mapping[str, Address]:
        """Address of every ready pod of a Service, by the pod's name; `port` is the name of the Service's port."""
        ...


class Asker(Protocol):
    """Sends golden requests."""

    async def ask(self, address: Address, golden: GoldenRequest) -> Answer:
        """Send one to a pod; returns what came, or why nothing did. Takes five seconds at most."""
        ...
