"""The policy that watches the loan model in a story."""

from dataclasses import dataclass
from typing import Any, Final

from e2e.bed.loan import PROCESS

Json = dict[str, Any]

APPROVALS: Final = "approval-rate-drop"
ERRORS: Final = "error-rate-rise"
SHADOW: Final = "worse-than-shadow"
LIMIT: Final = "too-many-errors"
COUNTED: Final = "counted"


_LIMIT: Final[Json] = {
    "name": LIMIT,
    "signal": {"name": "error-rate"},
    "severity": "Critical",
    "roles": ["Stable"],
    "test": {"threshold": {"above": "0.1", "window": "1m", "minSamples": 100}},
}
_SHIFT: Final[Json] = {
    "name": "fall-back",
    "when": {"roles": ["Stable"], "triggers": [LIMIT]},
    "actions": [{"shiftToShadow": {}}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanPolicy:
    """One IncidentPolicy: approvals must not fall and errors must not rise, against stable.

    Attributes:
        namespace: Where it is.
        mode: Observe or Act.
        min_samples: Requests of each version before it is called healthy.
        false_alarms: Share of the good rollouts that may be taken back by mistake. It is small,
            so that a story about a good version is true a thousand times in a row.
        shadow: Whether the errors of the version that serves are held against the one that stands by.
        contains: Whether the version that serves loses the requests to the one that stands by, at too many errors.
        approval: Who decides about that; nobody is asked where it is empty.
        escalation: Who is told of incidents, and when; the default receivers where it is empty.
    """

    namespace: str
    mode: str = "Act"
    min_samples: int = 100
    false_alarms: str = "0.1%"
    shadow: bool = False
    contains: bool = False
    approval: tuple[Json, ...] = ()
    escalation: tuple[Json, ...] = ()

    @property
    def name(self) -> str:
        """Name of the object."""
        return "lending"

    def manifest(self) -> Json:
        """Return the IncidentPolicy."""
        effect = {"effect": {"atLeast": "5pp", "over": "1h"}}
        return {
            "apiVersion": "knowngood.dev/v1alpha1",
            "kind": "IncidentPolicy",
            "metadata": {"name": self.name, "namespace": self.namespace},
            "spec": {
                "selector": {"matchLabels": {"process": PROCESS}},
                "mode": self.mode,
                "triggers": [
                    self._trigger(APPROVALS, "approval-rate", "Critical", "Decrease", effect),
                    self._trigger(ERRORS, "error-rate", "High", "Increase", {}),
                    *([self._of_shadow()] if self.shadow else []),
                    *([_LIMIT] if self.contains else []),
                ],
                "responses": [
                    *([_SHIFT] if self.contains else []),
                    {"name": "take-it-back", "actions": [{"rollback": {}}]},
                ],
                "approval": list(self.approval),
                "escalation": list(self.escalation),
                "limits": {"falseAlarmBudget": {"perRollout": self.false_alarms}},
            },
        }

    def _of_shadow(self) -> Json:
        more = {"comparedTo": "Shadow"}
        found = self._trigger(SHADOW, "error-rate", "High", "Increase", more)
        return {**found, "roles": ["Stable"]}

    def _trigger(self, name: str, signal: str, severity: str, direction: str, more: Json) -> Json:
        test = {
            "comparedTo": "Stable",
            "direction": direction,
            "minSamples": self.min_samples,
            **more,
        }
        return {
            "name": name,
            "signal": {"name": signal},
            "severity": severity,
            "test": {"proportion": test},
        }


def counting(namespace: str) -> Json:
    """A policy that takes no action, and counts each request of the canary as soon as it is read.

    What two versions are compared by is counted by spans in which both answered, and the last one may stay open.
    """
    test = {"threshold": {"above": "0.99", "window": "1h", "minSamples": 1}}
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "IncidentPolicy",
        "metadata": {"name": "counts", "namespace": namespace},
        "spec": {
            "selector": {},
            "mode": "Observe",
            "triggers": [{"name": COUNTED, "signal": {"name": "error-rate"}, "test": test}],
        },
    }
