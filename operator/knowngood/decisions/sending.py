"""Whether the gateways of a route send copies of requests, as far as anybody knows."""

from typing import Final

from knowngood.api.v1alpha1 import Reason
from knowngood.decisions.gateways import Support, parents_wanted
from knowngood.decisions.plan import Blocked
from knowngood.decisions.situation import Situation

ALL: Final = 100


def goes_elsewhere(s: Situation) -> bool:
    """Say whether the spec wants a route of our own at other gateways than those that it has."""
    if s.route is None or not s.route.parents or s.model.spec.route_ref is not None:
        return False
    return set(parents_wanted(s.model)) != set(s.route.parents)


def can_not(s: Situation, percent: int) -> bool:
    """Say whether the gateways that have the route now are known not to send these copies; they may be new."""
    known = s.gateway
    if known is None or known.mirror is Support.UNKNOWN:
        return False
    return known.mirror is Support.NO or (percent < ALL and known.percent is not Support.YES)


def unable(s: Situation, percent: int, where: str, out: str) -> Blocked | None:
    """Say why copies can not be had; None when they can, and while that is being found out.

    Args:
        s: What was seen.
        percent: Share of the requests.
        where: The field that asks for it.
        out: What people can do about it.
    """
    known = s.gateway
    if s.route is None or known is None:
        return None
    if s.route.copied_elsewhere:
        text = f"{where}: a rule of the route has a mirror of its owner already, and a gateway need not do two: {out}"
        return Blocked(Reason.MIRROR_TAKEN, text)
    if known.mirror is Support.NO:
        return Blocked(Reason.MIRROR_UNSUPPORTED, f"{where}: {known.message}: {out}")
    if known.mirror is Support.UNKNOWN:
        text = f"{where}: whether the gateway can mirror is not known: {known.message}; it is tried again: {out}"
        return Blocked(Reason.MIRROR_NOT_PROVED, text)
    if percent < ALL and known.percent is not Support.YES:
        text = f"{where}: the gateway sends copies of all requests or of none ({known.message}): say 100, or {out}"
        return Blocked(Reason.MIRROR_UNSUPPORTED, text)
    return None
