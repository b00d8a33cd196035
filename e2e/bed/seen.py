"""What a model's object says, as stories ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Condition,
    DeploymentStatus,
    Phase,
    WaitingFor,
)
from knowngood.decisions.phases import SERVING


@dataclass(frozen=True, slots=True)
class Told:
    """An Event."""

    reason: str
    note: str
    is_warning: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A model at one moment; without an object everything is empty.

    Attributes:
        status: As the operator wrote it.
        exists: Whether there is such an object.
    """

    status: DeploymentStatus = field(default_factory=DeploymentStatus)
    exists: bool = False

    @classmethod
    def of(cls, body: Mapping[str, Any] | None) -> "Seen":
        """Read an AIModelDeployment."""
        if body is None:
            return cls()
        model = AIModelDeployment.model_validate(body)
        return cls(model.status or DeploymentStatus(), exists=True)

    @property
    def phase(self) -> Phase | None:
        """Where the model is."""
        return self.status.phase

    @property
    def stable(self) -> str:
        """The version that answers users."""
        return self.status.versions.stable if self.status.versions else ""

    @property
    def step(self) -> int | None:
        """Index of the rollout's present step; None without a rollout."""
        return self.status.rollout.step if self.status.rollout else None

    @property
    def waits_for(self) -> WaitingFor | None:
        """What the rollout waits for."""
        return self.status.rollout.waiting_for if self.status.rollout else None

    @property
    def weights(self) -> dict[str, int]:
        """Share of the requests by version that was asked for, in percent; only shares above 0."""
        backends = self.status.traffic.backends if self.status.traffic else ()
        return {b.version: b.weight for b in backends if b.weight}

    @property
    def applied(self) -> dict[str, int]:
        """Likewise, as the gateway was seen to do it."""
        backends = self.status.traffic.backends if self.status.traffic else ()
        return {b.version: b.applied_weight for b in backends if b.applied_weight}

    @property
    def intent(self) -> str:
        """Identity of the last change of weights; empty before the first one."""
        traffic = self.status.traffic
        return traffic.intent.id if traffic and traffic.intent else ""

    def condition(self, kind: str) -> Condition | None:
        """A condition by its type."""
        return next((c for c in self.status.conditions if c.type == kind), None)

    def says(self, kind: str, reason: str = "", *, true: bool) -> bool:
        """Say whether a condition is there with this status, and for this reason if one is given."""
        found = self.condition(kind)
        return (
            found is not None and (found.status == "True") is true and reason in {"", found.reason}
        )

    def serves(self, version: str) -> bool:
        """Say whether a version alone answers, and nothing is going on."""
        return (
            self.phase in SERVING
            and self.stable == version
            and self.applied in ({version: 100}, {})
        )
