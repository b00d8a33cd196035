"""Where a gateway answers, as its own objects say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from knowngood.decisions.gateways import GatewaySupport, Parent, Support

MIRROR: Final = "HTTPRouteRequestMirror"
PERCENT: Final = "HTTPRouteRequestPercentageMirror"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a probe's requests go.

    Attributes:
        url: Scheme, address and port.
        host: A host name that nobody else uses where the listener leaves that open.
    """

    url: str
    host: str


def target_of(gateway: Mapping[str, Any], parent: Parent, nonce: str) -> Target | None:
    """Find a listener that can be asked; None when the gateway has no address or no such listener yet."""
    addresses = (gateway.get("status") or {}).get("addresses") or []
    listeners = [
        one
        for one in (gateway.get("spec") or {}).get("listeners") or ()
        if parent.section in {"", one["name"]} and one["protocol"] in _SCHEMES
    ]
    if not addresses or not listeners:
        return None
    chosen = min(listeners, key=lambda one: list(_SCHEMES).index(one["protocol"]))
    value = str(addresses[0]["value"])
    address = f"[{value}]" if ":" in value else value
    url = f"{_SCHEMES[chosen['protocol']]}://{address}:{chosen['port']}"
    return Target(url, _host(chosen.get("hostname") or "", nonce))


_SCHEMES: Final = {"HTTP": "http", "HTTPS": "https"}


def _host(hostname: str, nonce: str) -> str:
    if hostname.startswith("*."):
        return f"knowngood-{nonce}{hostname[1:]}"
    return hostname or f"{nonce}.probe.knowngood.dev"


def said_by(gateway_class: Mapping[str, Any]) -> GatewaySupport | None:
    """What a GatewayClass lists about mirrors; None when it lists nothing at all."""
    listed = (gateway_class.get("status") or {}).get("supportedFeatures") or []
    names = {one["name"] if isinstance(one, Mapping) else str(one) for one in listed}
    if not names:
        return None
    mirror, percent = (Support.YES if name in names else Support.NO for name in (MIRROR, PERCENT))
    words = "lists" if mirror is Support.YES else "does not list"
    name = gateway_class["metadata"]["name"]
    return GatewaySupport(mirror, percent, message=f"GatewayClass {name} {words} {MIRROR}")
