"""The earlier version that keeps a share of the requests after a promotion."""

from typing import Annotated

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.epochs import EFFECTS_KEPT, BudgetShares, FixedEffect
from knowngood.api.v1alpha1.scalars import Duration, VersionName
from knowngood.api.v1alpha1.shared import Count
from knowngood.api.v1alpha1.wire import MicroTime, Wire


class Holdback(Wire):
    """The earlier version, which keeps a share of the requests while the promoted one is in probation."""

    version: VersionName
    """The version."""

    since: MicroTime
    """When it was seen to get this share, and no more. For half a minute it keeps the pods that it had before."""

    evidence_since: MicroTime
    """Since when both versions are compared: since the first request of the rollout that was promoted."""

    shares: Annotated[tuple[BudgetShares, ...], listed(3, key="use")] = ()
    """How the false alarms of the rollout were shared, which goes on."""

    design_effects: Annotated[tuple[FixedEffect, ...], listed(EFFECTS_KEPT, key="signal")] = ()
    """How many requests count as one, as it was measured when the rollout began."""

    planned: Duration | None = None
    """Planned length of the rollout, as it was when that began."""

    withdrawals: Count = 0
    """How often it has lost its share because no pod of it was ready."""

    ends: bool | None = None
    """Whether its share ends: it goes to 0, and is not given back. Absent where it does not."""
