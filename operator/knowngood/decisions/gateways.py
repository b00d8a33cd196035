"""What gateways can do with a route, as far as anybody knows."""

from dataclasses import dataclass
from enum import StrEnum

from knowngood.api.v1alpha1 import AIModelDeployment


class Support(StrEnum):
    """Whether a gateway can do something: Yes, No, or Unknown when it could be neither seen nor read."""

    YES = "Yes"
    NO = "No"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, order=True)
class Parent:
    """A Gateway that a route attaches to, or one listener of it; `section` is empty for all."""

    namespace: str
    name: str
    section: str = ""


def parents_wanted(model: AIModelDeployment) -> tuple[Parent, ...]:
    """Gateways that the spec wants a route of the model's own to attach to."""
    gateway = model.spec.traffic.gateway_api if model.spec.traffic else None
    home = model.metadata.namespace
    refs = gateway.parent_refs if gateway else ()
    return tuple(Parent(r.namespace or home, r.name, r.section_name or "") for r in refs)


@dataclass(frozen=True, slots=True)
class GatewaySupport:
    """What a gateway was found to do.

    Attributes:
        mirror: It sends copies of requests to a second Service.
        percent: It sends copies of a part of them, and not of all.
        header: It sets a header in the answers of one backend alone.
        message: How that is known, or why it is not.
    """

    mirror: Support
    percent: Support = Support.UNKNOWN
    header: Support = Support.UNKNOWN
    message: str = ""


def of_all(found: tuple[GatewaySupport, ...]) -> GatewaySupport:
    """What a route can rely on that attaches to several gateways: what each of them does."""
    worst = (Support.NO, Support.UNKNOWN, Support.YES)
    return GatewaySupport(
        min((one.mirror for one in found), key=worst.index, default=Support.UNKNOWN),
        min((one.percent for one in found), key=worst.index, default=Support.UNKNOWN),
        min((one.header for one in found), key=worst.index, default=Support.UNKNOWN),
        "; ".join(dict.fromkeys(one.message for one in found if one.message)),
    )
