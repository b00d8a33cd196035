"""Answers that name the version which gave them, where the gateways were seen to do that."""

from collections.abc import Sequence
from dataclasses import replace

from knowngood.api.v1alpha1 import AIModelDeployment, VersionHeader
from knowngood.decisions.gateways import Parent, Support
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.situation import RouteView, Situation


def wanted_header(model: AIModelDeployment) -> str:
    """Name of the header that the spec asks for; empty when it asks for none."""
    gateway = model.spec.traffic.gateway_api if model.spec.traffic else None
    return (gateway.version_header if gateway else None) or ""


def header_on(name: str, parents: Sequence[Parent]) -> VersionHeader:
    """The header, as it is known to be set by these gateways."""
    gateways = sorted({f"{parent.namespace}/{parent.name}" for parent in parents})
    return VersionHeader(name=name, gateways=", ".join(gateways)[:1024])


def is_unsigned(model: AIModelDeployment, route: RouteView) -> bool:
    """Say whether a header is wanted that the gateways of the route are not known to set."""
    name, traffic = wanted_header(model), model.status.traffic if model.status else None
    if not name or traffic is None or not route.parents:
        return False
    return traffic.version_header != header_on(name, route.parents)


def sign(s: Situation, plan: Plan) -> Plan:
    """Decide whether answers carry the header; what gateways were not seen to do is not asked of them."""
    name = wanted_header(s.model)
    if not name or s.route is None or not s.route.parents:
        return replace(plan, header=None)
    header = header_on(name, s.route.parents)
    if plan.header == header:
        return plan
    if s.gateway is None:
        return replace(plan, header=None)
    if s.gateway.header is Support.YES:
        text = f"answers name their version in the header {name}"
        told = plan.tell(Notice("AnswersSigned", text, f"header/{name}/{header.gateways}"))
        return replace(told, header=header)
    text = (
        f"spec.traffic.gatewayAPI.versionHeader: answers do not carry {name}: {header.gateways} was not seen to set a "
        "header for one version alone"
    )
    if s.gateway.header is Support.UNKNOWN and s.gateway.message:
        text = f"{text}: {s.gateway.message}"
    key = f"no-header/{name}/{header.gateways}/{s.gateway.header}"
    return replace(plan, header=None).tell(Notice("AnswersNotSigned", text, key, warning=True))
